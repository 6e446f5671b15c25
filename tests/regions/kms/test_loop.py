"""The loop: one record per call, faults mapped, residency and isolation kept."""

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regions.calls import ApiCall
from regions.errors import (
    AccessDeniedException,
    KeyUnavailableException,
    KMSInternalException,
    NotFoundException,
)
from regions.hsm.errors import HsmNotReady, TokenUnreadable
from regions.kms.loop import Commit, perform
from regions.kms.operations import OPERATIONS
from regions.trail.record import AuditRecord, Resource
from sim.units import days
from sim.wire import Overloaded

ARN = "arn:aws:kms:us-east-1:111122223333:"
ANA = "arn:aws:iam::111122223333:user/ana"


def expected(desk: Any, number: int, **fields: Any) -> AuditRecord:
    """The record of one call at this desk, but for what is its own."""
    actual = desk.records[number - 1]
    common: dict[str, Any] = {
        "event_id": f"eeeeeeee-0000-4000-8000-{number:012}",
        "request_id": f"00000000-0000-4000-8000-{number:012}",
        "time_ns": desk.now_ns,
        "source": "kms.amazonaws.com",
        "region": "us-east-1",
        "principal": actual.principal,
        "source_ip": "203.0.113.7",
        "user_agent": "aws-sdk",
        "recipient_account": "111122223333",
    }
    return AuditRecord(**{**common, **fields})


