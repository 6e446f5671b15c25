"""Asks the admin interface of a running `nines serve`.

What does not belong here: the interface (regions/live/admin.py), and what is printed.
"""

import json
import os
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from regions.live.address import NoAddress, read_address
from scenarios.commands.shared import InputError

#: A calendar that is moved by years takes its time; chosen.
_TIMEOUT_S: Final = 600.0
#: An address of this machine needs no proxy, whatever the environment says.
_OPENER: Final = build_opener(ProxyHandler({}))


def ask(data: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Return the JSON of one answer.

    Args:
      data: the server's data folder, where its address is unless the environment has it.

    Raises:
      InputError: there is no server, or it refuses; the text says what was expected.
    """
    try:
        address = read_address(data, os.environ)
    except NoAddress as error:
        raise InputError(str(error)) from error
    if not address.url.startswith("http://"):
        raise InputError(f"admin address {address.url!r}: expected http://HOST:PORT")
    request = Request(  # noqa: S310 - http, as was just looked at
        f"{address.url}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {address.token}"},
    )
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as answer:
            return json.load(answer)
    except HTTPError as error:
        with error:
            text = error.read()
        raise InputError(_reason(text) or f"{address.url} answers {error.code}") from error
    except (URLError, OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(
            f"no server answers at {address.url} ({reason}); expected a running `nines serve`"
        ) from error


def _reason(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return ""
