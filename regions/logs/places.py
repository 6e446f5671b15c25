"""How answers and tokens name what is in a log group: ARNs, event ids, tokens of pages.

An event id is the event's place as one number of 56 digits, so ids order as events do.
What does not belong here: what is on a page (operations/).
Source: CloudWatch Logs API Reference, examples of GetLogEvents and FilterLogEvents; Service
Authorization Reference, "Amazon CloudWatch Logs", for ARNs.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final

from regions.api.errors import InvalidParameterException
from regions.logs.state import Place
from regions.names import partition

#: An id is the time in ms, shifted by this, and the event's number.
_TIME_SHIFT: Final = 144
_DIGITS: Final = 56
#: Times after the year 2111 take more.
_DIGITS_MAX: Final = 64
_ID: Final = rf"\d{{{_DIGITS},{_DIGITS_MAX}}}"
_TOKEN: Final = re.compile(rf"([fb])/({_ID})/s", re.ASCII)
_BAD_TOKEN: Final = "The specified nextToken is invalid."  # noqa: S105 - of a page


def group_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of a log group, without ``:*``."""
    return f"arn:{partition(region)}:logs:{region}:{account}:log-group:{name}"


def stream_arn(region: str, account: str, group: str, name: str) -> str:
    """Return the ARN of a stream."""
    return f"{group_arn(region, account, group)}:log-stream:{name}"


def event_id(place: Place) -> str:
    """Return the id of an event: 56 decimal digits."""
    return f"{(place[0] << _TIME_SHIFT) + place[1]:0{_DIGITS}d}"


def place_of_id(text: str) -> Place:
    """Return the place that an id in a token names.

    Raises:
      InvalidParameterException: it is no id.
    """
    if re.fullmatch(_ID, text, re.ASCII) is None:
        raise InvalidParameterException(_BAD_TOKEN)
    number = int(text)
    return number >> _TIME_SHIFT, number & ((1 << _TIME_SHIFT) - 1)


def walk_token(direction: str, place: Place) -> str:
    """Return the token for the events after (``f``) or before (``b``) a place."""
    return f"{direction}/{event_id(place)}/s"


def read_walk_token(text: str) -> tuple[str, Place]:
    """Return direction and place of a token.

    Raises:
      InvalidParameterException: it is none.
    """
    match = _TOKEN.fullmatch(text)
    if match is None:
        raise InvalidParameterException(_BAD_TOKEN)
    return match[1], place_of_id(match[2])


def page_token(*parts: str) -> str:
    """Return an opaque token that remembers texts."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode()


def read_page_token(text: str, count: int) -> list[str]:
    """Return the texts that a token remembers.

    Raises:
      InvalidParameterException: it is none, or has another number of them.
    """
    try:
        parts = base64.b64decode(text.encode(), b"-_", validate=True).decode().split("\n")
    except (binascii.Error, ValueError):
        parts = []
    if len(parts) != count:
        raise InvalidParameterException(_BAD_TOKEN)
    return parts


def page(items: Sequence[dict[str, Any]], parameters: Any, member: str, key: str) -> dict[str, Any]:
    """Return one page of a listing that is in order.

    Args:
      items: all of it, as answers show them.
      parameters: of the request: ``limit``, at most and by default 50, and ``nextToken``.
      member: of the answer, which has the page.
      key: the items' member that a token remembers.
    """
    start = 0
    if "nextToken" in parameters:
        (last,) = read_page_token(parameters["nextToken"], 1)
        names = [item[key] for item in items]
        # What was listed last may be gone by now: then the listing goes on behind where it was.
        start = names.index(last) + 1 if last in names else sum(name <= last for name in names)
    limit = parameters.get("limit", 50)
    shown = items[start : start + limit]
    answer: dict[str, Any] = {member: list(shown)}
    if len(items) > start + limit:
        answer["nextToken"] = page_token(shown[-1][key])
    return answer
