"""ECDSA, ECDH and Ed25519 against pycryptodome, and against published vectors."""

import hashlib
from typing import Any

import pytest
from Crypto.Hash import SHA256, SHA384, SHA512
from Crypto.Protocol import DH
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS, eddsa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from regions.crypto import edwards, elliptic
from regions.crypto.edwards import EdwardsKey, InvalidEdwardsKey
from regions.crypto.elliptic import CURVES, EllipticKey, InvalidPeerKey, InvalidScalar

HASHES: dict[str, Any] = {"sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
#: pycryptodome has no secp256k1.
NIST = sorted(spec for spec in CURVES if "NIST" in spec)


def key(spec: str, fill: int = 1) -> EllipticKey:
    seed = bytes([fill]) * elliptic.seed_bytes(spec)
    return EllipticKey(spec, elliptic.scalar_of_seed(spec, seed))


@pytest.mark.parametrize("spec", NIST)
def test_others_verify_our_ecdsa_and_we_verify_theirs(spec: str) -> None:
    made, digest = key(spec), elliptic.digest(spec, b"message")
    theirs = HASHES[CURVES[spec].hash_name].new(b"message")
    DSS.new(ECC.import_key(made.public_der()), "fips-186-3", "der").verify(
        theirs, made.sign(digest)
    )
    signer = DSS.new(ECC.import_key(made.private_der()), "fips-186-3", "der")
    assert made.verify(digest, signer.sign(theirs))
    assert not key(spec, 2).verify(digest, signer.sign(theirs))
    assert not made.verify(digest, b"no DER")


@pytest.mark.parametrize(
    ("spec", "scalar", "message", "r"),
    [
        (  # RFC 6979, appendix A.2.5, SHA-256
            "ECC_NIST_P256",
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            b"sample",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        ),
        (  # RFC 6979, appendix A.2.6, SHA-384
            "ECC_NIST_P384",
            (
                "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
                "96d5724e4c70a825f872c9ea60d2edf5"
            ),
            b"sample",
            (
                "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
                "81a648152e44acf96e36dd1e80fabe46"
            ),
        ),
    ],
)
def test_ecdsa_gives_the_published_signatures(
    spec: str, scalar: str, message: bytes, r: str
) -> None:
    made = EllipticKey(spec, bytes.fromhex(scalar))
    signature = made.sign(elliptic.digest(spec, message))
    assert decode_dss_signature(signature)[0] == int(r, 16)


@pytest.mark.parametrize("spec", sorted(CURVES))
def test_a_seed_gives_one_key_on_the_curve_of_that_name(spec: str) -> None:
    public = load_der_public_key(key(spec).public_der())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == CURVES[spec].group.name
    digest = elliptic.digest(spec, b"message")
    assert key(spec).sign(digest) == key(spec).sign(digest)
    secret = elliptic.secret_of_pkcs8(spec, key(spec).private_der())
    assert EllipticKey(spec, secret).public_der() == key(spec).public_der()
    # The order is the curve's: order - 1 times the base point is its mirror image.
    size = CURVES[spec].scalar_bytes
    ends = [(1).to_bytes(size, "big"), (CURVES[spec].order - 1).to_bytes(size, "big")]
    points = [load_der_public_key(EllipticKey(spec, end).public_der()) for end in ends]
    xs = {point.public_numbers().x for point in points}  # type: ignore[union-attr]
    assert len(xs) == 1


@pytest.mark.parametrize("spec", NIST)
def test_two_owners_agree_and_a_third_implementation_with_them(spec: str) -> None:
    ana, bob = key(spec, 1), key(spec, 2)
    secret = ana.agree(bob.public_der())
    assert secret == bob.agree(ana.public_der())
    theirs = DH.key_agreement(
        static_priv=ECC.import_key(ana.private_der()),
        static_pub=ECC.import_key(bob.public_der()),
        kdf=lambda shared: shared,
    )
    assert secret == theirs
    assert len(secret) == CURVES[spec].scalar_bytes


def test_nobody_agrees_with_what_is_no_key_of_the_curve() -> None:
    made = key("ECC_NIST_P256")
    with pytest.raises(InvalidPeerKey, match=r"^5 bytes are no SubjectPublicKeyInfo$"):
        made.agree(b"bytes")
    with pytest.raises(InvalidPeerKey, match=r"^not a public key of curve secp256r1$"):
        made.agree(key("ECC_NIST_P384").public_der())


def test_a_private_key_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidScalar, match=r"^2 bytes are no PKCS #8 private key$"):
        elliptic.secret_of_pkcs8("ECC_NIST_P256", b"no")
    with pytest.raises(InvalidScalar, match=r"^not a private key of curve secp256r1$"):
        elliptic.secret_of_pkcs8("ECC_NIST_P256", key("ECC_SECG_P256K1").private_der())
    with pytest.raises(InvalidEdwardsKey, match=r"^not an Ed25519 private key$"):
        edwards.seed_of_pkcs8(key("ECC_NIST_P256").private_der())
    with pytest.raises(InvalidEdwardsKey, match=r"^2 bytes are no PKCS #8 private key$"):
        edwards.seed_of_pkcs8(b"no")


# RFC 8032, section 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
SIGNED = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_ed25519_gives_the_published_signature() -> None:
    made = EdwardsKey(SEED)
    assert made.sign(b"\x72").hex() == SIGNED
    assert made.verify(b"\x72", bytes.fromhex(SIGNED))
    assert not made.verify(b"\x73", bytes.fromhex(SIGNED))


def test_ed25519ph_gives_the_published_signature_of_a_digest() -> None:
    # RFC 8032, section 7.3.
    made = EdwardsKey(
        bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    )
    digest = hashlib.sha512(b"abc").digest()
    signature = made.sign_digest(digest)
    assert signature.hex() == (
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    assert made.verify_digest(digest, signature)
    assert not made.verify_digest(digest[::-1], signature)
    assert not made.verify_digest(digest, b"short")
    assert not made.verify(digest, signature)


def test_the_library_itself_hashes_to_the_same_ed25519ph_signature() -> None:
    made = EdwardsKey(SEED)
    scheme = eddsa.new(ECC.import_key(made.private_der()), "rfc8032")
    message = SHA512.new(b"message")
    assert made.sign_digest(hashlib.sha512(b"message").digest()) == scheme.sign(message)
    scheme.verify(message, made.sign_digest(hashlib.sha512(b"message").digest()))
    assert edwards.seed_of_pkcs8(made.private_der()) == SEED
