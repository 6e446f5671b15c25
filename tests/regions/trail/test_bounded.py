"""A stuck recorder with a bounded buffer: what it refuses, and what it lets go."""

from types import ModuleType
from typing import Any

import pytest

from regions.trail.bounded import FULL, BoundedLedger
from regions.trail.ledger import Answer, AuditAck, Flush, Lost, Post, Remove, Tell
from regions.trail.messages import AuditRefused
from regions.trail.record import AuditRecord
from sim.units import seconds


class Told:
    """Remembers how each append was answered."""

    def __init__(self) -> None:
        self.answers: dict[str, AuditRefused | None] = {}

    def of(self, name: str) -> Answer:
        def answer(refusal: AuditRefused | None) -> None:
            self.answers[name] = refusal

        return answer


def feed(ledger: BoundedLedger, record: AuditRecord, told: Told, now_ns: int) -> list[Any]:
    """Append a record and let its flush happen."""
    effects: list[Any] = ledger.append(record, told.of(record.event_id), now_ns)
    if any(isinstance(effect, Flush) for effect in effects):
        effects += ledger.flushed(now_ns)
    for effect in effects:
        if isinstance(effect, Tell):
            effect.answer(effect.refusal)
    return effects


@pytest.mark.parametrize("audit_ack", ["local", "async"])
def test_the_oldest_segment_makes_room_and_is_named_as_lost(
    audit_ack: AuditAck, made: ModuleType
) -> None:
    ledger, told = BoundedLedger(epoch=1, peers=(), audit_ack=audit_ack), Told()
    assert ledger.bound(2, 0) == []
    records = [made.record(n, event_id=f"e-{n}") for n in range(4)]
    for number in range(2):
        feed(ledger, records[number], told, seconds(6) * number)
        ledger.due(seconds(6) * (number + 1))
    effects = feed(ledger, records[2], told, seconds(13))
    assert [e.records for e in effects if isinstance(e, Lost)] == [(records[0],)]
    assert len([e for e in effects if isinstance(e, Remove)]) == 1
    assert told.answers == dict.fromkeys(["e-0", "e-1", "e-2"])
    ledger.due(seconds(20))
    (post,) = (e for e in ledger.bound(None, seconds(20)) if isinstance(e, Post))
    assert post.records == (records[1],)


def test_a_record_that_was_promised_is_never_dropped(made: ModuleType) -> None:
    ledger, told = BoundedLedger(epoch=1, peers=(), audit_ack="quorum"), Told()
    ledger.bound(1, 0)
    first, second = (made.record(n, event_id=f"e-{n}") for n in range(2))
    feed(ledger, first, told, 0)
    effects = feed(ledger, second, told, 1)
    assert [type(effect) for effect in effects] == [Tell]
    refusal = told.answers["e-1"]
    assert refusal is not None
    assert refusal.args == (FULL,)
    # The same record again is no second one.
    assert ledger.append(first, told.of("again"), 2) == []


def test_what_rides_in_the_log_is_refused_and_comes_again(made: ModuleType) -> None:
    ledger, told = BoundedLedger(epoch=1, peers=(), audit_ack="local"), Told()
    ledger.bound(1, 0)
    first, second = (made.record(n, event_id=f"e-{n}") for n in range(2))
    feed(ledger, first, told, 0)
    (tell,) = ledger.ride((second,), told.of("ride"), 1)
    assert isinstance(tell, Tell)
    assert tell.refusal is not None
    (known,) = ledger.ride((first,), told.of("ride"), 1)
    assert isinstance(known, Tell)
    assert known.refusal is None
