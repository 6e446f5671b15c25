"""Refusals of the wire's edge: whoever asked could not be told, or could not be believed.

They are raised before any actor hears of the request, so they carry no frame ids. What does not
belong here: the texts, which stand where each error is raised, and S3's refusals, whose codes
mean other things under the same names (s3_edge_errors.py).
Source: the "Common Errors" of the AWS KMS, STS and IAM API References; statuses as observed: the
JSON services answer all of them with 400, the query services with 403 or 400.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regions.errors import CLIENT_STATUS, ServiceError

FORBIDDEN_STATUS: Final = 403

Members = tuple[tuple[str, str], ...]


class EdgeError(ServiceError):
    """An error that the edge answers by itself.

    Args:
      members: what an XML answer carries beside Code and Message, in its order.
    """

    def __init__(self, message: str = "", request_id: str = "", members: Members = ()) -> None:
        super().__init__(message, request_id)
        self.args = (message, request_id, members)

    @property
    def members(self) -> Members:
        """What an XML answer carries beside Code and Message: (element, text), in order."""
        members: Members = self.args[2]
        return members

    def answering(self, request_id: str) -> "EdgeError":
        """Return the same error as the answer to one request."""
        return type(self)(self.message, request_id, self.members)


class MissingAuthenticationTokenException(EdgeError):
    """A JSON request came unsigned."""


class IncompleteSignatureException(EdgeError):
    """A part of a JSON request's signature is missing or malformed."""


class InvalidSignatureException(EdgeError):
    """A JSON request's signature is wrong, too old, too new or meant for somewhere else."""


class UnrecognizedClientException(EdgeError):
    """No such access key, or a session token that is not its own."""


class ExpiredTokenException(EdgeError):
    """The session of a JSON request is over."""


class MissingAuthenticationToken(EdgeError):
    """A query request came unsigned."""

    status = FORBIDDEN_STATUS


class IncompleteSignature(EdgeError):
    """A part of a query request's signature is missing or malformed."""

    status = CLIENT_STATUS


class SignatureDoesNotMatch(EdgeError):
    """A query request's signature is wrong, too old, too new or meant for somewhere else."""

    status = FORBIDDEN_STATUS


class InvalidClientTokenId(EdgeError):
    """No such access key, or a session token that is not its own."""

    status = FORBIDDEN_STATUS


class ExpiredToken(EdgeError):
    """The session of a query request is over."""

    status = FORBIDDEN_STATUS


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How one protocol names the five ways in which a signature fails."""

    missing: type[EdgeError]
    missing_text: str
    incomplete: type[EdgeError]
    invalid: type[EdgeError]
    unknown: type[EdgeError]
    expired: type[EdgeError]


JSON: Final = Family(
    missing=MissingAuthenticationTokenException,
    missing_text="Missing Authentication Token",
    incomplete=IncompleteSignatureException,
    invalid=InvalidSignatureException,
    unknown=UnrecognizedClientException,
    expired=ExpiredTokenException,
)
QUERY: Final = Family(
    missing=MissingAuthenticationToken,
    missing_text="Request is missing Authentication Token",
    incomplete=IncompleteSignature,
    invalid=SignatureDoesNotMatch,
    unknown=InvalidClientTokenId,
    expired=ExpiredToken,
)
#: Signing names of the services that speak the query protocol; s3 apart, the rest speaks JSON.
FAMILIES: Final[Mapping[str, Family]] = {"iam": QUERY, "sns": QUERY, "sts": QUERY}
