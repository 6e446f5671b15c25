"""The recorder's mind: which record is safe, who holds copies, and what is still to be published.

Records are written in *batches* (one flush, one copy to a peer) and published in *segments* (one
file here, one file at each peer that backed it up). A segment file is written by one incarnation
only and removed as a whole, so nothing is ever compacted. Values in, effects out: the actor
(recorder.py) performs them.
What does not belong here: disks, clocks, messages on their way, history (history.py).
Source: ARCHITECTURE, "Audit"; the limits are chosen, each beside its name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from regions.trail.audit_ack import AuditAck
from regions.trail.journal import entries, entry, intact_size
from regions.trail.messages import RECORD_CODEC, AuditRefused, BackedUp, BackUp, Release
from regions.trail.record import AuditRecord
from sim.clock import FOREVER_NS
from sim.units import ms, seconds
from sim.wire import FrameError, Message

#: Another peer is asked for a copy when the first one has not answered in this time; chosen:
#: several times a round trip between AZs and a flush.
HEDGE_NS: Final = ms(5)
#: The pause between further tries doubles up to this; chosen.
HEDGE_MAX_NS: Final = ms(500)
#: An append without a peer's copy is refused after this time; chosen.
REFUSE_NS: Final = seconds(2)
#: Once refused, the next appends fail sooner until a peer answers again; chosen, so that callers
#: of an isolated AZ do not queue up.
REFUSE_ALONE_NS: Final = ms(100)
#: Records wait this long for company before they are published; chosen.
PUBLISH_NS: Final = seconds(5)
#: A segment is published at once when it holds this many; chosen: a message of about 1 MB.
SEGMENT_RECORDS_MAX: Final = 2_000
#: A failed publication is tried again after this, doubling up to the second; chosen.
RETRY_NS: Final = seconds(1)
RETRY_MAX_NS: Final = seconds(60)
#: A copy that is not released in this time is published by its holder; chosen.
HELD_NS: Final = seconds(120)

_OWN: Final = "own"
_HELD: Final = "held"

Answer = Callable[[AuditRefused | None], None]


class Write(NamedTuple):
    """Append to a file."""

    file: str
    data: bytes


class Flush(NamedTuple):
    """Make all earlier changes durable, then call ``flushed()``."""


class Truncate(NamedTuple):
    """Cut a file to a size, if it is longer."""

    file: str
    size: int


class Remove(NamedTuple):
    """Delete a file; it need not be durable soon."""

    file: str


class Send(NamedTuple):
    """Send one way."""

    to: str
    message: Message


class Tell(NamedTuple):
    """Answer an append: kept (None), or refused."""

    answer: Answer
    refusal: AuditRefused | None


class Post(NamedTuple):
    """Ask the Trail actor to publish, then call ``published()`` with whether it did."""

    records: tuple[AuditRecord, ...]


class Lost(NamedTuple):
    """Nobody will ever publish these records; only a ledger with a bound does this."""

    records: tuple[AuditRecord, ...]


Effect = Write | Flush | Truncate | Remove | Send | Tell | Post | Lost


@dataclass(slots=True, eq=False)
class Segment:
    """Own records that are published together."""

    file: str
    number: int
    ours: bool  #: written by this incarnation, so its peers' copies may be released
    records: dict[str, AuditRecord] = field(default_factory=dict)
    holders: set[str] = field(default_factory=set)
    unsettled: int = 0  #: batches that are neither kept nor refused yet


@dataclass(slots=True, eq=False)
class Batch:
    """Records that share one flush and one copy."""

    number: int
    segment: Segment
    started_ns: int
    answers: list[Answer]
    ids: list[str]
    copy: bytes  #: what a peer must hold; empty if nobody need
    flushed: bool = False
    copied: bool = False
    tries: int = 0
    next_try_ns: int = 0
    refuse_ns: int = 0


@dataclass(slots=True, eq=False)
class Held:
    """A peer's segment that we back up."""

    owner: str
    epoch: int
    segment: int
    due_ns: int
    numbers: set[int] = field(default_factory=set)
    data: list[bytes] = field(default_factory=list)


def _records(data: bytes) -> list[AuditRecord]:
    """Return the records of a segment file, up to the first entry that is damaged."""
    found = []
    for payload in entries(data):
        try:
            found.append(RECORD_CODEC.decode(payload))
        except FrameError:
            break
    return found


