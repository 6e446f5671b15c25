"""How far the digests of each trail have come in one region: chains, hours, files, what is owed.

While a trail logs and validates, it has a chain of digests, one for each hour from the moment at
which that began here. What ends a chain:

========================================  ========================================================
cause                                     its last digest
========================================  ========================================================
validation is off at the end of an hour,  that of the hour
the trail deleted or no longer here
logging is off at the end of an hour      that of the first hour at whose end no log file is owed
either was off and is on again            ends at the moment at which the region hears of it, where
                                          a new chain begins
========================================  ========================================================

A digest's bytes and signature are fixed and on disk before it is put, so a put that is repeated
writes the same. A file counts to the hour in which its bucket had confirmed it, whatever the hour
is in which its digest is made: after a pause, digests are made for every hour that went by.
What does not belong here: signing (digest_keys.py), and timers and messages (sinks/digest.py).
Source: CloudTrail User Guide, "CloudTrail digest file structure" (starting and final digests; "the
chain is broken after one hour"; no digests for what was delivered in between); what is meant by
that in the table above is chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from regions.trail.deliveries import RETRY_MAX_NS, RETRY_NS
from regions.trail.digest import Link, LogFile
from regions.trail.digest_keys import DigestKey, DigestKeys
from regions.trail.trails import TrailSettings
from sim.units import NS_PER_SECOND, hours
from sim.wire import Message

#: What one digest covers. Source: User Guide.
HOUR_NS: Final = hours(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain(Message):
    """Where a trail's chain of digests stands."""

    arn: str
    stretch_ns: int  #: since when the trail logs and validates, as its settings say
    start_ns: int  #: begin of the hour that is open, whole seconds; 0: the chain has ended
    cut_ns: int = 0  #: at which moment the chain must end; 0: at none yet
    previous: Link | None = None  #: its last digest

    @property
    def end_ns(self) -> int:
        """When the open hour ends."""
        end_ns = self.start_ns + HOUR_NS
        return min(end_ns, self.cut_ns) if self.cut_ns else end_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDelivered(Message):
    """A log file lies in its bucket, and the next digest must name it."""

    arn: str
    file: LogFile


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan(Message):
    """One digest that must come to be; the files before its end are in it."""

    arn: str
    bucket: str
    bucket_site: str
    end_ns: int  #: calendar time
    link: Link  #: what the next digest will say of it
    body: bytes = field(repr=False)  #: uncompressed
    last: bool  #: the chain ends with it


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDone(Message):
    """A digest is in its bucket, or was given up."""

    arn: str
    key: str
    time_ns: int  #: calendar time; 0: given up


def stretch_of(settings: TrailSettings, region: str) -> int:
    """Return since when a trail logs and validates in a region; 0 if it does not now."""
    if not (settings.is_in(region) and settings.is_logging and settings.validates):
        return 0
    return max(settings.logging[-1].start_ns, settings.validation[-1].start_ns)


def whole(time_ns: int) -> int:
    """Return the begin of a moment's second: digests tell no smaller parts."""
    return time_ns // NS_PER_SECOND * NS_PER_SECOND


class TrailDigests:
    """The digests of one trail in one region."""

    def __init__(self) -> None:
        self.chain: Chain | None = None
        self.files: list[LogFile] = []  #: that no digest names yet
        self.pending: dict[str, DigestPlan] = {}  #: by key
        self.latest_ns = 0  #: calendar time of the last delivery
        self.failures = 0

    @property
    def open(self) -> Chain | None:
        """The chain, unless it has ended or never began."""
        chain = self.chain
        return chain if chain is not None and chain.start_ns else None

    def covered(self, end_ns: int) -> tuple[LogFile, ...]:
        """Return the files that a digest which ends then must name, in order of delivery."""
        return tuple(file for file in self.files if file.delivered_ns < end_ns)

    def failed(self) -> int:
        """An attempt failed; return how long to wait before the next one."""
        self.failures += 1
        return min(RETRY_NS << min(self.failures - 1, 10), RETRY_MAX_NS)

    def next_plan(self) -> DigestPlan | None:
        """Return the pending digest of the oldest hour."""
        return min(self.pending.values(), key=lambda p: (p.end_ns, p.link.key), default=None)

    def begin(self, chain: Chain) -> None:
        """Take up where a chain stands, as the disk says or will say."""
        if self.open is None:
            # What was delivered while there was no chain is vouched for by no digest.
            self.files = [file for file in self.files if file.delivered_ns >= chain.start_ns]
        self.chain = chain

    def deliver(self, file: LogFile) -> None:
        """A file is in its bucket."""
        self.files.append(file)

    def plan(self, plan: DigestPlan) -> None:
        """Take up a digest that is, or is about to be, on disk."""
        self.pending[plan.link.key] = plan
        self.files = [file for file in self.files if file.delivered_ns >= plan.end_ns]
        # Of a chain of which the disk has lost everything else, a new one takes the place.
        chain = self.chain or Chain(arn=plan.arn, stretch_ns=0, start_ns=0)
        start_ns = 0 if plan.last else plan.end_ns
        self.chain = replace(chain, start_ns=start_ns, previous=plan.link)

    def done(self, done: DigestDone) -> None:
        """A digest is in its bucket, or was given up."""
        self.pending.pop(done.key, None)
        if done.time_ns:
            self.latest_ns, self.failures = done.time_ns, 0


class DigestState:
    """The digests of all trails in one region, and the keys that sign them."""

    def __init__(self) -> None:
        self.keys = DigestKeys()
        self.trails: dict[str, TrailDigests] = {}

    def of(self, arn: str) -> TrailDigests:
        """Return the digests of one trail, made on first need."""
        found = self.trails.get(arn)
        if found is None:
            found = self.trails[arn] = TrailDigests()
        return found

    def apply(self, change: Any) -> None:
        """Take one change over."""
        if isinstance(change, DigestKey):
            self.keys.add(change)
        elif isinstance(change, Chain):
            self.of(change.arn).begin(change)
        elif isinstance(change, FileDelivered):
            self.of(change.arn).deliver(change.file)
        elif isinstance(change, DigestPlan):
            self.of(change.arn).plan(change)
        elif isinstance(change, DigestDone):
            self.of(change.arn).done(change)

    def changes(self) -> Iterator[Message]:
        """Yield changes that make this state out of an empty one."""
        yield from self.keys
        for arn in sorted(self.trails):
            trail = self.trails[arn]
            chain = trail.chain
            if chain is None:
                continue
            # What is owed first: each of these moves the chain, whose state then has the last word.
            yield chain
            yield from sorted(trail.pending.values(), key=lambda plan: plan.end_ns)
            if trail.latest_ns:
                yield DigestDone(arn=arn, key="", time_ns=trail.latest_ns)
            yield chain
            yield from (FileDelivered(arn=arn, file=file) for file in trail.files)


#: Ids 770–776 occur on the Trail actor's disk only.
DIGEST_FRAMES: Final[dict[int, type[Any]]] = {
    770: LogFile,
    771: Link,
    772: DigestKey,
    773: Chain,
    774: FileDelivered,
    775: DigestPlan,
    776: DigestDone,
}
