"""Long work: domain keys rotate, tokens follow, managed keys rotate, condemned keys are purged."""

from dataclasses import replace
from typing import Any

import pytest

from regions.calls import Principal
from regions.errors import NotFoundException
from regions.hsm.commands import InstallDomain
from regions.hsm.domain import RETAINED_KEYS
from regions.kms.job import Job
from regions.kms.jobs import JOBS
from regions.kms.keyring import Applied
from regions.trail.record import AuditRecord, Resource
from sim.units import days, hours


def test_domain_keys_rotate_daily_and_every_token_follows(desk: Any) -> None:
    keys = [desk.create_key() for _ in range(3)]
    blobs = [desk.call("Encrypt", KeyId=k, Plaintext=b"pin")["CiphertextBlob"] for k in keys]
    assert desk.keyring.domain.active_key == 1
    desk.run_jobs(days(30))
    assert desk.keyring.domain.active_key == 31
    assert {token.domain_key for _, token in desk.keyring.tokens()} == {31}
    for blob in blobs:
        assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"
    assert desk.keyring.digest() == desk.twin.digest()


def test_tokens_are_wrapped_again_in_batches(desk: Any) -> None:
    for _ in range(250):
        desk.create_key()
    desk.wait(days(1))
    assert desk.run_due() == 1 + 3  # one rotation, then 100 + 100 + 50 tokens
    assert desk.keyring.stale_keys(1) == []


def test_a_key_that_came_under_the_old_domain_key_is_not_forgotten(desk: Any) -> None:
    # A key whose material was made before a rotation and committed after it.
    desk.before_commit = lambda: desk.step(JOBS["rotate-domain-key"])
    key_id = desk.create_key()
    assert desk.keyring.key(key_id).current.domain_key == 1
    assert [key.key_id for key in desk.keyring.stale_keys(10)] == [key_id]
    desk.run_due()
    assert desk.keyring.key(key_id).current.domain_key == 2


def test_a_key_whose_domain_key_is_kept_no_longer_is_refused_and_holds_up_no_other(
    desk: Any,
) -> None:
    # Its proposal lay in a stopped host for a week; every replica sees that no HSM can open it.
    def a_week() -> None:
        for _ in range(RETAINED_KEYS):
            desk.wait(days(1))
            desk.run_due()

    standing = desk.create_key()
    desk.before_commit = a_week
    assert desk.answer_code("CreateKey") == "KMSInternalException"
    assert [entry["KeyId"] for entry in desk.call("ListKeys")["Keys"]] == [standing]
    desk.run_jobs(days(10))
    assert {token.domain_key for _, token in desk.keyring.tokens()} == {18}
    assert desk.keyring.digest() == desk.twin.digest()


def _damaged_key(desk: Any) -> str:
    """Make a key whose token no HSM opens."""
    whole = desk.hsm

    def garbled(command: Any) -> Any:
        answer = whole(command)
        return replace(answer, token=answer.token[:-1] + bytes([answer.token[-1] ^ 1]))

    desk.hsm = garbled
    key_id: str = desk.create_key()
    desk.hsm = whole
    return key_id


def test_a_token_that_does_not_open_holds_up_no_other(desk: Any) -> None:
    # It is older than the others, and there are too many keys for the rotation to take along.
    damaged = [_damaged_key(desk) for _ in range(120)]
    whole = [desk.create_key() for _ in range(30)]
    for day in range(1, 4):
        desk.wait(days(1))
        assert desk.run_due() == 1 + 2  # a rotation, 100 tokens, and the other 50
        assert {desk.keyring.key(key_id).current.domain_key for key_id in whole} == {1 + day}
    assert {desk.keyring.key(key_id).current.domain_key for key_id in damaged} == {1}
    assert desk.answer_code("Encrypt", KeyId=damaged[0], Plaintext=b"x") == "KeyUnavailableException"
    assert desk.keyring.digest() == desk.twin.digest()


def test_material_that_comes_a_week_late_is_made_again(desk: Any, kit: Any) -> None:
    ssm = replace(kit.user(), via_service="ssm")
    key_id = desk.call("Encrypt", ssm, KeyId="alias/aws/ssm", Plaintext=b"x")["KeyId"][-36:]
    job = JOBS["rotate-keys"]
    desk.run_jobs(days(365) - hours(1))
    made = desk.hsm(job.step(desk.keyring, desk.now_ns))
    for _ in range(RETAINED_KEYS):
        desk.step(JOBS["rotate-domain-key"])
        desk.step(JOBS["rewrap-tokens"])
    late = job.change(desk.keyring, desk.now_ns + days(7), made, "e-late")
    assert desk.commit(late) == Applied(None, None, None)
    assert len(desk.keyring.key(key_id).materials) == 1
    desk.run_jobs(days(2))
    assert len(desk.keyring.key(key_id).materials) == 2


def test_a_slower_leaders_wrapping_takes_no_token_back(desk: Any) -> None:
    key_id = desk.create_key()
    desk.step(JOBS["rotate-domain-key"])
    rewrap = JOBS["rewrap-tokens"]
    reply = desk.hsm(rewrap.step(desk.keyring, desk.now_ns))
    late = rewrap.change(desk.keyring, desk.now_ns, reply, "")
    desk.step(JOBS["rotate-domain-key"])
    desk.run_due()
    before = desk.keyring.digest()
    desk.commit(late)
    assert desk.keyring.digest() == before
    assert desk.keyring.key(key_id).current.domain_key == 3


