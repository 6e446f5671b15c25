"""ListPublicKeys: the keys under which digests of a time open, of this region.

Source: AWS CloudTrail API Reference, ListPublicKeys (without times the key of now); that a key of
now is made if there is none yet, and the size of a page, are chosen.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from regions.errors import InvalidTimeRangeException, InvalidTokenException
from regions.trail.digest_keys import DigestKey
from regions.trail.operation import Desk, Operation
from sim.units import NS_PER_SECOND, seconds

#: Keys of one answer; chosen.
PAGE_MAX: Final = 50


def _token(key: DigestKey) -> str:
    """Return a token that names the last key of a page."""
    return hashlib.sha256(b"ListPublicKeys" + key.public).hexdigest()[:32]


def _at(parameters: Mapping[str, Any], member: str, now_ns: int) -> int:
    return seconds(parameters[member]) if parameters.get(member) is not None else now_ns


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    start_ns = _at(parameters, "StartTime", desk.now_ns)
    end_ns = _at(parameters, "EndTime", desk.now_ns)
    if start_ns > end_ns:
        raise InvalidTimeRangeException("The start time must be earlier than the end time.")
    found = desk.states["digest"].keys.valid(start_ns, end_ns)
    token, begin = parameters.get("NextToken"), 0
    if token:
        ends = [place for place, key in enumerate(found, 1) if _token(key) == token]
        if not ends:
            raise InvalidTokenException("The token is invalid.")
        begin = ends[0]
    page = found[begin : begin + PAGE_MAX]
    body: dict[str, Any] = {
        "PublicKeyList": [
            {
                "Value": key.public,
                "ValidityStartTime": key.start_ns // NS_PER_SECOND,
                "ValidityEndTime": key.end_ns // NS_PER_SECOND,
                "Fingerprint": key.fingerprint,
            }
            for key in page
        ]
    }
    if begin + PAGE_MAX < len(found):
        body["NextToken"] = _token(page[-1])
    return body


OPERATION = Operation(name="ListPublicKeys", perform=_perform, read_only=True, awaits_key=True)
