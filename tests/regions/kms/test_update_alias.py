"""UpdateAlias: a name moves to another key, and nothing of the old key comes along."""

from typing import Any

import pytest

from regions.errors import KMSInvalidStateException, NotFoundException

ARN = "arn:aws:kms:us-east-1:111122223333:"


def test_a_moved_alias_names_the_other_key_and_old_ciphertext_still_opens(desk: Any) -> None:
    old, new = desk.create_key(), desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=old)
    blob = desk.call("Encrypt", KeyId="alias/app", Plaintext=b"pin")["CiphertextBlob"]
    assert desk.call("UpdateAlias", AliasName="alias/app", TargetKeyId=new) == {}
    assert desk.call("DescribeKey", KeyId="alias/app")["KeyMetadata"]["KeyId"] == new
    assert desk.call("ListAliases", KeyId=old)["Aliases"] == ()
    (alias,) = desk.call("ListAliases", KeyId=new)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/app", new)
    assert desk.call("Decrypt", CiphertextBlob=blob)["KeyId"] == f"{ARN}key/{old}"
    assert desk.keyring.digest() == desk.twin.digest()


def test_an_alias_that_is_not_there_cannot_be_moved(desk: Any) -> None:
    key_id = desk.create_key()
    with pytest.raises(
        NotFoundException, match=f"^NotFoundException: Alias {ARN}alias/no is not found.$"
    ):
        desk.call("UpdateAlias", AliasName="alias/no", TargetKeyId=key_id)


def test_no_alias_moves_to_a_key_that_awaits_deletion(desk: Any) -> None:
    old, new = desk.create_key(), desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=old)
    desk.call("ScheduleKeyDeletion", KeyId=new)
    text = f"^KMSInvalidStateException: {ARN}key/{new} is pending deletion.$"
    with pytest.raises(KMSInvalidStateException, match=text):
        desk.call("UpdateAlias", AliasName="alias/app", TargetKeyId=new)
    desk.call("ScheduleKeyDeletion", KeyId=old)
    desk.call("CancelKeyDeletion", KeyId=new)
    desk.call("UpdateAlias", AliasName="alias/app", TargetKeyId=new)


def test_both_keys_and_the_alias_must_allow_it(desk: Any, kit: Any) -> None:
    old, new = desk.create_key(), desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=old)
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":['
        f'"{ARN}alias/app","{ARN}key/%s"' "]}]}"
    )
    for allowed in (old, new):
        ana = kit.user("ana", policy=policy % allowed)
        refused = old if allowed == new else new
        answer = desk.outcome("UpdateAlias", ana, AliasName="alias/app", TargetKeyId=new).answer
        assert str(answer) == (
            "AccessDeniedException: User: arn:aws:iam::111122223333:user/ana is not authorized to"
            f" perform: kms:UpdateAlias on resource: {ARN}key/{refused} because no identity-based"
            " policy allows the kms:UpdateAlias action"
        )
