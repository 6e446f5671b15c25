"""Admission control: which calls an endpoint hands on when its hosts have more than enough to do.

A call that waits longer than its caller does is work for nobody, and its retry is more work. So
an endpoint that admits all it gets may stay overloaded long after the cause is gone (metastable
failure); one that refuses early keeps doing useful work. Three ways, by name:

===========  =====================================================================================
none         hands on every call at once, and knows nothing of what becomes of it
queue-limit  at most so many calls are under way to one AZ; a fixed figure, right for one load
adaptive     learns how long a place in an AZ's queue takes, and refuses a call that would wait
             longer than 0.8 of the time that its caller still has; the AZ drops, unworked,
             what its caller has given up
===========  =====================================================================================

A caller's time limit is known to the service: SDKs send it as ``ttl`` in the header
``amz-sdk-request``. A refused call is a 503 that did nothing and leaves no audit record.
What does not belong here: quotas of accounts (quotas.py), and a host's own queue (capacity.py).
Source: Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021; Amazon Builders'
Library, "Using load shedding to avoid overload"; botocore, endpoint.py (ttl).
"""

from typing import Final, Literal, Protocol

Admission = Literal["none", "queue-limit", "adaptive"]

#: The text of the 503 answer; AWS KMS API Reference, "Common Errors", in short.
SHED: Final = "The request has failed due to a temporary failure of the server."
#: Of a caller's remaining time, the share that may be spent in the queue; chosen: the rest is for
#: an estimate that is too low.
PATIENCE: Final = 0.8
#: Weight of a new measurement in the learned time per place; chosen: ten calls forget an outage.
_WEIGHT: Final = 0.5


class Lane:
    """What an endpoint knows of the calls that are under way to one AZ."""

    __slots__ = ("slot_ns", "waiting")

    def __init__(self) -> None:
        self.waiting = 0  #: calls without an answer whose callers still wait
        self.slot_ns = 0.0  #: how long one place in the queue takes, learned; 0 before that

    def enter(self) -> int:
        """Count a call in; return its place in the queue, 1 for the only one."""
        self.waiting += 1
        return self.waiting

    def leave(self, place: int, took_ns: int) -> None:
        """Count a call out: answered, or given up by its caller, after that long."""
        assert self.waiting > 0, "more calls left a lane than entered it"
        self.waiting -= 1
        sample = took_ns / place
        self.slot_ns += (sample - self.slot_ns) * (_WEIGHT if self.slot_ns else 1)

    @property
    def wait_ns(self) -> float:
        """How long one more call would probably take; 0 when nothing is in its way."""
        return (self.waiting + 1) * self.slot_ns if self.waiting else 0


class Policy(Protocol):
    """Whether one more call is handed to an AZ."""

    def admits(self, lane: Lane, left_ns: int) -> bool:
        """Decide by what is under way and by how long the caller still waits."""


class QueueLimit:
    """At most so many calls at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def admits(self, lane: Lane, left_ns: int) -> bool:
        """Say whether fewer calls than the limit are under way."""
        del left_ns
        return lane.waiting < self._limit


class Adaptive:
    """Only calls that will probably be answered in time.

    An AZ with nothing to do always gets a call: that is how its recovery is noticed.
    """

    def admits(self, lane: Lane, left_ns: int) -> bool:
        """Say whether the wait fits into the caller's remaining time."""
        return left_ns > 0 and lane.wait_ns <= left_ns * PATIENCE


def policy(admission: Admission, limit: int) -> Policy | None:
    """Return the policy of that name; None hands on everything.

    Args:
      limit: calls under way to one AZ, for ``queue-limit``.
    """
    if admission == "none":
        return None
    return Adaptive() if admission == "adaptive" else QueueLimit(limit)