def test_aws_managed_keys_rotate_yearly_and_open_their_first_blob(desk: Any, kit: Any) -> None:
    ssm = replace(kit.user(), via_service="ssm", invoked_by="ssm.amazonaws.com")
    blob = desk.call("Encrypt", ssm, KeyId="alias/aws/ssm", Plaintext=b"first")
    key_id = blob["KeyId"].rpartition("/")[2]
    start_ns = desk.now_ns
    desk.records.clear()
    desk.run_jobs(days(365) * 3 + hours(1))
    key = desk.keyring.key(key_id)
    assert len(key.materials) == 4
    newest = desk.call("GenerateDataKey", ssm, KeyId="alias/aws/ssm", KeySpec="AES_256")
    assert newest["KeyMaterialId"] == key.materials[-1].material_id
    opened = desk.call("Decrypt", ssm, CiphertextBlob=blob["CiphertextBlob"])
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (
        b"first",
        key.materials[0].material_id,
    )
    assert desk.job_records[0] == AuditRecord(
        event_id="job-366",  # behind 365 rotations of the domain key and as many batches
        request_id="",
        time_ns=start_ns + days(365),
        source="kms.amazonaws.com",
        name="RotateKey",
        region="us-east-1",
        principal=Principal(
            kind="AWSService", account=kit.account, arn="", invoked_by="AWS Internal"
        ),
        source_ip="AWS Internal",
        user_agent="AWS Internal",
        resources=(Resource(arn=blob["KeyId"], account=kit.account),),
        read_only=False,
        event_type="AwsServiceEvent",
        service_event={
            "keyId": key_id,
            "rotationType": "AUTOMATIC",
            "keyOrigin": "AWS_KMS",
            "previousKeyMaterialId": key.materials[0].material_id,
            "currentKeyMaterialId": key.materials[1].material_id,
        },
        recipient_account=kit.account,
    )
    assert [record.name for record in desk.job_records] == ["RotateKey"] * 3


def test_two_leaders_rotate_a_managed_key_once(desk: Any, kit: Any) -> None:
    ssm = replace(kit.user(), via_service="ssm")
    key_id = desk.call("Encrypt", ssm, KeyId="alias/aws/ssm", Plaintext=b"x")["KeyId"][-36:]
    desk.wait(days(365))
    job = JOBS["rotate-keys"]
    first = desk.hsm(job.step(desk.keyring, desk.now_ns))
    second = desk.hsm(job.step(desk.keyring, desk.now_ns))
    early = job.change(desk.keyring, desk.now_ns, second, "e-early")
    assert desk.commit(job.change(desk.keyring, desk.now_ns, first, "e-1")).error is None
    late = job.change(desk.keyring, desk.now_ns, second, "e-late")
    for command in (early, late):
        assert desk.commit(command) == Applied(None, None, None)
    assert len(desk.keyring.key(key_id).materials) == 2


def test_a_condemned_key_is_purged_on_its_day_with_all_that_was_its_own(desk: Any) -> None:
    key_id, other = desk.create_key(), desk.create_key()
    desk.call("CreateAlias", AliasName="alias/gone", TargetKeyId=key_id)
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    material = desk.keyring.key(key_id).materials[0]
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.run_jobs(days(7) - 1)
    assert desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    desk.run_jobs(1)
    with pytest.raises(NotFoundException):
        desk.call("DescribeKey", KeyId=key_id)
    with pytest.raises(NotFoundException):
        desk.call("DescribeKey", KeyId="alias/gone")
    assert desk.call("ListAliases")["Aliases"] == ()
    desk.call("CreateAlias", AliasName="alias/gone", TargetKeyId=other)
    assert desk.answer_code("Decrypt", CiphertextBlob=blob) == "AccessDeniedException"
    assert [entry["KeyId"] for entry in desk.call("ListKeys")["Keys"]] == [other]
    assert material.hbk_id not in desk.keyring.snapshot()
    assert [(record.name, record.event_type) for record in desk.job_records] == [
        ("DeleteKey", "AwsServiceEvent")
    ]
    assert desk.keyring.digest() == desk.twin.digest()


def test_a_key_saved_in_the_last_moment_is_not_purged(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.wait(days(7))
    purge = JOBS["purge-deleted-keys"].change(desk.keyring, desk.now_ns, None, "e-1")
    desk.call("CancelKeyDeletion", KeyId=key_id)
    assert desk.commit(purge) == Applied(None, None, None)
    assert desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"


def test_a_region_without_a_domain_has_nothing_due(kit: Any) -> None:
    empty = type(kit.Desk().keyring)("eu-west-1")
    assert {name: job.due_ns(empty) for name, job in JOBS.items()} == dict.fromkeys(JOBS)


def test_every_job_keeps_the_contract() -> None:
    for name, job in JOBS.items():
        assert isinstance(job, Job)
        assert job.name == name


def test_the_vault_follows_each_stored_token(desk: Any) -> None:
    desk.run_jobs(days(2))
    installed = desk.vault.execute(InstallDomain(token=desk.keyring.domain.token))
    assert installed.active_key == desk.keyring.domain.active_key == 3
