"""All that one region's Trail actor knows, and how it stands on its disk.

=====================  ==========================================================================
file                   content (journal entries in blocks, see armour.py)
=====================  ==========================================================================
records:DAY:EPOCH      records that arrived on that day of that incarnation: sequence (8 bytes,
                       big-endian) ‖ encoded AuditRecord
state:NUMBER           a snapshot of trails, regions and deliveries that ends with SnapshotEnd, and
                       every change since; the highest number whose snapshot is whole counts
=====================  ==========================================================================

No file of an earlier incarnation is written again, so a torn tail needs no repair.
What does not belong here: flushing and messages (trail.py).
Source: layout chosen.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from regions.trail.deliveries import Delivered, Deliveries, DeliveryPlan, Planned
from regions.trail.history import REMEMBERED_NS, History
from regions.trail.journal import entries, entry
from regions.trail.kept import Kept, kept
from regions.trail.messages import RECORD_CODEC, SETTINGS_FRAMES, RegionJoined
from regions.trail.record import AuditRecord
from regions.trail.trails import Registry, TrailSettings
from sim.units import days
from sim.wire import Codec, Message

#: The state is written afresh when its changes outgrow this many bytes; chosen.
STATE_BYTES_MAX: Final = 256 * 1024

_SEQUENCE: Final = struct.Struct(">Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(Message):
    """The sequence that the next record gets."""

    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotEnd(Message):
    """The snapshot before this is whole."""


#: Ids 230–239, and those of the sinks' changes, occur on the Trail actor's disk only.
STATE_FRAMES: Final[dict[int, type[Any]]] = {
    **SETTINGS_FRAMES,
    216: RegionJoined,
    230: DeliveryPlan,
    231: Delivered,
    232: Planned,
    233: Head,
    234: SnapshotEnd,
}


class State(Protocol):
    """What a sink remembers (sink.py)."""

    def apply(self, change: Any) -> None:
        """Take one change over."""

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""


class Part(NamedTuple):
    """One sink's share of the state file."""

    state: State
    frames: Mapping[int, type[Any]]


def _number(file: str) -> int:
    return int(file.split(":")[1])


