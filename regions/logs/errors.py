"""Errors that CloudWatch Logs answers with, beside those that every service has.

What does not belong here: the texts, which stand where each error is raised; a request that does
not fit its shape, or breaks a rule of its own, is an InvalidParameterException (api/errors.py).
Source: botocore service model logs/2014-03-28.
"""

from typing import Any, Final

from regions.errors import ServiceError


class ResourceAlreadyExistsException(ServiceError):
    """The log group or stream is already there."""


class ResourceNotFoundException(ServiceError):
    """There is no such log group, stream, filter or policy."""


#: Wire ids 520–521, of 520–539. Ids are never reused.
LOGS_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    520: ResourceAlreadyExistsException,
    521: ResourceNotFoundException,
}
