"""One call of every KMS action that succeeds, on a desk of its own, for tests of its record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import kms_wrapping
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fixture_keys import known
from key_calls import KINDS, call_of

MATERIAL = bytes(range(32))
CLUSTER = {
    "CustomKeyStoreName": "store",
    "CloudHsmClusterId": "cluster-aaaabbbbccc",
    "KeyStorePassword": "correct-horse",
    "TrustAnchorCertificate": (
        "-----BEGIN CERTIFICATE-----\nMIIBszCCARwCCQ==\n-----END CERTIFICATE-----\n"
    ),
}
CONTEXT = {"tenant": "one"}

Parameters = dict[str, Any]


def _store(desk: Any) -> str:
    store_id: str = desk.call("CreateCustomKeyStore", **CLUSTER)["CustomKeyStoreId"]
    return store_id


def _of_store(desk: Any, *calls: str, **more: Any) -> Parameters:
    store_id = _store(desk)
    for action in calls:
        desk.call(action, CustomKeyStoreId=store_id)
    return {"CustomKeyStoreId": store_id, **more}


def _key(desk: Any, action: str) -> Parameters:
    """Return parameters that the matrix of states is tested with."""
    return call_of(desk, action, desk.create_key(**KINDS.get(action, {})))


def _after(desk: Any, before: str) -> Parameters:
    key_id = desk.create_key()
    desk.call(before, KeyId=key_id)
    return {"KeyId": key_id}


def _verify(desk: Any, made_by: str, member: str) -> Parameters:
    given = _key(desk, made_by)
    return {**given, member: desk.call(made_by, **given)[member]}


def _decapsulate(desk: Any) -> Parameters:
    given = _key(desk, "Encapsulate")
    blob = desk.call("Encapsulate", **given)["SharedSecretCiphertextBlob"]
    return {**given, "SharedSecretCiphertextBlob": blob}


def _derive(desk: Any) -> Parameters:
    peer = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    der = peer.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {**_key(desk, "DeriveSharedSecret"), "PublicKey": der}


def _import(desk: Any) -> Parameters:
    given = _key(desk, "GetParametersForImport")
    desk.vault.maker.stock(known(2048)[0][1])
    answer = desk.call("GetParametersForImport", **given)
    wrapped = kms_wrapping.wrapped(answer["PublicKey"], "RSAES_OAEP_SHA_256", MATERIAL)
    return {
        "KeyId": given["KeyId"],
        "ImportToken": answer["ImportToken"],
        "EncryptedKeyMaterial": wrapped,
        "ValidTo": desk.now_ns // 10**9 + 86_400,
        "ExpirationModel": "KEY_MATERIAL_EXPIRES",
    }


def _imported(desk: Any) -> Parameters:
    key_id = desk.create_key(Origin="EXTERNAL")
    kms_wrapping.bring(desk, key_id, MATERIAL)
    return {"KeyId": key_id}


def _parameters_for_import(desk: Any) -> Parameters:
    desk.vault.maker.stock(known(2048)[0][1])
    return _key(desk, "GetParametersForImport")


def _primary(desk: Any) -> Parameters:
    key_id = desk.create_key(MultiRegion=True)
    desk.call("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    return {"KeyId": key_id, "PrimaryRegion": "eu-west-1"}


def _create_key(_: Any) -> Parameters:
    return {"Description": "orders", "Tags": [{"TagKey": "team", "TagValue": "shop"}]}


def _policy(desk: Any) -> Parameters:
    key_id = desk.create_key()
    text = desk.call("GetKeyPolicy", KeyId=key_id)["Policy"]
    return {"KeyId": key_id, "PolicyName": "default", "Policy": text}


def _grant(desk: Any) -> Parameters:
    given = _key(desk, "CreateGrant")
    return {**given, "Constraints": {"EncryptionContextSubset": CONTEXT}}


def _with_context(desk: Any, action: str, **more: Any) -> Parameters:
    return {**_key(desk, action), "EncryptionContext": CONTEXT, **more}


def _decrypt(desk: Any) -> Parameters:
    given = _with_context(desk, "Encrypt")
    blob = desk.call("Encrypt", **given)["CiphertextBlob"]
    return {"CiphertextBlob": blob, "EncryptionContext": CONTEXT}


#: Actions that need more than a key of their kind.
_OTHERS: dict[str, Callable[[Any], Parameters]] = {
    "CancelKeyDeletion": lambda desk: _after(desk, "ScheduleKeyDeletion"),
    "ConnectCustomKeyStore": _of_store,
    "CreateCustomKeyStore": lambda _: CLUSTER,
    "CreateGrant": _grant,
    "CreateKey": _create_key,
    "Decapsulate": _decapsulate,
    "Decrypt": _decrypt,
    "DeleteCustomKeyStore": _of_store,
    "DeleteImportedKeyMaterial": _imported,
    "DeriveSharedSecret": _derive,
    "DescribeCustomKeyStores": _of_store,
    "DisconnectCustomKeyStore": lambda desk: _of_store(desk, "ConnectCustomKeyStore"),
    "EnableKey": lambda desk: _after(desk, "DisableKey"),
    "Encrypt": lambda desk: _with_context(desk, "Encrypt"),
    "GenerateDataKey": lambda desk: _with_context(desk, "GenerateDataKey"),
    "GenerateRandom": lambda _: {"NumberOfBytes": 16},
    "GetParametersForImport": _parameters_for_import,
    "ImportKeyMaterial": _import,
    "ListKeys": lambda _: {"Limit": 10},
    "ListRetirableGrants": lambda _: {"RetiringPrincipal": "arn:aws:iam::111122223333:user/ana"},
    "PutKeyPolicy": _policy,
    "UpdateCustomKeyStore": lambda desk: _of_store(desk, NewCustomKeyStoreName="other"),
    "UpdatePrimaryRegion": _primary,
    "Verify": lambda desk: _verify(desk, "Sign", "Signature"),
    "VerifyMac": lambda desk: _verify(desk, "GenerateMac", "Mac"),
}


@contextmanager
def prepared(new_desk: Callable[[], Any], action: str) -> Iterator[tuple[Any, Parameters]]:
    """Yield a desk and the parameters with which an action succeeds on it."""
    desk = new_desk()
    desk.keyring.sites = desk.twin.sites = ("us-east-1", "eu-west-1")
    make = _OTHERS.get(action)
    yield desk, make(desk) if make else _key(desk, action)
