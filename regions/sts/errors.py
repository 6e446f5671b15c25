"""The errors that STS answers with beside those it shares with IAM.

What does not belong here: the texts, which stand where each error is raised.
Source: STS API Reference; codes and statuses as botocore's service model has them.
"""

from typing import Any, ClassVar, Final

from regions.errors import ServiceError

FORBIDDEN_STATUS: Final = 403


class AccessDenied(ServiceError):
    """STS does not do that for such a caller, whatever policies say."""

    status: ClassVar[int] = FORBIDDEN_STATUS


class PackedPolicyTooLarge(ServiceError):
    """Session policies and tags are too much for a token."""

    record_code: ClassVar[str] = "PackedPolicyTooLargeException"


#: Wire ids 480–499. Ids are never reused.
STS_ERROR_FRAMES: Final[dict[int, type[Any]]] = {480: AccessDenied, 481: PackedPolicyTooLarge}
