"""Grants on keys of every kind: what each may allow, and tokens of every action that takes them."""

from typing import Any

import pytest
from kms_grants import ACCOUNT, ben, code, give
from kms_kinds import AGREE, KEM, MAC, SEAL, SIGN, make, public

from regions.api.shapes import shapes
from regions.errors import ValidationException
from regions.kms.grant import GRANT_OPERATIONS
from regions.kms.grant_tokens import takers
from regions.kms.operations import OPERATIONS
from regions.kms.visibility import LAG_MAX_NS

SYMMETRIC = ("SYMMETRIC_DEFAULT", SEAL)
CURVE, TAGS, SECRETS = ("ECC_NIST_P256", SIGN), ("HMAC_256", MAC), ("ML_KEM_768", KEM)
SHARED, ASYMMETRIC = ("ECC_NIST_P256", AGREE), ("RSA_2048", SEAL)
KINDS = [SYMMETRIC, CURVE, TAGS, SECRETS, SHARED, ASYMMETRIC]
ANYWHERE = {"CreateGrant", "RetireGrant", "DescribeKey"}
SEALING = {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}
#: AWS KMS Developer Guide, "Grant operations": key spec to what a grant may allow.
ALLOWED: dict[str, set[str]] = {
    "SYMMETRIC_DEFAULT": {
        *(ANYWHERE | SEALING),
        *("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
    },
    "RSA_2048": {*ANYWHERE, *SEALING, "GetPublicKey"},
    "HMAC_256": {*ANYWHERE, "GenerateMac", "VerifyMac"},
    "ML_KEM_768": {*ANYWHERE, "Encapsulate", "Decapsulate", "GetPublicKey"},
    "SIGN_VERIFY": {*ANYWHERE, "Sign", "Verify", "GetPublicKey"},
    "KEY_AGREEMENT": {*ANYWHERE, "DeriveSharedSecret", "GetPublicKey"},
}


@pytest.mark.parametrize(
    ("spec", "usage"), KINDS, ids=[f"{k[0]}-{k[1]['KeyUsage']}" for k in KINDS]
)
def test_a_grant_allows_what_its_key_can_do(
    desk: Any, kit: Any, spec: str, usage: dict[str, str]
) -> None:
    key_id = make(desk, spec, usage)
    possible = ALLOWED.get(spec) or ALLOWED[usage["KeyUsage"]]
    for operation in sorted(GRANT_OPERATIONS):
        listed = [operation] if operation != "CreateGrant" else [operation, "DescribeKey"]
        call = {"KeyId": key_id, "GranteePrincipal": ben(kit).arn, "Operations": listed}
        refused = code(desk, None, "CreateGrant", **call)
        assert refused == ("" if operation in possible else "ValidationException"), operation


def test_only_symmetric_keys_have_grants_that_are_bound_to_a_context(desk: Any, kit: Any) -> None:
    bound = {"Constraints": {"EncryptionContextSubset": {"a": "b"}}}
    key_id, who = make(desk, *ASYMMETRIC), ben(kit).arn
    with pytest.raises(ValidationException) as refused:
        give(desk, key_id, who, "Encrypt", **bound)
    assert refused.value.message == (
        "Encryption context constraints are valid for symmetric encryption keys only."
    )
    give(desk, key_id, who, "DescribeKey", "RetireGrant", **bound)


def test_every_action_that_the_model_gives_tokens_takes_them() -> None:
    assert takers() <= OPERATIONS.keys()
    assert takers() <= shapes("kms").requests.keys()


def calls(desk: Any) -> dict[str, tuple[str, list[str], dict[str, Any]]]:
    """Action to a key, the operations of a grant, and the call that they allow."""
    aes, ecc, mac = make(desk, *SYMMETRIC), make(desk, *CURVE), make(desk, *TAGS)
    kem, ecdh = make(desk, *SECRETS), make(desk, *SHARED)
    blob = desk.call("Encrypt", KeyId=aes, Plaintext=b"x")["CiphertextBlob"]
    algorithm = {"SigningAlgorithm": "ECDSA_SHA_256"}
    signature = desk.call("Sign", KeyId=ecc, Message=b"x", **algorithm)["Signature"]
    tag = {"MacAlgorithm": "HMAC_SHA_256"}
    made = desk.call("GenerateMac", KeyId=mac, Message=b"x", **tag)["Mac"]
    way = {"EncapsulationAlgorithm": "ML_KEM"}
    sealed = desk.call("Encapsulate", KeyId=kem, **way)["SharedSecretCiphertextBlob"]
    peer = {"PublicKey": public(desk, make(desk, *SHARED)), "KeyAgreementAlgorithm": "ECDH"}
    pair = {"KeyPairSpec": "ECC_NIST_P256"}
    key = {"KeySpec": "AES_256"}
    child = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root"}
    found: dict[str, tuple[str, list[str], dict[str, Any]]] = {
        "CreateGrant": (
            *(aes, ["CreateGrant", "Decrypt"]),
            {**child, "Operations": ["Decrypt"], "KeyId": aes},
        ),
        "Decapsulate": (kem, [], {**way, "SharedSecretCiphertextBlob": sealed}),
        "Decrypt": (aes, [], {"CiphertextBlob": blob}),
        "DeriveSharedSecret": (ecdh, [], peer),
        "DescribeKey": (aes, [], {}),
        "Encapsulate": (kem, [], way),
        "Encrypt": (aes, [], {"Plaintext": b"x"}),
        "GenerateDataKey": (aes, [], key),
        "GenerateDataKeyPair": (aes, [], pair),
        "GenerateDataKeyPairWithoutPlaintext": (aes, [], pair),
        "GenerateDataKeyWithoutPlaintext": (aes, [], key),
        "GenerateMac": (mac, [], {"Message": b"x", **tag}),
        "GetPublicKey": (ecc, [], {}),
        "ReEncrypt": (
            *(aes, ["ReEncryptFrom", "ReEncryptTo"]),
            {"CiphertextBlob": blob, "DestinationKeyId": aes},
        ),
        "Sign": (ecc, [], {"Message": b"x", **algorithm}),
        "Verify": (ecc, [], {"Message": b"x", "Signature": signature, **algorithm}),
        "VerifyMac": (mac, [], {"Message": b"x", "Mac": made, **tag}),
    }
    return {
        action: (key_id, listed or [action], given if listed[1:] else {**given, "KeyId": key_id})
        for action, (key_id, listed, given) in found.items()
    }


def test_a_token_makes_a_grant_count_at_once_for_every_action(desk: Any, kit: Any) -> None:
    wanted, who = calls(desk), ben(kit)
    assert wanted.keys() == takers()
    for action, (key_id, operations, parameters) in wanted.items():
        refused = code(desk, who, action, **parameters)
        assert refused == "AccessDeniedException", action
        given = give(desk, key_id, who.arn, *operations)
        desk.place = "us-east-1/use1-az1/az"  # It has not heard of the grant yet.
        assert code(desk, who, action, **parameters) == "AccessDeniedException", action
        assert code(desk, who, action, **parameters, GrantTokens=[given["GrantToken"]]) == "", (
            action
        )
        desk.place = ""
        assert code(desk, who, action, **parameters) == "", action
        desk.call("RevokeGrant", KeyId=key_id, GrantId=given["GrantId"])
        desk.wait(LAG_MAX_NS)  # Its end is heard of late, too.
