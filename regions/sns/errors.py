"""Errors that SNS answers with, beside those that every query service has.

What does not belong here: the texts, which stand where each error is raised.
Source: botocore service model sns/2010-03-31: codes and HTTP statuses.
"""

from typing import Any, ClassVar, Final

from regions.errors import ServiceError

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


class AuthorizationErrorException(ServiceError):
    """No policy allows the call, or one denies it."""

    code: ClassVar[str] = "AuthorizationError"
    status: ClassVar[int] = _FORBIDDEN


class InvalidParameterException(ServiceError):
    """A parameter breaks a rule."""

    code: ClassVar[str] = "InvalidParameter"


class NotFoundException(ServiceError):
    """There is no such topic or subscription."""

    code: ClassVar[str] = "NotFound"
    status: ClassVar[int] = _NOT_FOUND


#: Wire ids 500–502; 510–512 are messages (messages.py). Ids are never reused.
SNS_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    500: AuthorizationErrorException,
    501: InvalidParameterException,
    502: NotFoundException,
}
