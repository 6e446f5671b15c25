"""Where the admin interface of a running server is, and the token that it wants.

The server writes ``admin.json`` into its data folder, readable by its owner only; the environment
overrules it. What does not belong here: the interface itself (admin.py).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from sim.data_folder import write_durably

ADDRESS_FILE: Final = "admin.json"
#: Admin interfaces listen for this machine only.
ADMIN_HOST: Final = "127.0.0.1"
URL_VARIABLE: Final = "NINES_ADMIN_URL"
TOKEN_VARIABLE: Final = "NINES_ADMIN_TOKEN"  # noqa: S105 - a name, not a token
_TOKEN_BYTES: Final = 32


class NoAddress(Exception):
    """Nobody says where a server is; the text says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach one admin interface."""

    url: str
    token: str = field(repr=False)


def write_address(folder: Path, port: int) -> Address:
    """Draw a token, write it with the address into the data folder, and return both."""
    address = Address(f"http://{ADMIN_HOST}:{port}", token_urlsafe(_TOKEN_BYTES))
    text = json.dumps({"url": address.url, "token": address.token, "pid": os.getpid()})
    write_durably(folder / ADDRESS_FILE, text.encode() + b"\n")
    return address


def read_address(folder: Path, environment: Mapping[str, str]) -> Address:
    """Return the address that the environment gives, or else the data folder.

    Raises:
      NoAddress: neither does.
    """
    url, token = environment.get(URL_VARIABLE, ""), environment.get(TOKEN_VARIABLE, "")
    if url and token:
        return Address(url.rstrip("/"), token)
    if url or token:
        missing = TOKEN_VARIABLE if url else URL_VARIABLE
        raise NoAddress(f"{missing} is not set; expected both {URL_VARIABLE} and {TOKEN_VARIABLE}")
    path = folder / ADDRESS_FILE
    try:
        found = json.loads(path.read_text())
        return Address(str(found["url"]), str(found["token"]))
    except FileNotFoundError:
        raise NoAddress(
            f"no server has run in {str(folder)!r}; expected --data DIR of a running `nines serve`"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAddress(f"{path} cannot be read: {error}") from error
