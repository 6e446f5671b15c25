"""Rotation of a customer's key: by period, on demand, and what never changes with it."""

import re
from typing import Any

import pytest

from regions.errors import (
    ConflictException,
    DisabledException,
    LimitExceededException,
)
from regions.kms.jobs import JOBS
from regions.kms.keyring import Applied
from sim.units import days, minutes, seconds


def rotations(desk: Any, key_id: str, **more: Any) -> list[dict[str, Any]]:
    return list(desk.call("ListKeyRotations", KeyId=key_id, **more)["Rotations"])


def test_cmk_12_material_rotates_by_its_period_and_old_ciphertext_opens_for_ever(desk: Any) -> None:
    """CMK-12: three periods of 90 days; the id stays, each blob opens, each rotation is listed."""
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    begun_ns, blobs, ids = desk.now_ns, [], []
    for _ in range(4):
        made = desk.call("GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
        blobs.append((made["CiphertextBlob"], made["Plaintext"]))
        ids.append(made["KeyMaterialId"])
        desk.run_jobs(days(90))
    assert len(set(ids)) == 4
    for (blob, plaintext), material_id in zip(blobs, ids, strict=True):
        opened = desk.call("Decrypt", CiphertextBlob=blob)
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (plaintext, material_id)
    listed = rotations(desk, key_id)
    assert [entry["KeyMaterialId"] for entry in listed[:3]] == ids[1:]
    dates = [(begun_ns + days(90) * turn) / 10**9 for turn in (1, 2, 3, 4)]
    assert [entry["RotationDate"] for entry in listed] == dates
    states = ["NON_CURRENT", "NON_CURRENT", "NON_CURRENT", "CURRENT"]
    assert [entry["KeyMaterialState"] for entry in listed] == states
    assert {entry["RotationType"] for entry in listed} == {"AUTOMATIC"}
    assert desk.keyring.digest() == desk.twin.digest()


def test_all_material_is_listed_by_page_with_the_first_one(desk: Any) -> None:
    key_id = desk.create_key()
    first = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert rotations(desk, key_id) == []
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    desk.run_due()
    page = desk.call(
        "ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=1
    )
    assert page["Rotations"] == (
        {"KeyId": key_id, "KeyMaterialId": first, "KeyMaterialState": "NON_CURRENT"},
    )
    rest = rotations(desk, key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL", Marker=page["NextMarker"])
    assert rest == rotations(desk, key_id)
    assert [entry["RotationType"] for entry in rest] == ["ON_DEMAND"]


def test_a_rotation_on_demand_leaves_the_schedule_as_it_is(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
    before = desk.call("GetKeyRotationStatus", KeyId=key_id)
    desk.run_jobs(days(60))
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    under_way = desk.call("GetKeyRotationStatus", KeyId=key_id)
    assert under_way == {**before, "OnDemandRotationStartDate": desk.now_ns / 10**9}
    desk.run_due()
    assert desk.call("GetKeyRotationStatus", KeyId=key_id) == before
    desk.run_jobs(days(40))
    kinds = [entry["RotationType"] for entry in rotations(desk, key_id)]
    assert kinds == ["ON_DEMAND", "AUTOMATIC"]


def test_the_status_says_what_is_set(desk: Any) -> None:
    key_id = desk.create_key()
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"
    off = {"KeyId": arn, "KeyRotationEnabled": False}
    assert desk.call("GetKeyRotationStatus", KeyId=key_id) == off
    assert desk.call("EnableKeyRotation", KeyId=key_id) == {}
    assert desk.call("GetKeyRotationStatus", KeyId=key_id) == {
        "KeyId": arn,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "NextRotationDate": (desk.now_ns + days(365)) / 10**9,
    }
    desk.call("DisableKeyRotation", KeyId=key_id)
    assert desk.call("GetKeyRotationStatus", KeyId=key_id) == off


def test_a_condemned_key_shows_no_rotation_until_it_is_saved(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    desk.call("ScheduleKeyDeletion", KeyId=key_id)
    assert not desk.call("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"]
    desk.call("CancelKeyDeletion", KeyId=key_id)
    assert desk.call("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"]


def test_an_overdue_rotation_is_done_when_the_key_is_enabled_again(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    desk.call("DisableKey", KeyId=key_id)
    desk.run_jobs(days(200))
    assert rotations(desk, key_id) == []
    desk.call("EnableKey", KeyId=key_id)
    desk.run_due()
    (entry,) = rotations(desk, key_id)
    assert entry["RotationDate"] == desk.now_ns / 10**9


def test_a_key_rotates_on_demand_25_times(desk: Any) -> None:
    key_id = desk.create_key()
    for _ in range(25):
        desk.call("RotateKeyOnDemand", KeyId=key_id)
        desk.run_due()
    text = (
        "LimitExceededException: The on-demand rotations limit has been reached for the given"
        " keyId. No more on-demand rotations can be performed for this key:"
        f" arn:aws:kms:us-east-1:111122223333:key/{key_id}"
    )
    with pytest.raises(LimitExceededException, match=f"^{re.escape(text)}$"):
        desk.call("RotateKeyOnDemand", KeyId=key_id)
    assert len(rotations(desk, key_id)) == 25


CONFLICT = "An automatic rotation of this key is in progress or begins within the next 20 minutes."


def test_no_rotation_on_demand_within_20_minutes_of_an_automatic_one(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    desk.run_jobs(days(90) - minutes(20))
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    desk.run_jobs(seconds(1))
    with pytest.raises(ConflictException, match=f"^ConflictException: {re.escape(CONFLICT)}$"):
        desk.call("RotateKeyOnDemand", KeyId=key_id)


def test_two_rotations_on_demand_are_not_under_way_at_once(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    with pytest.raises(ConflictException, match=f"^ConflictException: {re.escape(CONFLICT)}$"):
        desk.call("RotateKeyOnDemand", KeyId=key_id)


def test_a_race_for_the_last_rotation_is_decided_by_the_log(desk: Any) -> None:
    key_id = desk.create_key()
    desk.before_commit = lambda: desk.call("RotateKeyOnDemand", KeyId=key_id)
    assert desk.answer_code("RotateKeyOnDemand", KeyId=key_id) == "ConflictException"
    assert [record.error_code for record in desk.records[-2:]] == ["", "ConflictException"]


def test_two_leaders_rotate_a_customers_key_once(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    job = JOBS["rotate-keys"]
    replies = [desk.hsm(job.step(desk.keyring, desk.now_ns)) for _ in range(2)]
    first, second = (job.change(desk.keyring, desk.now_ns, one, f"e-{one}") for one in replies)
    assert desk.commit(first).error is None
    assert desk.commit(second) == Applied(None, None, None)
    assert len(desk.keyring.key(key_id).materials) == 2


def test_a_disabled_key_is_not_rotated_on_demand(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("DisableKey", KeyId=key_id)
    text = f"arn:aws:kms:us-east-1:111122223333:key/{key_id} is disabled."
    for action in ("RotateKeyOnDemand", "EnableKeyRotation", "DisableKeyRotation"):
        with pytest.raises(DisabledException, match=f"^DisabledException: {text}$"):
            desk.call(action, KeyId=key_id)


def test_the_records_name_the_period_the_key_and_both_materials(desk: Any) -> None:
    key_id = desk.create_key()
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"
    first = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    desk.call("EnableKeyRotation", KeyId=key_id)
    seen = desk.records[-1]
    assert seen.request_parameters == {"keyId": key_id, "rotationPeriodInDays": 365}
    assert (seen.response_elements, seen.read_only) == ({"keyId": arn}, False)
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    desk.run_due()
    current = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"]
    (rotated,) = desk.job_records
    assert (rotated.name, rotated.event_type) == ("RotateKey", "AwsServiceEvent")
    assert rotated.service_event == {
        "keyId": key_id,
        "rotationType": "ON_DEMAND",
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": first,
        "currentKeyMaterialId": current,
    }


def test_a_snapshot_keeps_what_is_due(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
    desk.twin.restore(desk.keyring.snapshot())
    assert desk.twin.next_rotation() == (desk.now_ns + days(90), key_id)


def test_material_kept_under_a_lost_domain_key_is_not_taken(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    job = JOBS["rotate-keys"]
    made = desk.hsm(job.step(desk.keyring, desk.now_ns))
    late = job.change(desk.keyring, desk.now_ns, made, "e-late")
    for _ in range(7):
        desk.step(JOBS["rotate-domain-key"])
        desk.step(JOBS["rewrap-tokens"])
    assert desk.commit(late) == Applied(None, None, None)
    desk.run_due()
    assert len(rotations(desk, key_id)) == 1


def test_rotation_of_an_aws_managed_key_is_not_the_customers(desk: Any) -> None:
    """CMK-15: the customer reads that it rotates yearly, and cannot change it."""
    key_id = desk.call("DescribeKey", KeyId="alias/aws/ssm")["KeyMetadata"]["KeyId"]
    status = desk.call("GetKeyRotationStatus", KeyId=key_id)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    for action in ("EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"):
        assert desk.answer_code(action, KeyId=key_id) == "AccessDeniedException"
