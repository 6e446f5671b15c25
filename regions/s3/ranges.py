"""Which bytes of an object a request is about: all, a range, or those of one part.

What does not belong here: how a Range header is read (preconditions.py).
Source: Amazon S3 API Reference, GetObject, PartNumber and Range.
"""

from dataclasses import dataclass
from typing import Any

from regions.s3.changes import Version
from regions.s3.errors import InvalidPartNumber, InvalidRequest
from regions.s3.operation import Values
from regions.s3.preconditions import range_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """Bytes of an object."""

    first: int
    last: int  #: one before ``first`` of no bytes at all
    whole: bool  #: the request named neither a range nor a part
    body: dict[str, Any]  #: what answers say of them

    @property
    def length(self) -> int:
        """How many bytes they are."""
        return self.last - self.first + 1


def chosen_bytes(version: Version, parameters: Values) -> Chosen:
    """Return which bytes a request is about.

    Raises:
      InvalidRange, InvalidPartNumber: the object does not have them.
      InvalidRequest: the request names both a range and a part.
    """
    number, text = parameters.get("PartNumber"), parameters.get("Range")
    if number is not None and text is not None:
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    found = range_of(text, version.size) if number is None else _part(version, number)
    body: dict[str, Any] = {}
    if number is not None and version.part_sizes:
        body["PartsCount"] = len(version.part_sizes)
    if found is None:
        body["ContentLength"] = version.size
        return Chosen(0, version.size - 1, number is None, body)
    first, last = found
    body |= {
        "ContentLength": last - first + 1,
        "ContentRange": f"bytes {first}-{last}/{version.size}",
    }
    return Chosen(first, last, whole=False, body=body)


def _part(version: Version, number: int) -> tuple[int, int] | None:
    sizes = version.part_sizes or (version.size,)
    if not 1 <= number <= len(sizes):
        raise InvalidPartNumber(members=(("PartNumberRequested", str(number)),))
    first = sum(sizes[: number - 1])
    return (first, first + sizes[number - 1] - 1) if version.size else None
