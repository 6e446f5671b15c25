"""Keys of every kind: what they are for, how they live and die, and what records say of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from fixture_keys import known
from kms_kinds import AGREE, ARN, KEM, MAC, MESSAGE, SEAL, SIGN, make, public, refused

from regions.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.kms.key_specs import KEY_SPECS
from sim.units import days


def test_a_key_does_what_it_was_made_for_and_nothing_else(desk: Any) -> None:
    keys = {
        "ENCRYPT_DECRYPT": desk.create_key(),
        "SIGN_VERIFY": make(desk, "ECC_NIST_P256", SIGN),
        "GENERATE_VERIFY_MAC": make(desk, "HMAC_256", MAC),
        "KEY_AGREEMENT": make(desk, "ECC_NIST_P256", AGREE),
        "ENCAPSULATE_DECAPSULATE": make(desk, "ML_KEM_768", KEM),
    }
    signing = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    mac = {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    encapsulation = {"EncapsulationAlgorithm": "ML_KEM"}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "Encrypt": ("ENCRYPT_DECRYPT", {"Plaintext": b"x"}),
        "GenerateDataKey": ("ENCRYPT_DECRYPT", {"NumberOfBytes": 1}),
        "GenerateDataKeyPair": ("ENCRYPT_DECRYPT", {"KeyPairSpec": "ECC_NIST_P256"}),
        "Sign": ("SIGN_VERIFY", signing),
        "Verify": ("SIGN_VERIFY", {**signing, "Signature": b"x"}),
        "GenerateMac": ("GENERATE_VERIFY_MAC", mac),
        "VerifyMac": ("GENERATE_VERIFY_MAC", {**mac, "Mac": b"x"}),
        "DeriveSharedSecret": (
            "KEY_AGREEMENT",
            {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"},
        ),
        "Encapsulate": ("ENCAPSULATE_DECAPSULATE", encapsulation),
        "Decapsulate": (
            "ENCAPSULATE_DECAPSULATE",
            {**encapsulation, "SharedSecretCiphertextBlob": b"x"},
        ),
    }
    for action, (fitting, parameters) in calls.items():
        for usage, key_id in keys.items():
            if usage == fitting:
                continue
            text = f"{ARN}{key_id} key usage is {usage} which is not valid for {action}."
            with pytest.raises(InvalidKeyUsageException, match=refused(text)):
                desk.call(action, KeyId=key_id, **parameters)


@pytest.mark.parametrize("spec", sorted(name for name, one in KEY_SPECS.items() if one.pairs))
def test_a_data_key_pair_is_returned_once_and_kept_nowhere(desk: Any, spec: str) -> None:
    """CMK-03, CMK-08: made, sealed, decrypted again; optionally in plaintext; no copy is kept."""
    key_id = desk.create_key()
    given = {"KeyId": key_id, "KeyPairSpec": spec, "EncryptionContext": {"a": "b"}}
    for action in ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"):
        if spec.startswith("RSA_"):
            desk.vault.maker.stock(known(int(spec[4:]))[action.endswith("text")][1])
        made = desk.call(action, **given)
        assert (made["KeyId"], made["KeyPairSpec"]) == (f"{ARN}{key_id}", spec)
        assert made["KeyMaterialId"] == desk.keyring.key(key_id).current.material_id
        blob = made["PrivateKeyCiphertextBlob"]
        opened = desk.call("Decrypt", CiphertextBlob=blob, EncryptionContext={"a": "b"})
        private = opened["Plaintext"]
        halves = load_der_private_key(private, None).public_key()
        assert made["PublicKey"] == halves.public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        shown = made.get("PrivateKeyPlaintext")
        assert shown == (private if action == "GenerateDataKeyPair" else None)
        assert private not in desk.keyring.snapshot()
    with pytest.raises(InvalidCiphertextException):
        desk.call("Decrypt", CiphertextBlob=blob)


def test_a_pair_that_no_library_makes_is_refused(desk: Any) -> None:
    key_id = desk.create_key()
    for spec in ("SM2", "ML_KEM_512"):
        with pytest.raises(
            UnsupportedOperationException, match=refused(f"KeyPairSpec {spec} is not modelled.")
        ):
            desk.call("GenerateDataKeyPair", KeyId=key_id, KeyPairSpec=spec)


SPECS = [(name, usage) for name, spec in KEY_SPECS.items() for usage in spec.algorithms]
_MEMBERS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}
_WITHOUT_OLD_NAME = ("ECC_NIST_EDWARDS25519", "ML_")


@pytest.mark.parametrize(("spec", "usage"), SPECS)
def test_metadata_tells_what_a_key_is_for(desk: Any, spec: str, usage: str) -> None:
    """KMS-01: keys of every KeySpec and KeyUsage are made and described."""
    key_id = make(desk, spec, {"KeyUsage": usage})
    seen = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert (seen["KeySpec"], seen["KeyUsage"]) == (spec, usage)
    assert seen.get("CustomerMasterKeySpec", spec) == spec
    assert ("CustomerMasterKeySpec" in seen) == (not spec.startswith(_WITHOUT_OLD_NAME))
    assert ("CurrentKeyMaterialId" in seen) == (spec == "SYMMETRIC_DEFAULT")
    lists = {name: value for name, value in seen.items() if name.endswith("Algorithms")}
    assert lists == {_MEMBERS[usage]: KEY_SPECS[spec].algorithms[usage]}


def test_only_a_pair_has_a_public_key(desk: Any) -> None:
    key_id = make(desk, "RSA_2048", SEAL)
    told = desk.call("GetPublicKey", KeyId=key_id)
    assert RSA.import_key(told.pop("PublicKey")).n == known(2048)[0][1].p * known(2048)[0][1].q
    assert told == {
        "KeyId": f"{ARN}{key_id}",
        "CustomerMasterKeySpec": "RSA_2048",
        "KeySpec": "RSA_2048",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "EncryptionAlgorithms": ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    }
    for spec, usage in (("SYMMETRIC_DEFAULT", SEAL), ("HMAC_256", MAC)):
        key_id = make(desk, spec, usage)
        text = f"{ARN}{key_id} key spec is {spec} which is not valid for this operation."
        with pytest.raises(UnsupportedOperationException, match=refused(text)):
            desk.call("GetPublicKey", KeyId=key_id)


def test_records_name_key_and_algorithm_and_never_what_was_signed(desk: Any) -> None:
    """KMS-04: who used which key, how; no message, signature, code or secret."""
    signer, mac_key = make(desk, "ECC_NIST_P256", SIGN), make(desk, "HMAC_256", MAC)
    agreeing, kem = make(desk, "ECC_NIST_P256", AGREE), make(desk, "ML_KEM_768", KEM)
    symmetric = desk.create_key()
    peer = public(desk, agreeing)
    signing = {"KeyId": signer, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    mac = {"KeyId": mac_key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    ml_kem = {"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"}
    signed = {"keyId": signer, "messageType": "RAW", "signingAlgorithm": "ECDSA_SHA_256"}
    maced = {"keyId": mac_key, "macAlgorithm": "HMAC_SHA_256"}
    derived = {"keyId": agreeing, "keyAgreementAlgorithm": "ECDH"}
    pair = {"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256", "EncryptionContext": {"a": "b"}}
    paired = {
        "keyId": symmetric,
        "keyPairSpec": "ECC_NIST_P256",
        "encryptionContext": {"a": "b"},
    }
    for action, given, shown in (
        ("Sign", signing, signed),
        ("Verify", {**signing, "Signature": b"x"}, signed),
        ("GenerateMac", mac, maced),
        ("VerifyMac", {**mac, "Mac": b"x"}, maced),
        (
            "DeriveSharedSecret",
            {"KeyId": agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer},
            derived,
        ),
        ("Encapsulate", ml_kem, {"keyId": kem, "encapsulationAlgorithm": "ML_KEM"}),
        ("GenerateDataKeyPair", pair, paired),
        ("GenerateDataKeyPairWithoutPlaintext", pair, paired),
        ("GetPublicKey", {"KeyId": signer}, {"keyId": signer}),
    ):
        desk.outcome(action, **given)
        record = desk.records[-1]
        assert (record.name, record.request_parameters) == (action, shown)
        assert (record.response_elements, record.read_only) == (None, True)
        assert [one.arn for one in record.resources] == [f"{ARN}{given['KeyId']}"]
    codes = {record.name: record.error_code for record in desk.records if record.error_code}
    assert codes == {
        "Verify": "KMSInvalidSignatureException",
        "VerifyMac": "KMSInvalidMacException",
    }


def test_a_dry_run_ends_before_the_hsm_is_asked(desk: Any) -> None:
    signer = make(desk, "ECC_NIST_P256", SIGN)
    given = {"KeyId": signer, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    asked = len(desk.hsm_commands)
    text = "The request would have succeeded, but the DryRun option is set."
    with pytest.raises(DryRunOperationException, match=refused(text)):
        desk.call("Sign", DryRun=True, **given)
    wrong = {**given, "SigningAlgorithm": "ECDSA_SHA_384"}
    with pytest.raises(InvalidKeyUsageException):
        desk.call("Sign", DryRun=True, **wrong)
    assert len(desk.hsm_commands) == asked


def test_a_deleted_key_of_any_kind_is_gone_and_signs_no_more(desk: Any) -> None:
    """KMS-01, CMK-10, CMK-11: disabling, deleting and purging work for all kinds alike."""
    key_id = make(desk, "ECC_NIST_P256", SIGN)
    given = {"KeyId": key_id, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    token = desk.keyring.key(key_id).current.token
    desk.call("DisableKey", KeyId=key_id)
    with pytest.raises(DisabledException, match=refused(f"{ARN}{key_id} is disabled.")):
        desk.call("Sign", **given)
    desk.call("EnableKey", KeyId=key_id)
    desk.call("Sign", **given)
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.run_jobs(days(9))
    with pytest.raises(NotFoundException, match=refused(f"Key '{ARN}{key_id}' does not exist")):
        desk.call("GetPublicKey", KeyId=key_id)
    assert token[12:44] not in desk.keyring.snapshot()


def test_keys_of_every_kind_outlive_the_rotation_of_domain_keys(desk: Any) -> None:
    # Goal: tokens of all kinds are wrapped anew, still say of which kind they are, and still open.
    keys = {
        spec: make(desk, spec, {"KeyUsage": usage})
        for spec, usage in SPECS
        if usage != "KEY_AGREEMENT" and not spec.startswith("RSA_4")
    }
    before = {
        spec: desk.call("GetPublicKey", KeyId=key_id)["PublicKey"]
        for spec, key_id in keys.items()
        if not KEY_SPECS[spec].is_symmetric
    }
    old = {spec: desk.keyring.key(key_id).current.token for spec, key_id in keys.items()}
    desk.run_jobs(days(2))
    for spec, key_id in keys.items():
        token = desk.keyring.key(key_id).current.token
        assert (token[:4], token[4:12] > old[spec][4:12]) == (old[spec][:4], True)
    for spec, der in before.items():
        assert desk.call("GetPublicKey", KeyId=keys[spec])["PublicKey"] == der
    assert desk.keyring.digest() == desk.twin.digest()


def test_an_alias_moves_between_keys_of_one_type_and_usage_only(desk: Any) -> None:
    signer, other = make(desk, "ECC_NIST_P256", SIGN), make(desk, "RSA_2048", SIGN)
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=signer)
    text = "The current and the new KMS key of an alias must be of the same type and usage."
    for wrong in (desk.create_key(), make(desk, "ECC_NIST_P256", AGREE)):
        with pytest.raises(ValidationException, match=refused(text)):
            desk.call("UpdateAlias", AliasName="alias/app", TargetKeyId=wrong)
    desk.call("UpdateAlias", AliasName="alias/app", TargetKeyId=other)
    told = desk.call("GetPublicKey", KeyId="alias/app")
    assert told["KeyId"] == f"{ARN}{other}"


def test_the_readme_lists_every_key_spec_with_its_usages() -> None:
    text = (Path(__file__).parents[3] / "regions" / "README.md").read_text(encoding="utf-8")
    table = text.partition("| KeySpec |")[2].partition("\n\n")[0]
    listed: dict[str, set[str]] = {}
    for row in table.splitlines()[2:]:
        specs, usages = (re.findall("`([A-Z0-9_]+)`", cell) for cell in row.split("|")[1:3])
        for spec in specs:
            name = specs[0].rpartition("_")[0] + spec if spec.startswith("_") else spec
            listed[name] = {*usages}
    assert listed == {name: {*spec.algorithms} for name, spec in KEY_SPECS.items()}
