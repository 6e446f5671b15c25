"""What an administrator does wrong through the API, what callers see, and that it can be undone."""

from collections import Counter

import pytest
from regional import AZS, REGION, SECRET, decrypt, encrypt
from ward import BUCKET, TRAIL, assert_well, begin, notes, ward

from regions.errors import (
    AccessDeniedException,
    KMSInvalidStateException,
    MalformedPolicyDocumentException,
    NotFoundException,
)
from regions.faults.errand import ACCOUNT
from regions.faults.policy_lockout import lockout
from scenarios.accounts import ACCOUNT as CALLERS
from scenarios.evidence import read_bucket, read_history
from sim.units import days, minutes, ms, seconds


def test_a_key_that_was_condemned_by_mistake_is_saved_within_its_window() -> None:
    with ward() as (arena, key_id):
        blob = encrypt(arena, key_id)
        fault = begin(arena, f"wrong-deletion {REGION}")
        arn = f"arn:aws:kms:{REGION}:111122223333:key/{key_id}"
        text = f"^KMSInvalidStateException: {arn} is pending deletion.$"
        with pytest.raises(KMSInvalidStateException, match=text):
            decrypt(arena, blob)
        arena.world.run_for(days(6))
        fault.heal()
        arena.world.run_for(minutes(1))
        assert decrypt(arena, blob) == SECRET
        assert_well(arena, key_id)


def test_a_key_that_nobody_saves_is_gone_after_its_window_as_it_was_ordered() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"wrong-deletion {REGION} with key={key_id} window=7")
        arena.world.run_for(days(7) + minutes(1))
        with pytest.raises(NotFoundException):
            arena.api(REGION, "DescribeKey", {"KeyId": key_id})
        steps = notes(arena, "errand")
        fault.heal()
        arena.world.run_for(minutes(1))
        assert [text.rpartition(" ")[2] for text in steps if "outcome" in text] == [
            "outcome=NotFoundException"
        ]


def test_a_mistake_and_its_repair_reach_a_region_that_is_dark_at_first() -> None:
    with ward() as (arena, key_id):
        world = arena.world
        front = f"{REGION}/front"
        world.crash(front)
        fault = begin(arena, f"wrong-deletion {REGION} with key={key_id}")
        world.run_for(seconds(30))
        world.restart(front)
        world.run_for(seconds(20))
        described = arena.api(REGION, "DescribeKey", {"KeyId": key_id})
        assert described["KeyMetadata"]["KeyState"] == "PendingDeletion"
        world.crash(front)
        fault.heal()
        world.run_for(seconds(30))
        world.restart(front)
        world.run_for(seconds(30))
        assert_well(arena, key_id)


def test_a_policy_that_locks_everyone_out_is_mended_by_the_break_glass_user() -> None:
    with ward() as (arena, key_id):
        policy = {"KeyId": key_id, "Policy": lockout(ACCOUNT)}
        text = (
            "^MalformedPolicyDocumentException: The new key policy will not allow you to update"
            " the key policy in the future.$"
        )
        with pytest.raises(MalformedPolicyDocumentException, match=text):
            arena.api(REGION, "PutKeyPolicy", policy)
        before = arena.api(REGION, "GetKeyPolicy", {"KeyId": key_id})
        blob = encrypt(arena, key_id)
        fault = begin(arena, f"policy-lockout {REGION}")
        for action, parameters in (
            ("Decrypt", {"CiphertextBlob": blob}),
            ("PutKeyPolicy", {**policy, "BypassPolicyLockoutSafetyCheck": True}),
        ):
            with pytest.raises(AccessDeniedException, match=f"perform: kms:{action} on resource"):
                arena.api(REGION, action, parameters)
        fault.heal()
        arena.world.run_for(minutes(1))
        assert arena.api(REGION, "GetKeyPolicy", {"KeyId": key_id}) == before
        assert_well(arena, key_id)


def test_what_happens_while_logging_is_stopped_stands_in_history_and_in_no_file() -> None:
    with ward() as (arena, key_id):
        arena.world.run_for(minutes(15))
        encrypt(arena, key_id)
        fault = begin(arena, f"stop-logging {REGION}")
        arena.world.run_for(seconds(5))
        status = arena.api(REGION, "GetTrailStatus", {"Name": TRAIL}, service="cloudtrail")
        assert status["IsLogging"] is False
        encrypt(arena, key_id)
        fault.heal()
        arena.world.run_for(seconds(30))
        encrypt(arena, key_id)
        arena.world.run_for(minutes(30))
        history = read_history(arena.world, f"{REGION}/trail")
        delivered = read_bucket(arena.world, f"{REGION}/bucket", BUCKET)
        assert Counter(event.name for event in history)["Encrypt"] == 3
        assert Counter(event.name for event in delivered)["Encrypt"] == 2
        assert_well(arena, key_id)


def test_a_moved_alias_seals_under_the_other_key_and_everything_still_opens() -> None:
    with ward() as (arena, key_id):
        first = encrypt(arena, "alias/app")
        fault = begin(arena, f"alias-moved {REGION} with alias=alias/app")
        arena.world.run_for(seconds(5))
        sealed = arena.api(REGION, "Encrypt", {"KeyId": "alias/app", "Plaintext": SECRET})
        assert not sealed["KeyId"].endswith(key_id)
        fault.heal()
        arena.world.run_for(minutes(1))
        for az in AZS:
            assert decrypt(arena, first, to=f"{az}/az") == SECRET
            assert decrypt(arena, sealed["CiphertextBlob"], to=f"{az}/az") == SECRET
        described = arena.api(REGION, "DescribeKey", {"KeyId": "alias/app"})
        assert described["KeyMetadata"]["KeyId"] == key_id
        assert_well(arena, key_id)


def test_a_fault_that_ends_at_once_leaves_nothing_behind() -> None:
    for name in ("wrong-deletion", "policy-lockout", "stop-logging", "alias-moved"):
        with ward() as (arena, key_id):
            fault = begin(arena, f"{name} {REGION} for 1ms")
            assert fault.state == "healed"
            arena.world.run_for(minutes(1))
            status = arena.api(REGION, "GetTrailStatus", {"Name": TRAIL}, service="cloudtrail")
            assert status["IsLogging"] is True
            assert_well(arena, key_id)
            arena.world.run_for(ms(1))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"wrong-deletion {REGION} with key=nobody", "NotFoundException"),
        (f"policy-lockout {REGION} with key=nobody", "NotFoundException"),
        (f"alias-moved {REGION} with alias=alias/nobody", "nothing-fits"),
        (f"stop-logging {REGION} with trail=nobody", "TrailNotFoundException"),
        (f"stop-logging {REGION} with account=999999999999", "nothing-fits"),
    ],
)
def test_a_mistake_that_finds_nothing_to_spoil_is_noted(line: str, why: str) -> None:
    with ward() as (arena, key_id):
        found = notes(arena, "idle")
        begin(arena, f"wrong-deletion {REGION} with key={key_id}")
        assert found == []
        begin(arena, line)
        assert found == [f"{REGION} fault={line.partition(' ')[0]} why={why}"]


def test_an_operator_s_error_wants_a_region() -> None:
    with (
        ward() as (arena, _),
        pytest.raises(ValueError, match="fault stop-logging wants a region as its target, not"),
    ):
        begin(arena, f"stop-logging {AZS[0]}")


def test_the_administrator_belongs_to_the_account_of_the_callers() -> None:
    assert ACCOUNT == CALLERS
