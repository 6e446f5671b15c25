"""Signatures and MACs of every algorithm through the loop, checked outside by other libraries."""

import hashlib
import hmac
from typing import Any

import pytest
from Crypto.Hash import SHA512
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import DSS, eddsa, pkcs1_15, pss
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
)
from kms_kinds import ARN, HASHES, MAC, MESSAGE, SIGN, make, public, refused

from regions.errors import (
    InvalidKeyUsageException,
    KMSInvalidMacException,
    KMSInvalidSignatureException,
    ValidationException,
)
from regions.kms.key_specs import DIGEST, EXTERNAL_MU, KEY_SPECS, RAW, SIGNING

SIGNERS = [
    (name, algorithm)
    for name, spec in KEY_SPECS.items()
    for algorithm in spec.algorithms.get("SIGN_VERIFY", ())
]


def content(algorithm: str, message_type: str) -> bytes:
    if message_type == DIGEST:
        return hashlib.new(SIGNING[algorithm].hash_name, MESSAGE).digest()
    return bytes(64) if message_type == EXTERNAL_MU else MESSAGE


def holds_outside(algorithm: str, der: bytes, signature: bytes) -> None:
    """Raise unless another implementation accepts a signature over MESSAGE."""
    scheme = SIGNING[algorithm].scheme
    name = SIGNING[algorithm].hash_name
    if scheme == "pss":
        theirs = pss.new(RSA.import_key(der), salt_bytes=int(name[3:]) // 8)
        theirs.verify(HASHES[name].new(MESSAGE), signature)
    elif scheme == "pkcs1":
        pkcs1_15.new(RSA.import_key(der)).verify(HASHES[name].new(MESSAGE), signature)
    elif scheme == "ed25519":
        eddsa.new(ECC.import_key(der), "rfc8032").verify(MESSAGE, signature)
    elif scheme == "ed25519ph":
        eddsa.new(ECC.import_key(der), "rfc8032").verify(SHA512.new(MESSAGE), signature)
    elif scheme == "ml-dsa":
        load_der_public_key(der).verify(signature, MESSAGE)  # type: ignore[union-attr, call-arg, arg-type]
    else:
        loaded = load_der_public_key(der)
        assert isinstance(loaded, ec.EllipticCurvePublicKey)
        if loaded.curve.name == "secp256k1":  # pycryptodome has no such curve
            loaded.verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))
            return
        DSS.new(ECC.import_key(der), "fips-186-3", "der").verify(
            HASHES[name].new(MESSAGE), signature
        )


@pytest.mark.parametrize(("spec", "algorithm"), SIGNERS)
def test_every_signature_holds_inside_and_outside(desk: Any, spec: str, algorithm: str) -> None:
    key_id = make(desk, spec, SIGN)
    for message_type in SIGNING[algorithm].sizes:
        asked = {"KeyId": key_id, "SigningAlgorithm": algorithm, "MessageType": message_type}
        message = content(algorithm, message_type)
        signed = desk.call("Sign", Message=message, **asked)
        signature = signed.pop("Signature")
        assert signed == {"KeyId": f"{ARN}{key_id}", "SigningAlgorithm": algorithm}
        assert desk.call("Verify", Message=message, Signature=signature, **asked) == {
            "KeyId": f"{ARN}{key_id}",
            "SignatureValid": True,
            "SigningAlgorithm": algorithm,
        }
        if message_type != EXTERNAL_MU:
            holds_outside(algorithm, public(desk, key_id), signature)
        forged = bytes([message[0] ^ 1]) + message[1:]
        for wrong in ({"Message": forged}, {"Signature": signature[::-1]}):
            given = {"Message": message, "Signature": signature, **wrong}
            with pytest.raises(KMSInvalidSignatureException, match=refused("")):
                desk.call("Verify", **given, **asked)


