"""Errors that EventBridge answers with, beside those that every service has.

What does not belong here: the texts, which stand where each error is raised.
Source: botocore service model events/2015-10-07.
"""

from typing import Any, Final

from regions.errors import ServiceError


class InvalidEventPatternException(ServiceError):
    """The event pattern breaks a rule of its language."""


class ResourceNotFoundException(ServiceError):
    """There is no such rule or event bus."""


#: Wire ids 540–541, of 540–559. Ids are never reused.
EVENTS_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    540: InvalidEventPatternException,
    541: ResourceNotFoundException,
}