def test_a_use_is_recorded_with_key_and_context_but_without_secrets(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    context = {"tenant": "1"}
    blob = desk.call("Encrypt", KeyId="alias/app", Plaintext=b"pin", EncryptionContext=context)
    desk.call("Decrypt", CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=context)
    desk.call("GenerateDataKey", KeyId=key_id, NumberOfBytes=64)
    key = Resource(arn=f"{ARN}key/{key_id}", account="111122223333")
    assert desk.records[1:] == [
        expected(
            desk,
            2,
            name="CreateAlias",
            request_parameters={"aliasName": "alias/app", "targetKeyId": key_id},
            resources=(
                Resource(arn=f"{ARN}alias/app", account="111122223333"),
                key,
            ),
            read_only=False,
        ),
        expected(
            desk,
            3,
            name="Encrypt",
            request_parameters={
                "keyId": "alias/app",
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": context,
            },
            resources=(key,),
        ),
        expected(
            desk,
            4,
            name="Decrypt",
            request_parameters={
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": context,
            },
            resources=(key,),
        ),
        expected(
            desk,
            5,
            name="GenerateDataKey",
            request_parameters={"keyId": key_id, "numberOfBytes": 64},
            resources=(key,),
        ),
    ]


def test_changes_are_recorded_with_what_they_answered(desk: Any) -> None:
    key_id = desk.create_key(Description="payroll", Tags=[{"TagKey": "team", "TagValue": "hr"}])
    desk.call("ScheduleKeyDeletion", KeyId=key_id)
    created, scheduled = desk.records
    assert created.request_parameters == {
        "multiRegion": False,
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "origin": "AWS_KMS",
        "description": "payroll",
        "bypassPolicyLockoutSafetyCheck": False,
        "tags": ({"tagKey": "team", "tagValue": "hr"},),
    }
    assert created.response_elements == {
        "keyMetadata": {
            "AWSAccountId": "111122223333",
            "keyId": key_id,
            "arn": f"{ARN}key/{key_id}",
            "creationDate": "Jan 1, 2026, 12:00:00 PM",
            "enabled": True,
            "description": "payroll",
            "keyUsage": "ENCRYPT_DECRYPT",
            "keyState": "Enabled",
            "origin": "AWS_KMS",
            "keyManager": "CUSTOMER",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "keySpec": "SYMMETRIC_DEFAULT",
            "encryptionAlgorithms": ("SYMMETRIC_DEFAULT",),
            "multiRegion": False,
            "currentKeyMaterialId": desk.keyring.key(key_id).materials[0].material_id,
        }
    }
    assert scheduled == expected(
        desk,
        2,
        name="ScheduleKeyDeletion",
        request_parameters={"keyId": key_id, "pendingWindowInDays": 30},
        response_elements={
            "keyId": f"{ARN}key/{key_id}",
            "keyState": "PendingDeletion",
            "deletionDate": "Jan 31, 2026, 12:00:00 PM",
            "pendingWindowInDays": 30,
        },
        resources=(Resource(arn=f"{ARN}key/{key_id}", account="111122223333"),),
        read_only=False,
        tagged=((f"{ARN}key/{key_id}", (("team", "hr"),)),),
    )


def test_a_refused_call_is_recorded_with_its_error(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    eve = kit.user("eve", policy="")
    answer = desk.outcome("Encrypt", eve, KeyId=key_id, Plaintext=b"x").answer
    text = (
        "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: kms:Encrypt on "
        f"resource: {ARN}key/{key_id} because no identity-based policy allows the kms:Encrypt "
        "action"
    )
    assert answer.args == (text, "00000000-0000-4000-8000-000000000002")
    assert type(answer) is AccessDeniedException
    assert desk.records[1] == expected(
        desk,
        2,
        name="Encrypt",
        request_parameters={"keyId": key_id, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        resources=(Resource(arn=f"{ARN}key/{key_id}", account="111122223333"),),
        error_code="AccessDenied",
        error_message=text,
    )


def test_the_loser_of_a_race_is_answered_and_recorded_as_the_loser(desk: Any) -> None:
    first, second = desk.create_key(), desk.create_key()
    desk.before_commit = lambda: desk.call("CreateAlias", AliasName="alias/a", TargetKeyId=first)
    code = desk.answer_code("CreateAlias", AliasName="alias/a", TargetKeyId=second)
    assert code == "AlreadyExistsException"
    loser = desk.records[-1]
    assert (loser.error_code, loser.error_message) == (
        "AlreadyExistsException",
        f"An alias with the name {ARN}alias/a already exists",
    )
    assert desk.keyring.alias("111122223333", "alias/a").key_id == first


def test_a_key_purged_while_its_change_was_agreed_on_does_not_exist(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.before_commit = lambda: desk.run_jobs(days(8))
    answer = desk.outcome("CancelKeyDeletion", KeyId=key_id).answer
    assert str(answer) == f"NotFoundException: Key '{ARN}key/{key_id}' does not exist"
    assert desk.records[-1].error_code == "NotFoundException"


@pytest.mark.parametrize("refusal", [HsmNotReady(), TokenUnreadable(), Overloaded()])
def test_without_an_hsm_the_key_is_unavailable(desk: Any, refusal: Exception) -> None:
    """CMK-06: whoever wants a key used must reach the service's HSMs; nothing else can do it."""
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    desk.hsm_refusal = refusal
    text = (
        "The request was rejected because the specified KMS key was not available. "
        "You can retry the request."
    )
    for action, parameters in (
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"x"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("CreateKey", {}),
    ):
        with pytest.raises(KeyUnavailableException, match=f"^KeyUnavailableException: {text}$"):
            desk.call(action, **parameters)
    assert desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["Enabled"] is True


def test_an_uncertain_commit_is_answered_and_recorded_as_uncertain(desk: Any) -> None:
    key_id = desk.create_key()
    desk.commit_error = KMSInternalException("no majority")
    answer = desk.outcome("DisableKey", KeyId=key_id).answer
    assert (type(answer), answer.status, answer.definite) == (KMSInternalException, 500, False)
    assert desk.records[-1].error_code == "KMSInternalException"


def test_kms_09_a_key_is_known_in_its_own_region_only(kit: Any) -> None:
    """KMS-09, KMS-10: no region forwards, and none resolves another's key."""
    desks = {region: kit.Desk(region=region) for region in ("us-east-1", "eu-west-1", "sa-east-1")}
    for home, own in desks.items():
        key_id = own.create_key()
        arn = own.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["Arn"]
        blob = own.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
        for region, other in desks.items():
            if region == home:
                continue
            asked = len(other.hsm_commands)
            with pytest.raises(NotFoundException, match=f"^NotFoundException: Invalid arn {home}$"):
                other.call("Encrypt", KeyId=arn, Plaintext=b"x")
            missing = f"Key 'arn:aws:kms:{region}:111122223333:key/{key_id}' does not exist"
            if other.keyring.key(key_id) is None:
                with pytest.raises(NotFoundException, match=f"^NotFoundException: {missing}$"):
                    other.call("Encrypt", KeyId=key_id, Plaintext=b"x")
            with pytest.raises(
                AccessDeniedException,
                match=(
                    "^AccessDeniedException: The ciphertext refers to a customer master key that "
                    "does not exist, does not exist in this region, or you are not allowed to "
                    r"access\.$"
                ),
            ):
                other.call("Decrypt", CiphertextBlob=blob)
            assert len(other.hsm_commands) == asked


WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"}


def test_kms_16_no_answer_record_or_log_entry_holds_key_material(desk: Any) -> None:
    """KMS-16: no API answer, record or replicated byte contains a backing or domain key."""
    key_id = desk.create_key()
    sealed = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    signer = desk.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    authenticator = desk.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    agreeing = desk.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
    kem = desk.create_key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    signing = {"KeyId": signer, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    signed = desk.call("Sign", **signing)["Signature"]
    mac = {"KeyId": authenticator, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    peer = desk.call("GetPublicKey", KeyId=signer)["PublicKey"]
    encapsulation = {"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"}
    shared = desk.call("Encapsulate", **encapsulation)["SharedSecretCiphertextBlob"]
    pair = {"KeyId": key_id, "KeyPairSpec": "ECC_NIST_P256"}
    calls = {
        "CancelKeyDeletion": {},
        "ConnectCustomKeyStore": {"CustomKeyStoreId": "cks-1"},
        "CreateAlias": {"AliasName": "alias/a", "TargetKeyId": key_id},
        "CreateCustomKeyStore": {
            "CustomKeyStoreName": "a",
            "CloudHsmClusterId": "cluster-aaaaaaaaaaa",
            "KeyStorePassword": "correct-horse",
            "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----",
        },
        "CreateGrant": {"KeyId": key_id, "GranteePrincipal": ANA, "Operations": ["Decrypt"]},
        "CreateKey": {},
        "Decapsulate": {**encapsulation, "SharedSecretCiphertextBlob": shared},
        "Decrypt": {"CiphertextBlob": sealed},
        "DeleteAlias": {"AliasName": "alias/a"},
        "DeleteCustomKeyStore": {"CustomKeyStoreId": "cks-1"},
        "DescribeCustomKeyStores": {},
        "DeriveSharedSecret": {
            "KeyId": agreeing,
            "KeyAgreementAlgorithm": "ECDH",
            "PublicKey": peer,
        },
        "DescribeKey": {"KeyId": key_id},
        "DisableKey": {"KeyId": key_id},
        "DisableKeyRotation": {"KeyId": key_id},
        "DisconnectCustomKeyStore": {"CustomKeyStoreId": "cks-1"},
        "EnableKey": {"KeyId": key_id},
        "EnableKeyRotation": {"KeyId": key_id},
        "Encapsulate": encapsulation,
        "Encrypt": {"KeyId": key_id, "Plaintext": b"x"},
        "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
        "GenerateDataKeyWithoutPlaintext": {"KeyId": key_id, "KeySpec": "AES_256"},
        "GenerateDataKeyPair": pair,
        "GenerateDataKeyPairWithoutPlaintext": pair,
        "GenerateMac": mac,
        "GenerateRandom": {"NumberOfBytes": 32},
        "GetKeyLastUsage": {"KeyId": key_id},
        "GetKeyPolicy": {"KeyId": key_id},
        "GetKeyRotationStatus": {"KeyId": key_id},
        "GetPublicKey": {"KeyId": signer},
        "ListAliases": {},
        "ListKeyRotations": {"KeyId": key_id},
        "ListGrants": {"KeyId": key_id},
        "ListKeyPolicies": {"KeyId": key_id},
        "ListKeys": {},
        "ListResourceTags": {"KeyId": key_id},
        "ListRetirableGrants": {"RetiringPrincipal": ANA},
        "PutKeyPolicy": {"KeyId": key_id, "Policy": "{}"},
        "ReEncrypt": {"CiphertextBlob": sealed, "DestinationKeyId": key_id},
        "ReplicateKey": {"KeyId": key_id, "ReplicaRegion": "eu-west-1"},
        "RotateKeyOnDemand": {"KeyId": key_id},
        "RetireGrant": {"KeyId": key_id, "GrantId": "ab" * 32},
        "RevokeGrant": {"KeyId": key_id, "GrantId": "ab" * 32},
        "ScheduleKeyDeletion": {"KeyId": key_id},
        "Sign": signing,
        "TagResource": {"KeyId": key_id, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "UntagResource": {"KeyId": key_id, "TagKeys": ["a"]},
        "UpdateAlias": {"AliasName": "alias/a", "TargetKeyId": key_id},
        "UpdatePrimaryRegion": {"KeyId": key_id, "PrimaryRegion": "eu-west-1"},
        "UpdateCustomKeyStore": {"CustomKeyStoreId": "cks-1", "NewCustomKeyStoreName": "b"},
        "UpdateKeyDescription": {"KeyId": key_id, "Description": "mine"},
        "GetParametersForImport": {"KeyId": key_id, **WRAPPING},
        "ImportKeyMaterial": {"KeyId": key_id, "ImportToken": b"x", "EncryptedKeyMaterial": b"x"},
        "DeleteImportedKeyMaterial": {"KeyId": key_id},
        "Verify": {**signing, "Signature": signed},
        "VerifyMac": {**mac, "Mac": b"x" * 32},
    }
    assert sorted(calls) == sorted(OPERATIONS)
    shown = [repr(desk.outcome(action, **calls[action])).encode() for action in OPERATIONS]
    shown += [repr(record).encode() for record in desk.records]
    shown += [*desk.frames, desk.keyring.snapshot()]
    hidden = [secret for kind, secret in desk.secrets if kind in ("backing-key", "domain-key")]
    assert len(hidden) >= 3
    for secret in hidden:
        for text in shown:
            assert secret not in text
            assert repr(secret)[2:-1].encode() not in text
            assert secret.hex().encode() not in text


def test_another_accounts_key_needs_both_policies(desk: Any, kit: Any) -> None:
    other = kit.user("bob", account="444455556666")
    key_id = desk.create_key()
    arn = f"{ARN}key/{key_id}"
    hidden = (
        "AccessDeniedException: User: arn:aws:iam::444455556666:user/bob is not authorized to "
        "perform: kms:Encrypt on this resource because the resource does not exist in this "
        "Region, no resource-based policies allow access, or a resource-based policy explicitly "
        "denies access"
    )
    absent = arn[:-1] + ("0" if arn[-1] != "0" else "1")
    for name in (arn, absent):
        answer = desk.outcome("Encrypt", other, KeyId=name, Plaintext=b"x").answer
        assert str(answer) == hidden
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":['
        '"arn:aws:iam::111122223333:root","444455556666"]},"Action":"kms:*","Resource":"*"}]}'
    )
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=policy)
    blob = desk.call("Encrypt", other, KeyId=arn, Plaintext=b"pin")["CiphertextBlob"]
    assert desk.call("Decrypt", other, CiphertextBlob=blob)["Plaintext"] == b"pin"
    with pytest.raises(AccessDeniedException):  # his own account does not let him
        desk.call("Encrypt", replace(other, policies=()), KeyId=arn, Plaintext=b"x")
    with pytest.raises(AccessDeniedException):  # this action never crosses accounts
        desk.call("DisableKey", other, KeyId=arn)


def test_a_call_is_recorded_when_it_ends_not_when_it_began(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    call = ApiCall(
        service="kms",
        region="us-east-1",
        action="Encrypt",
        parameters={"KeyId": key_id, "Plaintext": b"x"},
        principal=kit.user("ana"),
        source_ip="203.0.113.7",
        user_agent="aws-sdk",
    )
    clock = iter([7])
    run = perform(
        call,
        desk.keyring,
        region="us-east-1",
        calendar_ns=3,
        event_id="e",
        completed_ns=lambda: next(clock),
    )
    effect: Any = next(run)
    assert not isinstance(effect, Commit)
    with pytest.raises(StopIteration) as stopped:
        run.send(desk.hsm(effect.command))
    assert stopped.value.value.record.time_ns == 7


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
MEMBERS = [
    *("KeyId", "Plaintext", "CiphertextBlob", "EncryptionContext", "NumberOfBytes", "KeySpec"),
    *("Policy", "AliasName", "TargetKeyId", "Limit", "Marker", "Tags", "DryRun", "SourceKeyId"),
    *("DestinationKeyId", "PendingWindowInDays", "Description", "PolicyName", "GrantTokens"),
    *("GrantToken", "GrantId", "GranteePrincipal", "Operations", "Constraints", "TagKeys"),
]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    action=st.sampled_from(sorted(OPERATIONS)),
    parameters=st.dictionaries(st.sampled_from(MEMBERS), JSON_LIKE, max_size=5),
)
def test_any_parameters_get_one_answer_and_one_record(
    kit: Any, action: str, parameters: dict[str, Any]
) -> None:
    # Goal: nothing that a caller can send escapes as an exception of ours.
    desk = kit.Desk()
    outcome = desk.outcome(action, **parameters)
    assert outcome.answer.args if isinstance(outcome.answer, Exception) else outcome.answer.body
    assert len(desk.records) == 1
    assert dataclasses.is_dataclass(desk.records[0])
