"""S3's refusals at the edge: of signatures, of bodies that are not what was signed or summed.

What does not belong here: the texts, which stand where each error is raised, and errors about
buckets and objects (those are the service's own).
Source: Amazon S3 API Reference, "Error Responses"; members and statuses as observed.
"""

from typing import Final

from regions.api.edge_errors import FORBIDDEN_STATUS, EdgeError
from regions.errors import FAULT_STATUS, UNAVAILABLE_STATUS

LENGTH_REQUIRED_STATUS: Final = 411


class AccessDenied(EdgeError):
    """Unsigned, not signed enough, or no longer (or not yet) valid."""

    status = FORBIDDEN_STATUS


class AuthorizationHeaderMalformed(EdgeError):
    """The Authorization header cannot be read, or is meant for somewhere else."""


class AuthorizationQueryParametersError(EdgeError):
    """The parameters of a presigned URL cannot be read, or are meant for somewhere else."""


class InvalidArgument(EdgeError):
    """A header has a value that means nothing."""


class InvalidRequest(EdgeError):
    """Headers are missing, unsupported or contradict each other."""


class InvalidAccessKeyId(EdgeError):
    """No such access key."""

    status = FORBIDDEN_STATUS


class InvalidToken(EdgeError):
    """The session token is not that of the access key."""


class ExpiredToken(EdgeError):
    """The session is over."""


class RequestTimeTooSkewed(EdgeError):
    """The request was signed too long ago, or too far in the future."""

    status = FORBIDDEN_STATUS


class SignatureDoesNotMatch(EdgeError):
    """The signature is another one than ours; the members say what we signed."""

    status = FORBIDDEN_STATUS


class XAmzContentSHA256Mismatch(EdgeError):
    """The body is not the one that was signed."""


class InvalidDigest(EdgeError):
    """Content-MD5 is not the Base64 text of 16 bytes."""


class BadDigest(EdgeError):
    """The body does not have the checksum that came with it."""


class IncompleteBody(EdgeError):
    """A chunked body ends too early, is too long or cannot be read."""


class InvalidChunkSizeError(EdgeError):
    """A chunk that is not the last has fewer than 8,192 bytes."""

    status = FORBIDDEN_STATUS


class MalformedTrailerError(EdgeError):
    """The trailing headers are not those that were announced."""


class MissingContentLength(EdgeError):
    """A chunked body came without its decoded length."""

    status = LENGTH_REQUIRED_STATUS


class InternalError(EdgeError):
    """The service failed; whether anything happened is open."""

    status, definite = FAULT_STATUS, False


class SlowDown(EdgeError):
    """There is too much to do; nothing was done."""

    status = UNAVAILABLE_STATUS
