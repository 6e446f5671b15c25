"""The errors that IAM answers with, and those that STS shares with it.

What does not belong here: the texts, which stand where each error is raised.
Source: IAM and STS API References; codes and statuses as botocore's service models have them.
Audit records name the exception's shape, not the code.
"""

from typing import Any, ClassVar, Final

from regions.errors import ServiceError

NOT_FOUND_STATUS: Final = 404
CONFLICT_STATUS: Final = 409
FORBIDDEN_STATUS: Final = 403


class NoSuchEntity(ServiceError):
    """There is no such user, role, group, policy, version or access key."""

    record_code: ClassVar[str] = "NoSuchEntityException"
    status: ClassVar[int] = NOT_FOUND_STATUS


class EntityAlreadyExists(ServiceError):
    """The name is taken."""

    record_code: ClassVar[str] = "EntityAlreadyExistsException"
    status: ClassVar[int] = CONFLICT_STATUS


class DeleteConflict(ServiceError):
    """Something else still needs what is to be deleted."""

    record_code: ClassVar[str] = "DeleteConflictException"
    status: ClassVar[int] = CONFLICT_STATUS


class LimitExceeded(ServiceError):
    """A quota is exceeded."""

    record_code: ClassVar[str] = "LimitExceededException"
    status: ClassVar[int] = CONFLICT_STATUS


class InvalidInput(ServiceError):
    """A value is not acceptable."""

    record_code: ClassVar[str] = "InvalidInputException"


class MalformedPolicyDocument(ServiceError):
    """A policy is no valid document, or not of the kind that was asked for."""

    record_code: ClassVar[str] = "MalformedPolicyDocumentException"


class SessionNotAllowed(ServiceError):
    """A session without a second factor may not do this, and is told no more."""

    code: ClassVar[str] = "InvalidClientTokenId"
    status: ClassVar[int] = FORBIDDEN_STATUS


#: Wire ids 461–469. Ids are never reused.
IAM_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    461: NoSuchEntity,
    462: EntityAlreadyExists,
    463: DeleteConflict,
    464: LimitExceeded,
    465: InvalidInput,
    466: MalformedPolicyDocument,
    467: SessionNotAllowed,
}
