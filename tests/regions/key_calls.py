"""A valid call of every KMS action that names a key, on a key of the kind that it needs."""

from typing import Any

ANA = "arn:aws:iam::111122223333:user/ana"
SIGNING = {"SigningAlgorithm": "ECDSA_SHA_256", "Message": b"m"}
MAC = {"MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
DATA_KEY = {"KeySpec": "AES_256"}
DATA_KEY_PAIR = {"KeyPairSpec": "ECC_NIST_P256"}
#: Kinds of key, and what needs one; a symmetric one does for all others.
_OF_KIND: tuple[tuple[dict[str, Any], str], ...] = (
    ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, "Sign Verify GetPublicKey"),
    ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "GenerateMac VerifyMac"),
    (
        {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
        "Decapsulate Encapsulate",
    ),
    ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}, "DeriveSharedSecret"),
    ({"MultiRegion": True}, "ReplicateKey UpdatePrimaryRegion"),
    (
        {"Origin": "EXTERNAL"},
        "DeleteImportedKeyMaterial GetParametersForImport ImportKeyMaterial",
    ),
)
KINDS = {action: kind for kind, actions in _OF_KIND for action in actions.split()}
#: What an action is given beside the key.
MORE: dict[str, dict[str, Any]] = {
    "CreateGrant": {"GranteePrincipal": ANA, "Operations": ["DescribeKey"]},
    "Decapsulate": {"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": bytes(1088)},
    "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"k"},
    "Encapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
    "Encrypt": {"Plaintext": b"x"},
    "GenerateDataKey": DATA_KEY,
    "GenerateDataKeyWithoutPlaintext": DATA_KEY,
    "GenerateDataKeyPair": DATA_KEY_PAIR,
    "GenerateDataKeyPairWithoutPlaintext": DATA_KEY_PAIR,
    "GenerateMac": MAC,
    "GetParametersForImport": {
        "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048",
    },
    "ImportKeyMaterial": {
        "ImportToken": b"t",
        "EncryptedKeyMaterial": b"m",
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    },
    "PutKeyPolicy": {"Policy": "{}"},
    "ReplicateKey": {"ReplicaRegion": "eu-west-1"},
    "Sign": SIGNING,
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"TagKeys": ["a"]},
    "UpdateKeyDescription": {"Description": "mine"},
    "UpdatePrimaryRegion": {"PrimaryRegion": "eu-west-1"},
    "Verify": {**SIGNING, "Signature": b"s"},
    "VerifyMac": {**MAC, "Mac": bytes(32)},
}


def call_of(desk: Any, action: str, key_id: str) -> dict[str, Any]:
    """Return the parameters of an action on a key that can be used."""
    if action in {"CreateAlias", "UpdateAlias", "DeleteAlias"}:
        target = {"TargetKeyId": key_id}
        if action != "CreateAlias":
            at_first = desk.create_key() if action == "UpdateAlias" else key_id
            desk.call("CreateAlias", AliasName="alias/a", TargetKeyId=at_first)
        return {"AliasName": "alias/a", **(target if action != "DeleteAlias" else {})}
    if action in {"Decrypt", "ReEncrypt"}:
        blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
        more = {"DestinationKeyId": desk.create_key()} if action == "ReEncrypt" else {}
        return {"CiphertextBlob": blob, **more}
    if action in {"RetireGrant", "RevokeGrant"}:
        root = f"arn:aws:iam::{desk.keyring.key(key_id).account}:root"
        made = desk.call(
            "CreateGrant",
            KeyId=key_id,
            GranteePrincipal=ANA,
            RetiringPrincipal=root,
            Operations=["Decrypt"],
        )
        return {"KeyId": key_id, "GrantId": made["GrantId"]}
    return {"KeyId": key_id, **MORE.get(action, {})}