def test_a_digest_and_the_message_that_it_is_of_have_one_signature(desk: Any) -> None:
    key_id = make(desk, "ECC_NIST_P384", SIGN)
    asked = {"KeyId": key_id, "SigningAlgorithm": "ECDSA_SHA_384"}
    digest = hashlib.sha384(MESSAGE).digest()
    raw = desk.call("Sign", Message=MESSAGE, **asked)["Signature"]
    assert desk.call("Sign", Message=digest, MessageType=DIGEST, **asked)["Signature"] == raw
    desk.call("Verify", Message=digest, MessageType=DIGEST, Signature=raw, **asked)


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type", "message", "text"),
    [
        (spec, algorithm, DIGEST, b"short", f"Digest is invalid length for algorithm {algorithm}.")
        for spec, algorithm in (
            ("RSA_2048", "RSASSA_PSS_SHA_256"),
            ("RSA_2048", "RSASSA_PSS_SHA_384"),
            ("RSA_2048", "RSASSA_PSS_SHA_512"),
            ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
            ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
            ("ECC_NIST_P256", "ECDSA_SHA_256"),
            ("ECC_NIST_P384", "ECDSA_SHA_384"),
        )
    ]
    + [
        (
            "ML_DSA_44",
            "ML_DSA_SHAKE_256",
            EXTERNAL_MU,
            b"short",
            "Digest is invalid length for algorithm ML_DSA_SHAKE_256.",
        ),
        (
            "ML_DSA_44",
            "ML_DSA_SHAKE_256",
            DIGEST,
            bytes(64),
            "MessageType DIGEST is not valid for algorithm ML_DSA_SHAKE_256.",
        ),
        (
            "ECC_NIST_P256",
            "ECDSA_SHA_256",
            EXTERNAL_MU,
            bytes(64),
            "MessageType EXTERNAL_MU is not valid for algorithm ECDSA_SHA_256.",
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_PH_SHA_512",
            RAW,
            bytes(64),
            "MessageType RAW is not valid for algorithm ED25519_PH_SHA_512.",
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_SHA_512",
            DIGEST,
            bytes(64),
            "MessageType DIGEST is not valid for algorithm ED25519_SHA_512.",
        ),
    ],
)
def test_what_an_algorithm_does_not_sign_is_refused(
    desk: Any, spec: str, algorithm: str, message_type: str, message: bytes, text: str
) -> None:
    given = {
        "KeyId": make(desk, spec, SIGN),
        "SigningAlgorithm": algorithm,
        "MessageType": message_type,
        "Message": message,
    }
    for action, more in (("Sign", {}), ("Verify", {"Signature": b"x"})):
        with pytest.raises(ValidationException, match=refused(text)):
            desk.call(action, **given, **more)


def test_a_message_has_1_to_4096_bytes(desk: Any) -> None:
    key_id = make(desk, "ECC_NIST_P256", SIGN)
    asked = {"KeyId": key_id, "SigningAlgorithm": "ECDSA_SHA_256"}
    desk.call("Sign", Message=b"x" * 4096, **asked)
    text = "1 validation error detected: Value at 'message' failed to satisfy constraint: Member "
    with pytest.raises(
        ValidationException, match=refused(f"{text}must have length less than or equal to 4096")
    ):
        desk.call("Sign", Message=b"x" * 4097, **asked)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_a_mac_is_the_hmac_of_its_message_under_a_key_as_long_as_the_digest(
    desk: Any, bits: int
) -> None:
    key_id = make(desk, f"HMAC_{bits}", MAC)
    asked = {"KeyId": key_id, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": MESSAGE}
    made = desk.call("GenerateMac", **asked)
    (key,) = [secret for kind, secret in desk.secrets if kind == "backing-key"]
    assert len(key) == bits // 8
    assert made == {
        "Mac": hmac.digest(key, MESSAGE, f"sha{bits}"),
        "MacAlgorithm": f"HMAC_SHA_{bits}",
        "KeyId": f"{ARN}{key_id}",
    }
    assert desk.call("VerifyMac", Mac=made["Mac"], **asked) == {
        "KeyId": f"{ARN}{key_id}",
        "MacValid": True,
        "MacAlgorithm": f"HMAC_SHA_{bits}",
    }
    for wrong in ({"Mac": made["Mac"][:-1]}, {"Mac": made["Mac"], "Message": b"other"}):
        with pytest.raises(KMSInvalidMacException, match=refused("")):
            desk.call("VerifyMac", **{**asked, **wrong})


def test_another_size_s_algorithm_is_not_a_key_s(desk: Any) -> None:
    for action, bits, other, more in (
        ("GenerateMac", 224, 256, {}),
        ("VerifyMac", 256, 512, {"Mac": b"x"}),
    ):
        key_id = make(desk, f"HMAC_{bits}", MAC)
        text = f"Algorithm HMAC_SHA_{other} is incompatible with key spec HMAC_{bits}."
        with pytest.raises(InvalidKeyUsageException, match=refused(text)):
            desk.call(action, KeyId=key_id, Message=b"x", MacAlgorithm=f"HMAC_SHA_{other}", **more)
