"""What a client may ask of a connection, and what a server has done.

What does not belong here: who enforces it (server.py, connection.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may ask of a connection; all chosen."""

    head_bytes: int = 64 * 1024  #: request line and headers
    body_bytes: int = 128 * 1024 * 1024
    idle_s: float = 120.0  #: between two requests
    head_s: float = 20.0  #: from the first byte of a request to the end of its head
    body_s: float = 20.0  #: without any byte of a body that is not whole
    send_s: float = 60.0  #: to take an answer
    connections: int = 10_000  #: at the same time; more are answered with 503, or wait


@dataclass(slots=True)
class Counters:
    """What a server has done since it began."""

    connections: int = 0  #: open now
    accepted: int = 0
    requests: int = 0
    refused: int = 0  #: requests that were no HTTP, too large or too slow