class Ledger:
    """All that one recorder knows.

    Args:
      epoch: the recorder's incarnation; each has its own files and numbers.
      peers: names of the recorders of the other AZs.
      audit_ack: ``quorum``: flushed here and at one peer; ``local``: flushed here; ``async``:
        nothing is awaited, so a power cut loses what was not flushed.
    """

    def __init__(self, *, epoch: int, peers: tuple[str, ...], audit_ack: AuditAck) -> None:
        self.epoch = epoch
        self.audit_ack: Final = audit_ack
        self._peers = list(peers)
        self._alone = False
        self._flushing = False
        self._batch_number = self._segment_number = 0
        self._open: Segment | None = None
        self._open_due_ns = 0
        self._known: dict[str, Batch | None] = {}  #: unpublished ids; the batch while unsettled
        self._next: Batch | None = None  #: collects while a flush runs
        self._flight: tuple[Batch | None, list[Send]] = (None, [])
        self._copying: dict[int, Batch] = {}  #: batches that wait for a peer
        self._look_ns: int | None = None  #: when ``_copying`` is looked at
        self._held: dict[tuple[str, int, int], Held] = {}
        self._acks: list[Send] = []  #: for back-ups written, to be sent after the next flush
        self._closed: list[Segment | Held] = []  #: to be published, oldest first
        self._posted = False
        self._retry_ns = 0
        self._failures = 0

    # What happened.

    def recover(self, files: Iterable[tuple[str, bytes]], now_ns: int) -> list[Effect]:
        """Take up what earlier incarnations left on the disk."""
        effects: list[Effect] = []
        for file, data in files:
            kind, owner, epoch, number = file.replace("~", "/").split(":")
            records = _records(data)
            if not records:
                effects.append(Remove(file))
            elif kind == _OWN:
                segment = Segment(file, int(number), ours=False)
                segment.records = {r.event_id: r for r in records}
                self._known.update(dict.fromkeys(segment.records))
                self._closed.append(segment)
            else:
                # The owner may go on with this segment, so what follows must not stand behind
                # a torn tail.
                intact = intact_size(data)
                effects.append(Truncate(file, intact))
                key = (owner, int(epoch), int(number))
                self._held[key] = Held(*key, due_ns=now_ns + HELD_NS, data=[data[:intact]])
        return effects + self._publish(now_ns)

    def append(self, record: AuditRecord, answer: Answer, now_ns: int) -> list[Effect]:
        """Keep one record of a call that waits for it."""
        event_id = record.event_id
        if event_id in self._known:
            batch = self._known[event_id]
            if batch is None:
                return [Tell(answer, None)]
            batch.answers.append(answer)
            return []
        batch = self._collect(record, now_ns)
        data = entry(RECORD_CODEC.encode(record))
        write = Write(batch.segment.file, data)
        if self.audit_ack == "async":
            return [write, Tell(answer, None), *self._begin(now_ns)]
        batch.answers.append(answer)
        if self.audit_ack == "quorum":
            batch.copy += data
        return [write, *self._begin(now_ns)]

    def ride(self, records: tuple[AuditRecord, ...], answer: Answer, now_ns: int) -> list[Effect]:
        """Keep records that a replicated log holds already; no peer needs a copy."""
        effects: list[Effect] = []
        batch: Batch | None = None
        for record in records:
            if record.event_id not in self._known:
                batch = self._collect(record, now_ns)
                data = entry(RECORD_CODEC.encode(record))
                effects.append(Write(batch.segment.file, data))
        if batch is None:
            return [Tell(answer, None)]
        batch.answers.append(answer)
        return effects + self._begin(now_ns)

    def flushed(self, now_ns: int) -> list[Effect]:
        """The flush that was asked for is done."""
        batch, acks = self._flight
        self._flight, self._flushing = (None, []), False
        effects: list[Effect] = list(acks)
        if batch is not None:
            batch.flushed = True
            effects += self._settle(batch, now_ns)
        return effects + self._begin(now_ns)

    def back_up(self, owner: str, message: BackUp, now_ns: int) -> list[Effect]:
        """Hold a peer's batch; it is acknowledged after the flush."""
        key = (owner, message.epoch, message.segment)
        effects: list[Effect] = []
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Held(*key, due_ns=now_ns + HELD_NS)
            effects += self.inherit(owner, message.epoch, now_ns)
        if message.number not in held.numbers:
            held.numbers.add(message.number)
            held.data.append(message.data)
            effects.append(Write(self._file(_HELD, *key), message.data))
        ack = BackedUp(epoch=message.epoch, number=message.number)
        self._acks.append(Send(owner, ack))
        return effects + self._begin(now_ns)

    def inherit(self, owner: str, epoch: int, now_ns: int) -> list[Effect]:
        """Publish now what an earlier incarnation of a peer left here: its own disk may be worse.

        It will never be released, and until then it may be the only copy.
        """
        for held in self._held.values():
            if held.owner == owner and held.epoch < epoch and held not in self._closed:
                self._closed.append(held)
        return self._publish(now_ns)

    def backed_up(self, peer: str, message: BackedUp, now_ns: int) -> list[Effect]:
        """A peer has flushed its copy of one batch."""
        self._alone = False
        if message.epoch != self.epoch or peer not in self._peers:
            return []
        batch = self._copying.pop(message.number, None)
        if batch is None:
            return []
        # Whoever answered last is asked first next time.
        self._peers.remove(peer)
        self._peers.insert(0, peer)
        batch.copied = True
        return self._settle(batch, now_ns)

    def release(self, owner: str, message: Release) -> list[Effect]:
        """The owner has published a segment that we hold."""
        key = (owner, message.epoch, message.segment)
        held = self._held.pop(key, None)
        if held is not None and held in self._closed[1 if self._posted else 0 :]:
            self._closed.remove(held)
        return [] if held is None else [Remove(self._file(_HELD, *key))]

    def peers_are(self, peers: tuple[str, ...]) -> list[str]:
        """Ask these for copies from now on, the known ones first; return the others."""
        kept = [peer for peer in self._peers if peer in peers]
        fresh = [peer for peer in peers if peer not in kept]
        self._peers = [*kept, *fresh]
        return fresh

    def published(self, now_ns: int, *, done: bool) -> list[Effect]:
        """The Trail actor has all records that were posted last, or did not answer."""
        self._posted = False
        if not done:
            self._retry_ns = now_ns + min(RETRY_NS << min(self._failures, 10), RETRY_MAX_NS)
            self._failures += 1
            return []
        self._failures = self._retry_ns = 0
        item = self._closed.pop(0)
        effects: list[Effect] = []
        if isinstance(item, Held):
            key = (item.owner, item.epoch, item.segment)
            if self._held.pop(key, None) is not None:
                effects.append(Remove(self._file(_HELD, *key)))
        else:
            effects.append(Remove(item.file))
            for event_id in item.records:
                self._known.pop(event_id, None)
            if item.ours:
                gone = Release(epoch=self.epoch, segment=item.number)
                effects += [Send(peer, gone) for peer in sorted(item.holders)]
        return effects + self._publish(now_ns)

    def due(self, now_ns: int) -> list[Effect]:
        """Do what time has come for."""
        effects: list[Effect] = []
        if self._look_ns is not None and self._look_ns <= now_ns:
            effects += self._look(now_ns)
        # Records that wait for the running flush still belong to the open segment: it closes
        # when that flush is done.
        if self._open is not None and self._open_due_ns <= now_ns and self._next is None:
            self._close()
        for key, held in [(k, h) for k, h in self._held.items() if h.due_ns <= now_ns]:
            held.due_ns = now_ns + HELD_NS
            self._held[key] = self._held.pop(key)  # The first one is always due first.
            if held not in self._closed:
                self._closed.append(held)
        return effects + self._publish(now_ns)

    @property
    def due_ns(self) -> int | None:
        """When ``due()`` must be called at the latest; None while nothing is pending."""
        due_ns = FOREVER_NS if self._look_ns is None else self._look_ns
        if self._open is not None and self._next is None and self._open_due_ns < due_ns:
            due_ns = self._open_due_ns
        if self._held:
            due_ns = min(due_ns, next(iter(self._held.values())).due_ns)
        if self._closed and not self._posted and self._retry_ns:
            due_ns = min(due_ns, self._retry_ns)
        return None if due_ns == FOREVER_NS else due_ns

    @property
    def pending(self) -> int:
        """How many own records are not published yet."""
        return len(self._known)

    # Batches.

    def _collect(self, record: AuditRecord, now_ns: int) -> Batch:
        """Put a record into the open segment and the next batch."""
        segment = self._open
        if segment is None:
            self._segment_number += 1
            number = self._segment_number
            segment = Segment(self._file(_OWN, "", self.epoch, number), number, ours=True)
            self._open, self._open_due_ns = segment, now_ns + PUBLISH_NS
        batch = self._next
        if batch is None:
            self._batch_number += 1
            batch = Batch(self._batch_number, segment, now_ns, [], [], b"")
            segment.unsettled += 1
            self._next = batch
        assert batch.segment is segment, "a batch that waits for its flush keeps its segment open"
        segment.records[record.event_id] = record
        batch.ids.append(record.event_id)
        self._known[record.event_id] = batch
        return batch

    def _begin(self, now_ns: int) -> list[Effect]:
        """Flush what is written, unless a flush runs; send the batch to a peer meanwhile."""
        if self._flushing or (self._next is None and not self._acks):
            return []
        batch, self._next = self._next, None
        acks, self._acks = self._acks, []
        self._flight, self._flushing = (batch, acks), True
        effects: list[Effect] = [Flush()]
        if batch is not None:
            batch.copied = not batch.copy
            if not batch.copied:
                wait_ns = REFUSE_ALONE_NS if self._alone else REFUSE_NS
                batch.refuse_ns = now_ns + wait_ns
                self._copying[batch.number] = batch
                effects += self._try(batch, now_ns)
            full = len(batch.segment.records) >= SEGMENT_RECORDS_MAX
            if batch.segment is self._open and (full or self._open_due_ns <= now_ns):
                self._close()
        return effects

    def _try(self, batch: Batch, now_ns: int) -> list[Effect]:
        """Ask one more peer for a copy."""
        batch.next_try_ns = now_ns + min(HEDGE_NS << min(batch.tries, 10), HEDGE_MAX_NS)
        due_ns = min(batch.next_try_ns, batch.refuse_ns)
        self._look_ns = due_ns if self._look_ns is None else min(self._look_ns, due_ns)
        if not self._peers:
            return []
        peer = self._peers[batch.tries % len(self._peers)]
        batch.tries += 1
        batch.segment.holders.add(peer)
        message = BackUp(
            epoch=self.epoch,
            segment=batch.segment.number,
            number=batch.number,
            data=batch.copy,
        )
        return [Send(peer, message)]

    def _look(self, now_ns: int) -> list[Effect]:
        """Hedge or refuse the batches that wait for a peer too long."""
        effects: list[Effect] = []
        self._look_ns = None
        for batch in list(self._copying.values()):
            if batch.refuse_ns <= now_ns:
                effects += self._refuse(batch, now_ns)
            elif batch.next_try_ns <= now_ns:
                effects += self._try(batch, now_ns)
            else:
                due_ns = min(batch.next_try_ns, batch.refuse_ns)
                self._look_ns = due_ns if self._look_ns is None else min(self._look_ns, due_ns)
        return effects

    def _refuse(self, batch: Batch, now_ns: int) -> list[Effect]:
        """Give up on a peer's copy: the callers get an internal error, and so says the record."""
        self._alone = True
        del self._copying[batch.number]
        refusal = AuditRefused("no other Availability Zone keeps the audit record")
        effects: list[Effect] = [Tell(answer, refusal) for answer in batch.answers]
        batch.answers = []
        data = b""
        records = batch.segment.records
        for payload in entries(batch.copy):
            record: AuditRecord = RECORD_CODEC.decode(payload)
            records[record.event_id] = refused = replace(
                record,
                error_code="KMSInternalException",
                error_message=refusal.args[0],
                response_elements=None,
            )
            data += entry(RECORD_CODEC.encode(refused))
        # The later entry of an event id wins at recovery. Durable with the next flush is enough:
        # an indefinite error promises nothing about the record.
        effects.append(Write(batch.segment.file, data))
        batch.copied = True
        return effects + self._settle(batch, now_ns)

    def _settle(self, batch: Batch, now_ns: int) -> list[Effect]:
        """Answer the callers of a batch that is kept as ``audit_ack`` demands."""
        if not (batch.flushed and batch.copied):
            return []
        for event_id in batch.ids:
            self._known[event_id] = None
        batch.segment.unsettled -= 1
        effects: list[Effect] = [Tell(answer, None) for answer in batch.answers]
        return effects + self._publish(now_ns)

    # Publication.

    def _close(self) -> None:
        assert self._open is not None
        self._closed.append(self._open)
        self._open = None

    def _publish(self, now_ns: int) -> list[Effect]:
        """Post the oldest closed segment, one at a time."""
        if self._posted or not self._closed or now_ns < self._retry_ns:
            return []
        item = self._closed[0]
        if isinstance(item, Held):
            records = tuple(_records(b"".join(item.data)))
        elif item.unsettled:
            return []
        else:
            records = tuple(item.records.values())
        self._posted = True
        self._retry_ns = 0
        return [Post(records)]

    @staticmethod
    def _file(kind: str, owner: str, epoch: int, number: int) -> str:
        # Padded, so that names sort by age; a segment's file names all that its key does.
        return f"{kind}:{owner.replace('/', '~')}:{epoch:012}:{number:08}"
