"""Errors that every service can answer with, in the words of the services that speak XML.

A call behind the wire fails with the classes of regions/errors.py whatever the protocol; JSON
services write their names as they are. What does not belong here: errors of one service.
Source: IAM and STS API References, "Common errors"; Amazon S3 API Reference, "List of error codes".
"""

from collections.abc import Mapping
from typing import Final

from regions.errors import FAULT_STATUS, ServiceError

#: Code of ours -> code and status.
Words = Mapping[str, tuple[str, int]]

QUERY_WORDS: Final[Words] = {
    "AccessDeniedException": ("AccessDenied", 403),
    "DependencyTimeoutException": ("InternalFailure", 500),
    "KMSInternalException": ("InternalFailure", 500),
    "SerializationException": ("MalformedInput", 400),
    "ServiceUnavailableException": ("ServiceUnavailable", 503),
    "ThrottlingException": ("Throttling", 400),
    "UnknownOperationException": ("InvalidAction", 400),
    "ValidationException": ("ValidationError", 400),
}
S3_WORDS: Final[Words] = {
    "AccessDeniedException": ("AccessDenied", 403),
    "DependencyTimeoutException": ("InternalError", 500),
    "InternalFailure": ("InternalError", 500),
    "KMSInternalException": ("InternalError", 500),
    "SerializationException": ("InvalidRequest", 400),
    "ServiceUnavailableException": ("ServiceUnavailable", 503),
    "ThrottlingException": ("SlowDown", 503),
    "UnknownOperationException": ("NotImplemented", 501),
    "ValidationException": ("InvalidRequest", 400),
}


def in_words(words: Words, error: ServiceError) -> tuple[str, int]:
    """Return an error's code and HTTP status as a service with these words answers."""
    return words.get(error.code, (error.code, error.status))


def fault_side(status: int) -> str:
    """Return whose fault an error is, as query services say it."""
    return "Sender" if status < FAULT_STATUS else "Receiver"