class Archive:
    """History, trails and deliveries of one region.

    Args:
      region: where it stands.
      epoch: incarnation of its actor.
      parts: states of the sinks, in the order of snapshots.
    """

    def __init__(self, region: str, epoch: int, parts: Iterable[Part] = ()) -> None:
        self.region = region
        self._parts = tuple(parts)
        self._owners = {kind: part for part in self._parts for kind in part.frames.values()}
        frames = [STATE_FRAMES, *(part.frames for part in self._parts)]
        joined = {number: kind for part in frames for number, kind in part.items()}
        assert len(joined) == sum(map(len, frames)), "ids of changes are given once"
        self._codec = Codec(joined)
        self.history = History()
        self.trails = Registry(region)
        self.deliveries: dict[str, Deliveries] = {}
        self.regions: dict[str, RegionJoined] = {}
        self.head = 0  #: the sequence that the next record gets
        self._epoch = epoch
        self._state_number = 0
        self._state_bytes = self._snapshot_bytes = 0
        self._files: set[str] = set()

    # Records.

    def keep(self, record: AuditRecord, now_ns: int) -> tuple[Kept, bytes] | None:
        """Take in one record: return its compact form and journal entry, None if it is known."""
        if self.history.knows(record.event_id, record.time_ns, now_ns):
            return None
        frame = RECORD_CODEC.encode(record)
        event = kept(self.head, record, frame)
        self.head += 1
        self.history.add(event, now_ns)
        return event, entry(_SEQUENCE.pack(event.sequence) + frame)

    def record_file(self, now_ns: int) -> tuple[str, tuple[str, ...]]:
        """Return today's file, and files that nobody needs any more."""
        file = f"records:{now_ns // days(1):08}:{self._epoch:012}"
        if file in self._files:
            return file, ()
        self._files.add(file)
        oldest = (now_ns - REMEMBERED_NS) // days(1)
        records = [f for f in sorted(self._files) if f.startswith("records:")]
        old = tuple(f for f in records if _number(f) < oldest)
        self._files.difference_update(old)
        return file, old

    # State.

    def delivery(self, arn: str) -> Deliveries:
        """Return a trail's delivery state, made on first need."""
        found = self.deliveries.get(arn)
        if found is None:
            found = self.deliveries[arn] = Deliveries()
        return found

    def change(self, change: Message) -> bytes:
        """Apply one change and return its journal entry."""
        self._apply(change)
        data = entry(self._codec.encode(change))
        self._state_bytes += len(data)
        return data

    @property
    def state_file(self) -> str:
        """The file that changes go to."""
        return f"state:{self._state_number:08}"

    @property
    def overgrown(self) -> bool:
        """Whether it is time for a new snapshot."""
        return self._state_bytes > max(STATE_BYTES_MAX, 2 * self._snapshot_bytes)

    def snapshot(self) -> tuple[bytes, tuple[str, ...]]:
        """Begin the next state file: return its first bytes, and the files it replaces.

        The old files may go when the new one is durable, and not before.
        """
        old = tuple(f for f in sorted(self._files) if f.startswith("state:"))
        self._state_number += 1
        self._files.difference_update(old)
        self._files.add(self.state_file)
        parts: list[Message] = [Head(sequence=self.head), *self.trails]
        parts += [self.regions[region] for region in sorted(self.regions)]
        for arn in sorted(self.deliveries):
            deliveries = self.deliveries[arn]
            parts.append(deliveries.planned(arn))
            parts += deliveries.pending.values()
        for part in self._parts:
            parts += part.state.changes()
        parts.append(SnapshotEnd())
        data = b"".join(entry(self._codec.encode(part)) for part in parts)
        self._snapshot_bytes, self._state_bytes = len(data), 0
        return data, old

    def restore(self, files: Mapping[str, bytes], now_ns: int) -> None:
        """Become what the disk says; call it once, before anything else."""
        self._files = set(files)
        states = sorted(f for f in files if f.startswith("state:"))
        if states:
            self._state_number = _number(states[-1])
        for file in reversed(states):
            parts = [self._codec.decode(payload) for payload in entries(files[file])]
            if any(isinstance(part, SnapshotEnd) for part in parts):
                for part in parts:
                    self._apply(part)
                break
        records = sorted(f for f in files if f.startswith("records:"))
        self._restore_records([files[file] for file in records], now_ns)
        for deliveries in self.deliveries.values():
            deliveries.forget_from(self.head)

    def _restore_records(self, contents: Iterable[bytes], now_ns: int) -> None:
        for data in contents:
            for payload in entries(data):
                (sequence,) = _SEQUENCE.unpack_from(payload)
                frame = payload[_SEQUENCE.size :]
                record: AuditRecord = RECORD_CODEC.decode(frame)
                if not self.history.knows(record.event_id, record.time_ns, now_ns):
                    self.history.add(kept(sequence, record, frame), now_ns)
                self.head = max(self.head, sequence + 1)

    def _apply(self, part: Any) -> None:
        if isinstance(part, TrailSettings):
            if self.trails.put(part):
                self.delivery(part.arn).judge_again()
                if part.deleted:
                    self.delivery(part.arn).pending.clear()
        elif isinstance(part, DeliveryPlan):
            self.delivery(part.arn).plan(part)
        elif isinstance(part, Delivered):
            self.delivery(part.arn).done(part)
        elif isinstance(part, Planned):
            deliveries = self.delivery(part.arn)
            deliveries.mark(part.runs)
            deliveries.latest_ns = part.latest_ns
        elif isinstance(part, RegionJoined):
            self.regions[part.region] = part
        elif isinstance(part, Head):
            self.head = part.sequence
        elif part.__class__ in self._owners:
            self._owners[part.__class__].state.apply(part)
