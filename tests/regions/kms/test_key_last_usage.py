"""GetKeyLastUsage: what counts as a use, which one is told, and how AZs come to know of it."""

from dataclasses import replace
from typing import Any

import pytest

from regions.api.models import model_of
from regions.kms.changes import Command
from regions.kms.keyring import Keyring
from regions.kms.usage import TRACKED, KeyUse, UsageNoted
from sim.units import days, seconds


def use_of(desk: Any, key_id: str) -> dict[str, Any]:
    use: dict[str, Any] = desk.call("GetKeyLastUsage", KeyId=key_id)["KeyLastUsage"]
    return use


def shown(record: Any) -> dict[str, Any]:
    return {
        "Operation": record.name,
        "Timestamp": record.time_ns / 1e9,
        "CloudTrailEventId": record.event_id,
        "KmsRequestId": record.request_id,
    }


def test_the_actions_that_count_are_those_of_the_service_s_model() -> None:
    assert set(model_of("kms")["shapes"]["KeyLastUsageTrackingOperation"]["enum"]) == TRACKED


def test_a_key_that_was_never_used_says_since_when_one_would_know(desk: Any) -> None:
    key_id = desk.create_key()
    created = desk.now_ns / 1e9
    desk.wait(days(3))
    desk.call("DescribeKey", KeyId=key_id)
    assert desk.call("GetKeyLastUsage", KeyId=key_id) == {
        "KeyId": key_id,
        "KeyLastUsage": {},
        "TrackingStartDate": created,
        "KeyCreationDate": created,
    }


def test_the_last_successful_use_is_told_with_its_record(desk: Any) -> None:
    """KMS-04, CMK-05: the use of a key is tracked, and told with the record that shows it."""
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    desk.wait(seconds(5))
    desk.call("Decrypt", CiphertextBlob=blob)
    used = desk.records[-1]
    desk.wait(seconds(5))
    desk.answer_code("Decrypt", CiphertextBlob=blob, EncryptionContext={"other": "context"})
    desk.answer_code("Encrypt", KeyId=key_id, Plaintext=b"x", DryRun=True)
    assert use_of(desk, key_id) == shown(used)


def test_re_encrypt_uses_both_keys(desk: Any) -> None:
    source, destination = desk.create_key(), desk.create_key()
    blob = desk.call("Encrypt", KeyId=source, Plaintext=b"pin")["CiphertextBlob"]
    desk.wait(seconds(1))
    desk.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=destination)
    used = desk.records[-1]
    assert use_of(desk, source) == use_of(desk, destination) == shown(used)


def test_an_alias_is_not_taken(desk: Any) -> None:
    desk.call("CreateAlias", AliasName="alias/a", TargetKeyId=desk.create_key())
    assert desk.answer_code("GetKeyLastUsage", KeyId="alias/a") == "NotFoundException"


def test_what_an_az_tells_is_known_everywhere_and_survives_a_snapshot(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")
    [use] = desk.keyring.uses.noted(10)
    assert desk.twin.uses.last(key_id) is None
    desk.commit(Command(change=UsageNoted(uses=(use,)), record=None))
    assert desk.twin.uses.last(key_id) == use
    assert desk.keyring.uses.noted(10) == ()
    copy = Keyring(desk.region)
    copy.restore(desk.twin.snapshot())
    assert copy.uses.last(key_id) == use
    assert copy.digest() == desk.keyring.digest()


def test_a_snapshot_takes_nothing_from_what_a_host_saw_itself(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")
    used = desk.records[-1]
    desk.keyring.restore(desk.twin.snapshot())
    assert use_of(desk, key_id) == shown(used)


@pytest.mark.parametrize("later_first", [True, False])
def test_of_two_uses_the_later_is_told_in_whatever_order_they_come(
    desk: Any, *, later_first: bool
) -> None:
    key_id = desk.create_key()
    early = KeyUse(key_id=key_id, action="Sign", time_ns=7, event_id="e-1", request_id="r-1")
    late = replace(early, time_ns=9, event_id="e-2")
    for use in (late, early) if later_first else (early, late):
        desk.commit(Command(change=UsageNoted(uses=(use,)), record=None))
    assert desk.keyring.uses.last(key_id) == late


def test_a_purged_key_leaves_no_use_behind(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")
    uses = desk.keyring.uses.noted(10)
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.run_jobs(days(7))
    desk.commit(Command(change=UsageNoted(uses=uses), record=None))
    assert list(desk.keyring.uses) == list(desk.twin.uses) == []
    assert desk.keyring.uses.noted(10) == ()
    assert key_id.encode() not in desk.keyring.snapshot()
