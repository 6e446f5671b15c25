"""Puts files of trails into buckets, for the sinks that do so: one at a time for each trail.

What does not belong here: what is put and when it is given up (sinks/).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from regions.bucket import PutObject
from regions.s3.messages import DataKey, DeliverObject
from regions.trail.sink import Answer, Host
from sim.clock import Timer
from sim.units import seconds

#: A bucket that does not answer in this time is asked again later; chosen.
BUCKET_TIMEOUT_NS: Final = seconds(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file on its way to a bucket."""

    arn: str  #: of its trail
    bucket: str
    key: str
    body: bytes  #: uncompressed
    metadata: Mapping[str, str] = field(default_factory=dict)  #: of the user
    sealed: DataKey | None = None  #: encrypts it, where the trail has a KMS key


def put_file(host: Host, site: str, file: File, then: Callable[[Answer], None]) -> None:
    """Ask a store to keep a file.

    Args:
      site: name of the actor that holds the bucket.
    """
    put: PutObject | DeliverObject
    if host.asks_policy:
        put = DeliverObject(
            bucket=file.bucket,
            key=file.key,
            body=file.body,
            account=file.arn.split(":")[4],
            trail=file.arn,
            metadata=dict(file.metadata),
            sealed=file.sealed,
        )
    else:
        # A store without the S3 API keeps every object alike.
        put = PutObject(
            bucket=file.bucket,
            key=file.key,
            body=file.body,
            encoding="gzip",
            metadata=dict(file.metadata),
        )
    host.call(site, put, then, timeout_ns=BUCKET_TIMEOUT_NS)


class Turns:
    """Whose turn it is: of each trail the plan that is due first, and the next one after it.

    Args:
      host: its timers are used.
      first: returns the plan of a trail that is due first, and when; None: there is none.
      begin: begins to put it; ``over()`` ends that.
    """

    def __init__(
        self,
        host: Host,
        first: Callable[[str], tuple[Any, int] | None],
        begin: Callable[[Any], None],
    ) -> None:
        self._host = host
        self._first = first
        self._begin = begin
        self._waits: dict[str, Timer] = {}
        self._under_way: set[str] = set()

    def go_on(self, arn: str, not_before_ns: int = 0) -> None:
        """Begin the next put of a trail, or wait until it is due, unless one is under way."""
        found = self._first(arn)
        if found is None or arn in self._under_way:
            return
        plan, due_ns = found
        timer = self._waits.pop(arn, None)
        if timer is not None:
            timer.cancel()
        wait_ns = max(due_ns, not_before_ns) - self._host.calendar_ns
        if wait_ns > 0:
            self._waits[arn] = self._host.after_calendar(wait_ns, self.go_on, arn)
            return
        self._under_way.add(arn)
        self._begin(plan)

    def over(self, arn: str) -> None:
        """A put has ended, well or not."""
        self._under_way.discard(arn)
