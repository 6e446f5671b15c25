"""Errors of listings and look-ups of CloudTrail, which trails and event data stores have both.

What does not belong here: those of trails (regions/errors.py) and of the lake (lake/errors.py).
Source: botocore service model cloudtrail/2013-11-01.
"""

from typing import Any, Final

from regions.errors import ServiceError


class InvalidMaxResultsException(ServiceError):
    """More results are asked for than one answer can have."""


class InvalidEventCategoryException(ServiceError):
    """Events of that category cannot be looked up."""


#: Wire ids 738–739. Ids are never reused.
LOOK_UP_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    738: InvalidMaxResultsException,
    739: InvalidEventCategoryException,
}
