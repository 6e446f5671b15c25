"""AWS managed keys: born at the first use by their service, once, and of use to it alone."""

import re
from dataclasses import replace
from typing import Any

import pytest

from regions.calls import Principal
from regions.errors import AccessDeniedException, NotFoundException
from sim.units import days

ALIAS = "alias/aws/ssm"


def via(principal: Principal, service: str) -> Principal:
    return replace(principal, invoked_by="AWS Internal", via_service=service)


def test_the_first_use_by_its_service_brings_the_key_into_being(desk: Any, kit: Any) -> None:
    """CMK-15, CMK-19, CMK-24, CMK-25: created lazily, by its service; its uses are recorded."""
    ssm = via(kit.user("ana", policy=""), "ssm")
    assert len(desk.keyring) == 0
    blob = desk.call("Encrypt", ssm, KeyId=ALIAS, Plaintext=b"pin")["CiphertextBlob"]
    assert desk.call("Decrypt", ssm, CiphertextBlob=blob)["Plaintext"] == b"pin"
    desk.call("GenerateDataKey", ssm, KeyId=ALIAS, KeySpec="AES_256")
    assert len(desk.keyring) == 1
    seen = desk.call("DescribeKey", KeyId=ALIAS)["KeyMetadata"]
    assert (seen["KeyManager"], seen["KeyState"], seen["Description"]) == (
        "AWS",
        "Enabled",
        "Default key that protects my ssm resources when no other key is defined",
    )
    (alias,) = desk.call("ListAliases")["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == (ALIAS, seen["KeyId"])
    uses = [(r.name, r.principal.via_service, r.resources[0].arn) for r in desk.records[:3]]
    actions = ("Encrypt", "Decrypt", "GenerateDataKey")
    assert uses == [(action, "ssm", seen["Arn"]) for action in actions]
    assert desk.keyring.digest() == desk.twin.digest()


def test_users_and_other_services_are_refused_its_use(desk: Any, kit: Any) -> None:
    """CMK-17: only its service uses it; the account may look at it."""
    ana = kit.user("ana")
    blob = desk.call("Encrypt", via(ana, "ssm"), KeyId=ALIAS, Plaintext=b"pin")["CiphertextBlob"]
    key_id = desk.call("DescribeKey", ana, KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"
    for caller in (ana, via(ana, "s3"), kit.user("root")):
        for action, parameters in (
            ("Encrypt", {"KeyId": ALIAS, "Plaintext": b"pin"}),
            ("Decrypt", {"CiphertextBlob": blob}),
            ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ):
            text = (
                f"User: {caller.arn} is not authorized to perform: kms:{action} on resource: "
                f"{arn} because no resource-based policy allows the kms:{action} action"
            )
            with pytest.raises(AccessDeniedException, match=f"^[A-Za-z]+: {re.escape(text)}$"):
                desk.call(action, caller, **parameters)
    assert '"Id" : "auto-ssm-1"' in desk.call("GetKeyPolicy", ana, KeyId=key_id)["Policy"]


def test_the_customer_cannot_manage_it(desk: Any, kit: Any) -> None:
    """CMK-15: the customer can neither delete nor disable it, nor change its policy."""
    root = replace(kit.user("x"), kind="Root", arn="arn:aws:iam::111122223333:root", policies=())
    desk.call("Encrypt", via(root, "ssm"), KeyId=ALIAS, Plaintext=b"pin")
    key_id = desk.call("DescribeKey", root, KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    before = desk.keyring.key(key_id)
    for action, parameters in (
        ("DisableKey", {}),
        ("ScheduleKeyDeletion", {}),
        ("PutKeyPolicy", {"Policy": before.policy_text("us-east-1")}),
    ):
        with pytest.raises(AccessDeniedException):
            desk.call(action, root, KeyId=key_id, **parameters)
    assert desk.keyring.key(key_id) == before


def test_concurrent_first_uses_end_with_one_key(desk: Any, kit: Any) -> None:
    """CMK-16, CMK-19: N parallel first uses make one key, and all use it."""
    ssm = via(kit.user("ana"), "ssm")
    won: list[str] = []

    def racing() -> None:
        body = desk.call("Encrypt", ssm, KeyId=ALIAS, Plaintext=b"winner")
        won.append(body["KeyId"])

    # The racer runs when the first call has its material and is about to commit.
    desk.before_commit = racing
    lost = desk.call("Encrypt", ssm, KeyId=ALIAS, Plaintext=b"loser")
    assert [lost["KeyId"]] == won
    assert len(desk.keyring) == 1
    opened = desk.call("Decrypt", ssm, CiphertextBlob=lost["CiphertextBlob"])
    assert opened["Plaintext"] == b"loser"


def test_each_account_and_service_has_its_own(desk: Any, kit: Any) -> None:
    """CMK-16, CMK-09: unique to account, region and service; two managers, no third."""
    ids = set()
    for account in ("111122223333", "444455556666"):
        for service in ("ssm", "s3"):
            caller = via(kit.user("ana", account=account), service)
            body = desk.call("Encrypt", caller, KeyId=f"alias/aws/{service}", Plaintext=b"x")
            ids.add(body["KeyId"])
    assert len(ids) == 4
    desk.create_key()
    managers = [
        desk.call("DescribeKey", KeyId=entry["KeyId"])["KeyMetadata"]["KeyManager"]
        for entry in desk.call("ListKeys")["Keys"]
    ]
    assert managers == ["AWS", "AWS", "CUSTOMER"]


def test_an_unborn_key_is_made_by_describing_it_but_by_no_other_call(desk: Any, kit: Any) -> None:
    text = "Alias arn:aws:kms:us-east-1:111122223333:alias/aws/s3 is not found."
    with pytest.raises(NotFoundException, match=f"^NotFoundException: {re.escape(text)}$"):
        desk.call("Encrypt", KeyId="alias/aws/s3", Plaintext=b"x")
    with pytest.raises(NotFoundException):
        desk.call("DescribeKey", KeyId="alias/aws/no-such-service")
    with pytest.raises(AccessDeniedException):
        desk.call("DescribeKey", kit.user("eve", policy=""), KeyId="alias/aws/s3")
    assert len(desk.keyring) == 0
    assert desk.call("DescribeKey", KeyId="alias/aws/s3")["KeyMetadata"]["KeyManager"] == "AWS"


def test_a_provider_never_changes_the_policy_of_a_customers_key(desk: Any, kit: Any) -> None:
    """CMK-28: after every provider job, a customer's policy is what the customer wrote."""
    key_id = desk.create_key()
    policy = desk.call("GetKeyPolicy", KeyId=key_id)
    desk.call("Encrypt", via(kit.user(), "ssm"), KeyId=ALIAS, Plaintext=b"x")
    assert desk.run_jobs(days(800)) > 800
    assert desk.call("GetKeyPolicy", KeyId=key_id) == policy


def test_the_key_of_ebs_is_used_by_ec2_and_by_nobody_else(desk: Any, kit: Any) -> None:
    """CMK-17: EBS has no name of its own for KMS; EC2 calls for it."""
    ec2, s3 = (via(kit.user("ana", policy=""), service) for service in ("ec2", "s3"))
    made = desk.call("GenerateDataKey", ec2, KeyId="alias/aws/ebs", KeySpec="AES_256")
    assert made["KeyId"].startswith("arn:aws:kms:us-east-1:")
    with pytest.raises(AccessDeniedException):
        desk.call("GenerateDataKey", s3, KeyId="alias/aws/ebs", KeySpec="AES_256")
