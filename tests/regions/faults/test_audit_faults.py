"""The audit plane fails: calls are refused, or records are lost only where that was agreed to."""

import re
from collections import Counter

import pytest
from regional import AZS, REGION, SECRET
from ward import BUCKET, TRAIL, assert_well, begin, knock, notes, ward

from regions.errors import KMSInternalException
from scenarios.arena import Arena
from scenarios.evidence import read_bucket, read_history
from sim.units import minutes, ms, seconds

REFUSED = "KMSInternalException: the call could not be made durable: AuditRefused"


def encrypted(arena: Arena) -> set[str]:
    """Return the request ids of all Encrypt events that history holds once all is quiet."""
    arena.world.run_for(minutes(10))
    events = read_history(arena.world, f"{REGION}/trail")
    assert max(Counter(event.event_id for event in events).values()) == 1
    return {event.request_id for event in events if event.name == "Encrypt"}


def test_with_one_az_s_recorder_out_its_calls_fail_and_a_retry_finds_another_az() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"audit-down {AZS[0]}")
        with pytest.raises(KMSInternalException, match=f"^{REFUSED}$"):
            arena.api(REGION, "Encrypt", {"KeyId": key_id, "Plaintext": SECRET}, to=f"{AZS[0]}/az")
        answers = Counter(knock(arena, key_id, times=30, every_ns=ms(100)))
        assert answers == {"ok": 20, REFUSED: 10}
        assert arena.api(REGION, "CreateKey", {})  # Its record rides in the log meanwhile.
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)


@pytest.mark.parametrize("audit_ack", ["quorum", "local", "async"])
def test_without_any_recorder_no_call_is_answered_well_and_afterwards_none_is_missing(
    audit_ack: str,
) -> None:
    with ward(audit_ack=audit_ack) as (arena, key_id):
        fault = begin(arena, f"audit-down {REGION}")
        assert set(knock(arena, key_id, times=9, every_ns=ms(100))) == {REFUSED}
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        answered = {c.request_id for c in arena.history if c.action == "Encrypt" and c.served}
        assert answered <= encrypted(arena)


def test_records_that_wait_in_the_log_are_offered_again_now_and_then_however_many() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"audit-down {REGION}")
        for _ in range(20):
            arena.api(REGION, "CreateKey", {})
            arena.world.run_for(seconds(1))
        arena.world.run_for(minutes(2))
        offers: Counter[str] = Counter()

        def tap(source: str, target: str, _: bytes) -> None:
            if source.endswith("/az") and target.endswith("/recorder"):
                offers[target] += 1

        arena.world.tap_frames(tap)
        arena.world.run_for(minutes(30))  # Nobody calls meanwhile.
        assert offers == dict.fromkeys((f"{az}/recorder" for az in AZS), 30)
        fault.heal()
        arena.world.run_for(minutes(2))
        assert_well(arena, key_id)
        events = read_history(arena.world, f"{REGION}/trail")
        assert Counter(event.name for event in events)["CreateKey"] == 21 + 1


def test_a_recorder_may_refuse_a_share_of_the_records() -> None:
    with ward(audit_ack="local") as (arena, key_id):
        begin(arena, f"audit-down {REGION} with share=50%")
        answers = Counter(knock(arena, key_id, times=60, every_ns=ms(50)))
        assert answers.keys() == {"ok", REFUSED}
        assert 15 < answers["ok"] < 45


def test_a_full_buffer_refuses_calls_where_no_record_may_be_lost() -> None:
    with ward() as (arena, key_id):
        lost = notes(arena, "audit-lost")
        fault = begin(arena, f"audit-drop {REGION} with records=10")
        answers = knock(arena, key_id, times=60, every_ns=ms(50))
        assert 0 < answers.index(REFUSED) <= 30
        assert set(answers[answers.index(REFUSED) + 3 :]) == {REFUSED}
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        assert lost == []
        # Refused calls say so in their record, if they have one; none that was answered is missing.
        assert len(encrypted(arena)) >= Counter(answers)["ok"]


@pytest.mark.parametrize("audit_ack", ["local", "async"])
def test_a_full_buffer_drops_the_oldest_records_where_that_was_agreed_to(audit_ack: str) -> None:
    with ward(audit_ack=audit_ack) as (arena, key_id):
        arena.world.run_for(seconds(30))  # What came before is published.
        lost = notes(arena, "audit-lost")
        fault = begin(arena, f"audit-drop {REGION} with records=10")
        assert set(knock(arena, key_id, times=90, every_ns=ms(250))) == {"ok"}
        created = arena.api(REGION, "CreateKey", {})["KeyMetadata"]["KeyId"]
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, created)
        kept = encrypted(arena)
        gone = {one for text in lost for one in re.split("[ =,]", text) if one.count("-") == 4}
        assert gone
        assert kept.isdisjoint(gone)
        assert len(kept) + len(gone) == 90 + 1  # assert_well() has encrypted once.
        # What rode in the replicated log waited there.
        events = read_history(arena.world, f"{REGION}/trail")
        assert Counter(event.name for event in events)["CreateKey"] == 3


def test_a_stuck_agent_of_one_az_loses_nothing_its_peers_hold_copies() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"audit-drop {AZS[0]}")
        assert set(knock(arena, key_id, times=30, every_ns=ms(100))) == {"ok"}
        arena.world.run_for(minutes(3))
        events = read_history(arena.world, f"{REGION}/trail")
        assert len([event for event in events if event.name == "Encrypt"]) == 30
        fault.heal()
        arena.world.run_for(minutes(1))
        assert len(encrypted(arena)) == 30


def test_a_bucket_that_refuses_the_trail_gets_every_file_later() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"bucket-policy-removed {REGION} with bucket={BUCKET}")
        knock(arena, key_id, times=5, every_ns=seconds(1))
        arena.world.run_for(minutes(20))
        status = arena.api(REGION, "GetTrailStatus", {"Name": TRAIL}, service="cloudtrail")
        assert status["LatestDeliveryError"] == "AccessDenied"
        assert list(read_bucket(arena.world, f"{REGION}/bucket", BUCKET)) == []
        fault.heal()
        arena.world.run_for(minutes(60))
        events = read_bucket(arena.world, f"{REGION}/bucket", BUCKET)
        assert len([event for event in events if event.name == "Encrypt"]) == 5
        status = arena.api(REGION, "GetTrailStatus", {"Name": TRAIL}, service="cloudtrail")
        assert "LatestDeliveryError" not in status
