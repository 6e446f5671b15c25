"""The recorder of one AZ: keeps every audit record before the call it tells of is answered.

What does not belong here: every decision (ledger.py); this shell performs effects.
Source: ARCHITECTURE, "Audit".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.ailments import AUDIT_DOWN, AUDIT_STUCK
from regions.trail.audit_ack import AuditAck
from regions.trail.bounded import BoundedLedger
from regions.trail.journal import damaged_bytes
from regions.trail.ledger import (
    Answer,
    Effect,
    Flush,
    Lost,
    Post,
    Remove,
    Send,
    Tell,
    Truncate,
    Write,
)
from regions.trail.messages import (
    Append,
    Appended,
    AuditRefused,
    BackedUp,
    BackUp,
    CalendarRead,
    Inherit,
    PeersAre,
    Publish,
    Published,
    ReadCalendar,
    RecorderUp,
    Release,
    Ride,
)
from sim.actor import Actor, Expired, Request
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message, Refusal

#: The Trail actor answers in milliseconds, or not at all; chosen.
PUBLISH_TIMEOUT_NS = seconds(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderConfig:
    """One AZ's recorder."""

    az: str  #: name of the AZ actor it serves, which knows of changes of the AZs
    peers: tuple[str, ...]  #: names of the recorders of the other AZs when this one was launched
    trail: str  #: name of the region's Trail actor
    audit_ack: AuditAck = "quorum"


#: What asks a recorder to keep something.
_KEEPS: Final = frozenset({Append, BackUp, Ride})


def _answer(request: Request) -> Answer:
    def answer(refusal: AuditRefused | None) -> None:
        request.reply(Appended() if refusal is None else refusal)

    return answer


class Recorder(Actor):
    """Keeps records on its own disk and a peer's until the region's Trail actor has them."""

    kind = "recorder"
    inline: ClassVar[frozenset[type]] = frozenset(
        {Append, Ride, BackUp, BackedUp, Inherit, PeersAre, Release, ReadCalendar}
    )
    asks_inline: ClassVar[Mapping[str, frozenset[type]]] = {"trail": frozenset({Publish})}

    def __init__(self, config: RecorderConfig) -> None:
        super().__init__(config)
        self._timer: Timer | None = None
        self._due_ns = 0  #: when the timer fires, if there is one

    def start(self) -> None:
        """Take up what the disk holds: it is published soon."""
        config: RecorderConfig = self.config
        self._ledger = BoundedLedger(
            epoch=self.incarnation, peers=config.peers, audit_ack=config.audit_ack
        )
        self._bound(self.cell.ails.get(AUDIT_STUCK))
        files = [(file, self.disk.load(file)) for file in self.disk.files()]
        for file, data in files:
            if damaged_bytes(data):
                self.note("disk", found=f"{file}: {damaged_bytes(data)} bytes rotted")
        self._perform(self._ledger.recover(files, self.now_ns))
        self._bequeath(config.peers)
        if self.incarnation > 1:
            self.send(config.az, RecorderUp())

    def _bequeath(self, peers: Iterable[str]) -> None:
        """Tell peers that earlier incarnations of this recorder are no more."""
        if self.incarnation > 1:
            for peer in peers:
                self.send(peer, Inherit(epoch=self.incarnation))

    def on_ail(self, ailment: str, value: Any) -> None:
        """Stop publishing, or go on."""
        if ailment == AUDIT_STUCK:
            self._bound(value)

    def _bound(self, sizes: tuple[int, ...] | None) -> None:
        self._perform(self._ledger.bound(min(sizes) if sizes else None, self.now_ns))

    def receive(self, request: Request) -> None:
        """Hand one message to the ledger."""
        body, ledger, now_ns = request.body, self._ledger, self.now_ns
        if body.__class__ is ReadCalendar:
            request.reply(CalendarRead(calendar_ns=self.calendar_ns))
            return
        if body.__class__ is PeersAre:
            self._bequeath(ledger.peers_are(body.peers))
            return
        if AUDIT_DOWN in self.cell.ails and self._refuses(request):
            return
        if self.disk.full and self._finds_no_room(request):
            return
        if body.__class__ is Append:
            effects = ledger.append(body.record, _answer(request), now_ns)
        elif body.__class__ is Ride:
            effects = ledger.ride(body.records, _answer(request), now_ns)
        elif body.__class__ is BackUp:
            effects = ledger.back_up(request.sender, body, now_ns)
        elif body.__class__ is BackedUp:
            effects = ledger.backed_up(request.sender, body, now_ns)
        elif body.__class__ is Inherit:
            effects = ledger.inherit(request.sender, body.epoch, now_ns)
        else:
            effects = ledger.release(request.sender, body)
        self._perform(effects)

    def _refuses(self, request: Request) -> bool:
        """Refuse to keep a record, if a fault has this recorder do so."""
        if request.body.__class__ not in _KEEPS:
            return False
        share = max(self.cell.ails[AUDIT_DOWN])
        if share < 1 and self.rng("fault", "audit-down").random() >= share:
            return False
        request.refuse(AuditRefused("this recorder keeps no records now"))
        return True

    def _finds_no_room(self, request: Request) -> bool:
        """Refuse to keep a record that a full disk would not keep, where that was promised."""
        kind = request.body.__class__
        if kind not in _KEEPS or (kind is Append and self._ledger.audit_ack == "async"):
            return False
        request.refuse(AuditRefused("the disk of this recorder is full"))
        return True

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            kind = effect.__class__
            if kind is Write:
                self.disk.append(*effect)
            elif kind is Flush:
                self.disk.flush(self._flushed)
            elif kind is Send:
                self.send(*effect)
            elif isinstance(effect, Tell):
                effect.answer(effect.refusal)
            elif kind is Remove:
                self.disk.remove(*effect)
            elif isinstance(effect, Lost):
                ids = ",".join(record.request_id for record in effect.records)
                self.note("audit-lost", records=len(effect.records), request_ids=ids)
            elif kind is Truncate:
                self.disk.truncate(*effect)
            elif isinstance(effect, Post):
                publish = Publish(records=effect.records)
                trail = self.config.trail
                self.call(trail, publish, self._published, timeout_ns=PUBLISH_TIMEOUT_NS)
        self._arm()

    def _flushed(self) -> None:
        self._perform(self._ledger.flushed(self.now_ns))

    def _published(self, answer: Message | Refusal | Expired) -> None:
        done = isinstance(answer, Published)
        self._perform(self._ledger.published(self.now_ns, done=done))

    def _arm(self) -> None:
        """Keep one timer, set no later than the ledger's next due time."""
        due_ns, timer = self._ledger.due_ns, self._timer
        if due_ns is None:
            if timer is not None:
                timer.cancel()
                self._timer = None
        elif timer is None or self._due_ns > due_ns:
            if timer is not None:
                timer.cancel()
            self._due_ns = due_ns
            self._timer = self.after(max(0, due_ns - self.now_ns), self._due)

    def _due(self) -> None:
        self._timer = None
        self._perform(self._ledger.due(self.now_ns))
