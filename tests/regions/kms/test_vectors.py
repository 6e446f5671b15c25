"""Published test vectors through ImportKeyMaterial: known keys give known answers, and no others.

The vectors are in tests/golden/kms/vectors.json, each with where it was published: Wycheproof
(Apache License 2.0), RFC 6979, RFC 8032, pyca/cryptography (for secp256k1), and the validation
program (CAVP) of NIST. No key of RFC 4231 may be imported under its own digest: all are too short
or too long. Messages are never empty, as the service takes none of that length.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from kms_kinds import AGREE, MAC, SIGN, refused
from kms_wrapping import bring

from regions.crypto.elliptic import CURVES
from regions.errors import (
    InvalidCiphertextException,
    KMSInvalidMacException,
    KMSInvalidSignatureException,
    ValidationException,
)

FILE = Path(__file__).resolve().parents[2] / "golden" / "kms" / "vectors.json"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text())
EXPONENT = 65537


def vectors(name: str, **wanted: Any) -> Any:
    found = [one for one in VECTORS[name] if wanted.items() <= one.items()]
    assert found
    return pytest.mark.parametrize(
        "one", found, ids=[f"{v['spec']}-{n}" for n, v in enumerate(found)]
    )


def imported(desk: Any, spec: str, usage: dict[str, str], material: bytes) -> str:
    key_id = str(desk.create_key(Origin="EXTERNAL", KeySpec=spec, **usage))
    bring(desk, key_id, material, algorithm="RSA_AES_KEY_WRAP_SHA_256")
    return key_id


def private_key(spec: str, text: str) -> Any:
    """Return a private key of its published numbers: primes, a seed, or a scalar."""
    if spec.startswith("RSA"):
        p, q = (int(prime, 16) for prime in text.split(":"))
        d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
        parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
        public = rsa.RSAPublicNumbers(EXPONENT, p * q)
        return rsa.RSAPrivateNumbers(p, q, d, *parts, public).private_key()
    if spec == "ECC_NIST_EDWARDS25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    return ec.derive_private_key(int(text, 16), CURVES[spec].group)


def pkcs8(one: dict[str, Any]) -> bytes:
    key = private_key(one["spec"], one["private"])
    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def mac(desk: Any, one: dict[str, Any]) -> dict[str, Any]:
    key_id = imported(desk, one["spec"], MAC, bytes.fromhex(one["key"]))
    algorithm = one["spec"].replace("HMAC", "HMAC_SHA")
    return {
        "KeyId": key_id,
        "MacAlgorithm": algorithm,
        "Message": bytes.fromhex(one["message"]),
    }


def signing(desk: Any, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "KeyId": imported(desk, one["spec"], SIGN, pkcs8(one)),
        "SigningAlgorithm": one["algorithm"],
        "Message": bytes.fromhex(one["message"]),
    }


@vectors("mac", holds=True)
def test_an_imported_hmac_key_makes_the_published_mac(desk: Any, one: dict[str, Any]) -> None:
    assert desk.call("GenerateMac", **mac(desk, one))["Mac"].hex() == one["mac"]


@vectors("mac", holds=False)
def test_a_published_wrong_mac_is_refused(desk: Any, one: dict[str, Any]) -> None:
    with pytest.raises(KMSInvalidMacException, match=refused("")):
        desk.call("VerifyMac", Mac=bytes.fromhex(one["mac"]), **mac(desk, one))


@vectors("mac", holds=True)
@pytest.mark.parametrize("cut", [slice(0, -1), slice(0, 16)])
def test_a_truncated_mac_is_refused(desk: Any, one: dict[str, Any], cut: slice) -> None:
    with pytest.raises(KMSInvalidMacException, match=refused("")):
        desk.call("VerifyMac", Mac=bytes.fromhex(one["mac"])[cut], **mac(desk, one))


@vectors("sign")
def test_an_imported_private_key_accepts_the_published_signature(
    desk: Any, one: dict[str, Any]
) -> None:
    found = desk.call("Verify", Signature=bytes.fromhex(one["signature"]), **signing(desk, one))
    assert found["SignatureValid"] is True


#: Those of SECP256K1/SigGen.txt have random nonces.
DETERMINISTIC = [one for one in VECTORS["sign"] if one["spec"] != "ECC_SECG_P256K1"]


@pytest.mark.parametrize("one", DETERMINISTIC, ids=lambda one: one["algorithm"])
def test_an_imported_private_key_makes_the_published_signature(
    desk: Any, one: dict[str, Any]
) -> None:
    assert desk.call("Sign", **signing(desk, one))["Signature"].hex() == one["signature"]


@vectors("forged")
def test_a_published_signature_that_is_none_is_refused(desk: Any, one: dict[str, Any]) -> None:
    given = signing(desk, one)
    with pytest.raises(KMSInvalidSignatureException, match=refused("")):
        desk.call("Verify", Signature=bytes.fromhex(one["signature"]), **given)


def peer(one: dict[str, Any]) -> bytes:
    """Return the SubjectPublicKeyInfo of a published point, on the curve or not."""
    key = ec.derive_private_key(1, CURVES[one["spec"]].group).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = bytes.fromhex(one["peer"])
    return der[: -len(point)] + point


def derive(desk: Any, one: dict[str, Any]) -> Any:
    key_id = imported(desk, one["spec"], AGREE, pkcs8(one))
    return desk.call(
        "DeriveSharedSecret", KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=peer(one)
    )


@vectors("agree")
def test_an_imported_key_agrees_on_the_published_secret(desk: Any, one: dict[str, Any]) -> None:
    found = derive(desk, one)
    assert (found["SharedSecret"].hex(), found["KeyOrigin"]) == (one["secret"], "EXTERNAL")


@vectors("off_curve")
def test_a_peer_s_point_off_the_curve_is_refused(desk: Any, one: dict[str, Any]) -> None:
    with pytest.raises(ValidationException, match=refused("")):
        derive(desk, one)


@vectors("torn_key")
def test_a_private_key_whose_public_point_is_wrong_is_no_material(
    desk: Any, one: dict[str, Any]
) -> None:
    whole, wrong = pkcs8(one), bytes.fromhex(one["public"])
    point = private_key(one["spec"], one["private"]).public_key()
    right = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert whole.endswith(right)
    torn = whole.removesuffix(right) + wrong
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        imported(desk, one["spec"], AGREE, torn)


@pytest.mark.parametrize("size", [4, 20, 25, 131])
def test_no_key_of_rfc_4231_has_a_length_that_may_be_imported(desk: Any, size: int) -> None:
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        imported(desk, "HMAC_256", MAC, bytes([0xAA]) * size)
