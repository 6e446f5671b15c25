"""Resource quotas: how many keys, aliases and grants there may be, and the switch that lifts them."""

from dataclasses import replace
from typing import Any

import pytest

from regions.errors import LimitExceededException
from regions.kms import grants as grants_module
from regions.kms import keyring as keyring_module
from sim.units import days


def test_an_account_has_so_many_keys_of_any_state_in_a_region(
    desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keyring_module.KEYS_PER_ACCOUNT_MAX == 100_000
    monkeypatch.setattr(keyring_module, "KEYS_PER_ACCOUNT_MAX", 3)
    ssm = replace(kit.user(), via_service="ssm")
    desk.call("Encrypt", ssm, KeyId="alias/aws/ssm", Plaintext=b"x")  # AWS's own do not count.
    first, second, _ = (desk.create_key() for _ in range(3))
    desk.call("DisableKey", KeyId=first)
    desk.call("ScheduleKeyDeletion", KeyId=second, PendingWindowInDays=7)
    with pytest.raises(LimitExceededException) as caught:
        desk.create_key()
    assert caught.value.message == f"The account {kit.account} has 3 keys already"
    desk.create_key(kit.user(account="444455556666"))
    desk.run_jobs(days(7))
    desk.create_key()
    assert desk.keyring.digest() == desk.twin.digest()


def test_a_restored_replica_counts_keys_as_the_others_do(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring_module, "KEYS_PER_ACCOUNT_MAX", 3)
    for _ in range(3):
        desk.create_key()
    desk.keyring.restore(desk.twin.snapshot())
    assert desk.answer_code("CreateKey") == "LimitExceededException"


def test_without_quotas_no_number_is_too_high(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_module, "KEYS_PER_ACCOUNT_MAX", 2)
    monkeypatch.setattr(grants_module, "GRANTS_PER_KEY_MAX", 2)
    desk.limited = False
    first, second, _ = (desk.create_key() for _ in range(3))
    for number in range(51):
        desk.call("CreateAlias", AliasName=f"alias/n{number}", TargetKeyId=first)
    desk.call("CreateAlias", AliasName="alias/more", TargetKeyId=second)
    desk.call("UpdateAlias", AliasName="alias/more", TargetKeyId=first)
    grantee = "arn:aws:iam::111122223333:user/ana"
    for _ in range(3):
        desk.call("CreateGrant", KeyId=first, GranteePrincipal=grantee, Operations=["Decrypt"])
    assert len(desk.call("ListGrants", KeyId=first)["Grants"]) == 3
    assert desk.keyring.digest() == desk.twin.digest()


@pytest.mark.parametrize("action", ["CreateKey", "PutKeyPolicy"])
def test_what_no_one_can_have_raised_stays_a_limit_without_quotas(desk: Any, action: str) -> None:
    desk.limited = False
    long = "{" + " " * 32_768
    named = {"KeyId": desk.create_key()} if action == "PutKeyPolicy" else {}
    assert desk.answer_code(action, Policy=long, **named) == "LimitExceededException"
