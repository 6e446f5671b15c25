"""Policies of AWS managed keys are the service's own: it changes them all, and nobody else can."""

from dataclasses import replace
from typing import Any

import pytest

from regions.kms import key as keys
from regions.names import calls_as
from regions.policy.defaults import managed_key_policy

SERVICES = ("ssm", "ebs", "rds")


def newer(region: str, account: str, service: str) -> str:
    """As a release writes it in which services may also make MACs."""
    text = managed_key_policy(region, account, service)
    return text.replace('"kms:DescribeKey"', '"kms:DescribeKey", "kms:GenerateMac"', 1)


def policies(desk: Any) -> dict[str, str]:
    named = [entry for entry in desk.call("ListAliases")["Aliases"] if "TargetKeyId" in entry]
    return {
        entry["AliasName"]: desk.call("GetKeyPolicy", KeyId=entry["TargetKeyId"])["Policy"]
        for entry in named
    }


def test_cmk_26_a_release_changes_the_policies_of_all_managed_keys_and_of_no_other(
    desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CMK-26: the provider updates the policies of default keys; customers' keys keep theirs."""
    for service in SERVICES:
        through = replace(kit.user(), via_service=calls_as(service))
        desk.call("Encrypt", through, KeyId=f"alias/aws/{service}", Plaintext=b"x")
    own = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/own", TargetKeyId=own)
    before, state = policies(desk), desk.keyring.digest()
    monkeypatch.setattr(keys, "managed_key_policy", newer)
    after = policies(desk)
    managed = {f"alias/aws/{service}" for service in SERVICES}
    changed = {name for name, text in after.items() if "kms:GenerateMac" in text}
    assert changed == managed
    assert not any("kms:GenerateMac" in text for text in before.values())
    assert after["alias/own"] == before["alias/own"]
    assert desk.keyring.digest() == state


def test_cmk_26_a_customer_cannot_put_the_policy_of_a_managed_key(desk: Any, kit: Any) -> None:
    """CMK-26: only the provider updates it."""
    through = replace(kit.user(), via_service="ssm")
    key_id = desk.call("Encrypt", through, KeyId="alias/aws/ssm", Plaintext=b"x")["KeyId"][-36:]
    policy = desk.call("GetKeyPolicy", KeyId=key_id)["Policy"]
    assert desk.answer_code("PutKeyPolicy", KeyId=key_id, Policy=policy) == "AccessDeniedException"
