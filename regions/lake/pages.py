"""Pages of listings and of results: a token remembers what was shown, and of which request.

What does not belong here: what is listed (operations/).
Source: CloudTrail API Reference, MaxResults and NextToken of the List actions.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from regions.errors import InvalidMaxResultsException, InvalidNextTokenException

#: Source: API Reference, MaxResults.
PAGE_MAX: Final = 1000
_DIGEST: Final = 16


def page(
    items: Sequence[Any],
    parameters: Any,
    member: str,
    *,
    limit: str = "MaxResults",
    most: int = PAGE_MAX,
) -> dict[str, Any]:
    """Return one page of a listing that grows at its end only, and the token of the next one.

    Args:
      items: all of it, as answers show them.
      member: of the answer, which has the page.
      limit: the parameter that says how many at most.

    Raises:
      InvalidMaxResultsException: it is out of range.
      InvalidNextTokenException: the token was not given for this request.
    """
    size = parameters.get(limit, most)
    if not 1 <= size <= most:
        raise InvalidMaxResultsException(f"{limit} {size}: expected 1 to {most}.")
    begin = _place(parameters)
    shown = items[begin : begin + size]
    body: dict[str, Any] = {member: list(shown)}
    if len(items) > begin + size:
        body["NextToken"] = f"{_digest(parameters)}{begin + size:08x}"
    return body


def _place(parameters: Any) -> int:
    token = parameters.get("NextToken")
    if token is None:
        return 0
    digest, place = token[:_DIGEST], token[_DIGEST:]
    try:
        number = int(place, 16)
    except ValueError:
        number = -1
    if digest != _digest(parameters) or number < 0:
        raise InvalidNextTokenException("Invalid pagination token.")
    return number


def _digest(parameters: Any) -> str:
    """Return hexadecimal digits that differ for every other request."""
    asked = {name: parameters[name] for name in sorted(parameters) if name != "NextToken"}
    return hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()[:_DIGEST]
