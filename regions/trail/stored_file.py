"""A file that lies in its bucket: what sinks are told of it.

What does not belong here: how it got there (sinks/s3.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One delivered log file."""

    bucket: str
    key: str
    body: bytes  #: uncompressed
    oldest_ns: int  #: eventTime of its first event by time
    newest_ns: int  #: and of its last
    time_ns: int  #: calendar time of the delivery
