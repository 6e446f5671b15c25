"""The recorder's decisions, driven without a world."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from regions.trail.journal import entries, entry, intact_size
from regions.trail.ledger import (
    HEDGE_NS,
    HELD_NS,
    PUBLISH_NS,
    REFUSE_ALONE_NS,
    REFUSE_NS,
    RETRY_NS,
    AuditAck,
    Effect,
    Flush,
    Ledger,
    Post,
    Remove,
    Send,
    Tell,
    Truncate,
    Write,
)
from regions.trail.messages import RECORD_CODEC, AuditRefused, BackedUp, BackUp, Release
from regions.trail.record import AuditRecord
from sim.units import ms


@dataclass
class Bench:
    """One ledger, its disk as a dictionary, and everything it did."""

    audit_ack: AuditAck = "quorum"
    epoch: int = 1
    files: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, AuditRefused | None] = field(default_factory=dict)
    sent: list[tuple[str, Any]] = field(default_factory=list)
    posted: list[tuple[AuditRecord, ...]] = field(default_factory=list)
    flushes: int = 0
    now_ns: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger(epoch=self.epoch, peers=("b", "c"), audit_ack=self.audit_ack)
        files = list(self.files.items())
        self.do(self.ledger.recover(files, self.now_ns))

    def do(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Write):
                self.files[effect.file] = self.files.get(effect.file, b"") + effect.data
            elif isinstance(effect, Flush):
                self.flushes += 1
            elif isinstance(effect, Truncate):
                self.files[effect.file] = self.files[effect.file][: effect.size]
            elif isinstance(effect, Remove):
                self.files.pop(effect.file, None)
            elif isinstance(effect, Send):
                self.sent.append((effect.to, effect.message))
            elif isinstance(effect, Post):
                self.posted.append(effect.records)
            else:
                assert isinstance(effect, Tell)
                effect.answer(effect.refusal)

    def append(self, record: AuditRecord) -> None:
        def told(refusal: AuditRefused | None) -> None:
            assert record.event_id not in self.told, "an append was answered twice"
            self.told[record.event_id] = refusal

        self.do(self.ledger.append(record, told, self.now_ns))

    def flushed(self) -> None:
        self.do(self.ledger.flushed(self.now_ns))

    def backed_up(self, peer: str, number: int) -> None:
        ack = BackedUp(epoch=self.epoch, number=number)
        self.do(self.ledger.backed_up(peer, ack, self.now_ns))

    def wait(self, duration_ns: int) -> None:
        self.now_ns += duration_ns
        self.do(self.ledger.due(self.now_ns))

    def back_ups(self) -> list[tuple[str, int]]:
        return [(to, m.number) for to, m in self.sent if isinstance(m, BackUp)]


def test_an_append_is_told_after_its_flush_and_one_peers_copy(made: ModuleType) -> None:
    # Both are needed, in either order.
    for order in (("flush", "copy"), ("copy", "flush")):
        bench = Bench()
        bench.append(made.record(1))
        assert bench.back_ups() == [("b", 1)]
        for step in order:
            assert bench.told == {}
            bench.flushed() if step == "flush" else bench.backed_up("b", 1)
        assert bench.told == {made.event_id(1): None}


def test_local_waits_for_the_flush_alone_and_async_for_nothing(made: ModuleType) -> None:
    local, unsafe = Bench("local"), Bench("async")
    local.append(made.record(1))
    unsafe.append(made.record(1))
    assert (local.told, unsafe.told) == ({}, {made.event_id(1): None})
    local.flushed()
    assert local.told == {made.event_id(1): None}
    assert local.sent == unsafe.sent == []


def test_appends_during_a_flush_share_the_next_one(made: ModuleType) -> None:
    bench = Bench()
    for number in range(1, 6):
        bench.append(made.record(number))
    assert bench.flushes == 1
    bench.flushed()
    assert bench.flushes == 2
    assert bench.back_ups() == [("b", 1), ("b", 2)]
    bench.flushed()
    bench.backed_up("b", 2)
    assert list(bench.told) == [made.event_id(n) for n in range(2, 6)]


def test_a_silent_peer_is_hedged_and_whoever_answers_is_preferred(made: ModuleType) -> None:
    bench = Bench()
    bench.append(made.record(1))
    bench.flushed()
    assert bench.ledger.due_ns == HEDGE_NS
    bench.wait(HEDGE_NS)
    assert bench.back_ups() == [("b", 1), ("c", 1)]
    bench.backed_up("c", 1)
    bench.append(made.record(2))
    assert bench.back_ups()[-1] == ("c", 2)


def test_without_any_peer_the_append_is_refused_and_the_record_says_so(made: ModuleType) -> None:
    bench = Bench()
    bench.append(made.record(1, response_elements={"x": 1}))
    bench.flushed()
    waited = 0
    while not bench.told:
        bench.wait(ms(1))
        waited += 1
    assert REFUSE_NS <= ms(waited) <= REFUSE_NS + ms(2)
    (refusal,) = bench.told.values()
    assert refusal is not None
    assert refusal.args == ("no other Availability Zone keeps the audit record",)
    bench.wait(PUBLISH_NS)
    ((record,),) = bench.posted
    assert (record.error_code, record.response_elements) == ("KMSInternalException", None)
    # An isolated recorder refuses sooner, until a peer answers again.
    bench.append(made.record(2))
    bench.flushed()
    bench.wait(REFUSE_ALONE_NS)
    assert bench.told[made.event_id(2)] is not None
    bench.backed_up("c", 2)
    bench.append(made.record(3))
    bench.flushed()
    bench.wait(REFUSE_ALONE_NS)
    assert made.event_id(3) not in bench.told


def test_a_repeated_append_is_told_with_the_first_and_kept_once(made: ModuleType) -> None:
    bench, answers = Bench("local"), []
    for _ in range(2):
        bench.do(bench.ledger.append(made.record(1), answers.append, 0))
    bench.flushed()
    bench.do(bench.ledger.append(made.record(1), answers.append, 0))
    assert answers == [None, None, None]
    bench.wait(PUBLISH_NS)
    assert bench.posted == [(made.record(1),)]


def test_published_records_leave_the_disk_and_their_holders_are_told(made: ModuleType) -> None:
    bench = Bench()
    bench.append(made.record(1))
    bench.flushed()
    bench.backed_up("b", 1)
    bench.wait(PUBLISH_NS)
    assert bench.posted == [(made.record(1),)]
    bench.do(bench.ledger.published(bench.now_ns, done=False))
    assert bench.ledger.due_ns == bench.now_ns + RETRY_NS
    bench.wait(RETRY_NS)
    assert len(bench.posted) == 2
    bench.do(bench.ledger.published(bench.now_ns, done=True))
    assert bench.sent[-1] == ("b", Release(epoch=1, segment=1))
    assert (bench.files, bench.ledger.due_ns, bench.ledger.pending) == ({}, None, 0)


def test_records_that_ride_need_no_peer_and_go_once(made: ModuleType) -> None:
    bench, answers = Bench(), []
    records = (made.record(1), made.record(2))
    for _ in range(2):
        bench.do(bench.ledger.ride(records, answers.append, 0))
    assert answers == [None], "the second time they are known: nothing to wait for"
    bench.flushed()
    assert answers == [None, None]
    assert bench.sent == []
    bench.wait(PUBLISH_NS)
    assert bench.posted == [records]


def test_a_holder_publishes_what_is_not_released_in_time(made: ModuleType) -> None:
    bench = Bench()
    data = entry(RECORD_CODEC.encode(made.record(1)))
    back_up = BackUp(epoch=4, segment=2, number=9, data=data)
    for _ in range(2):  # A repeated copy is acknowledged again and stored once.
        bench.do(bench.ledger.back_up("a/recorder", back_up, 0))
    assert bench.sent == []
    bench.flushed()
    bench.flushed()
    assert bench.sent == [("a/recorder", BackedUp(epoch=4, number=9))] * 2
    assert bench.files == {"held:a~recorder:000000000004:00000002": data}
    bench.wait(HELD_NS)
    assert bench.posted == [(made.record(1),)]
    bench.do(bench.ledger.published(bench.now_ns, done=True))
    assert (bench.files, bench.ledger.due_ns) == ({}, None)


def test_a_holder_publishes_at_once_what_a_peer_left_that_has_started_again(
    made: ModuleType,
) -> None:
    # Its own disk may have rotted, and one of two copies must not stay the only one for long.
    for again in ("it says so", "it sends more"):
        bench = Bench()
        one, two = (entry(RECORD_CODEC.encode(made.record(number))) for number in (1, 2))
        bench.do(bench.ledger.back_up("a", BackUp(epoch=4, segment=2, number=9, data=one), 0))
        if again == "it says so":
            bench.do(bench.ledger.inherit("a", 5, 0))
        else:
            later = BackUp(epoch=5, segment=1, number=1, data=two)
            bench.do(bench.ledger.back_up("a", later, 0))
        assert bench.posted == [(made.record(1),)]
        bench.do(bench.ledger.inherit("a", 5, 0))
        bench.do(bench.ledger.published(0, done=True))
        assert bench.posted == [(made.record(1),)]


def test_a_released_copy_is_gone(made: ModuleType) -> None:
    bench = Bench()
    data = entry(RECORD_CODEC.encode(made.record(1)))
    bench.do(bench.ledger.back_up("a", BackUp(epoch=4, segment=2, number=9, data=data), 0))
    bench.flushed()
    bench.do(bench.ledger.release("a", Release(epoch=4, segment=2)))
    assert (bench.files, bench.ledger.due_ns) == ({}, None)
    bench.wait(HELD_NS)
    assert bench.posted == []


def test_a_restart_publishes_what_the_disk_holds_and_cuts_a_torn_tail(made: ModuleType) -> None:
    first = Bench()
    first.append(made.record(1))
    first.flushed()
    first.backed_up("b", 1)
    first.append(made.record(2))
    whole = entry(RECORD_CODEC.encode(made.record(3)))
    copy = BackUp(epoch=7, segment=1, number=1, data=whole)
    first.do(first.ledger.back_up("b", copy, 0))
    files = {name: data + whole[:-1] for name, data in first.files.items()}
    second = Bench(files=files, epoch=2)
    assert second.posted == [(made.record(1), made.record(2))]
    assert second.files["held:b:000000000007:00000001"] == whole, "later copies must not follow garbage"
    second.do(second.ledger.published(0, done=True))
    assert [m for _, m in second.sent if isinstance(m, Release)] == []
    second.wait(HELD_NS)
    assert second.posted[1:] == [(made.record(3),)]


def test_a_damaged_entry_hides_itself_and_nothing_else() -> None:
    payloads = [b"one", b"two", b"three"]
    data = b"".join(map(entry, payloads))
    assert list(entries(data)) == payloads
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 1
        read = list(entries(bytes(broken)))
        assert len(read) == 2
        assert read == [payload for payload in payloads if payload in read]
        assert list(entries(data[:place])) == payloads[: len(list(entries(data[:place])))]
    assert list(entries(data + bytes(600))) == payloads
    assert intact_size(data + b"\x00\x00\x00\x05") == len(data)


@pytest.mark.parametrize("audit_ack", ["quorum", "local", "async"])
def test_nothing_is_due_when_nothing_is_pending(made: ModuleType, audit_ack: AuditAck) -> None:
    bench = Bench(audit_ack)
    assert bench.ledger.due_ns is None
    bench.append(made.record(1))
    bench.flushed()
    bench.backed_up("b", 1)
    bench.wait(PUBLISH_NS)
    bench.do(bench.ledger.published(bench.now_ns, done=True))
    assert bench.ledger.due_ns is None
