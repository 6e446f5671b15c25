"""ECDSA and ECDH on the curves that customers' keys have; signatures are deterministic.

What does not belong here: the service's own P-384 keys (curve.py), and Edwards curves (edwards.py).
Source: FIPS 186-5 (key pairs by extra random bits, appendix A.2.1), RFC 6979 (deterministic
nonces), SEC 2 (orders), NIST SP 800-56A Rev. 3 (ECC CDH, section 5.7.1.2), RFC 5480 (public keys).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve, and the hash that the service signs with on it."""

    group: ec.EllipticCurve
    order: int
    scalar_bytes: int
    hash_name: str
    hashing: hashes.HashAlgorithm


CURVES: Final[dict[str, Curve]] = {
    "ECC_NIST_P256": Curve(
        ec.SECP256R1(),
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        32,
        "sha256",
        hashes.SHA256(),
    ),
    "ECC_NIST_P384": Curve(
        ec.SECP384R1(),
        int(f"{'f' * 48}c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
        48,
        "sha384",
        hashes.SHA384(),
    ),
    "ECC_NIST_P521": Curve(
        ec.SECP521R1(),
        int(f"1{'f' * 65}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", 16),
        66,
        "sha512",
        hashes.SHA512(),
    ),
    "ECC_SECG_P256K1": Curve(
        ec.SECP256K1(),
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
        32,
        "sha256",
        hashes.SHA256(),
    ),
}

#: 64 bits more than the order, so that the reduction is not biased.
_EXTRA_BYTES: Final = 8


class InvalidPeerKey(ValueError):
    """The bytes are no public key of this curve."""


class InvalidScalar(ValueError):
    """The bytes are no private key of this curve."""


def seed_bytes(spec: str) -> int:
    """Return how many random bytes make a key of a spec."""
    return CURVES[spec].scalar_bytes + _EXTRA_BYTES


def scalar_of_seed(spec: str, seed: bytes) -> bytes:
    """Return the secret of so many random bytes: the scalar, big-endian, as long as the field."""
    curve = CURVES[spec]
    assert len(seed) == seed_bytes(spec), f"seed of {len(seed)} bytes for {spec}"
    scalar = int.from_bytes(seed, "big") % (curve.order - 1) + 1
    return scalar.to_bytes(curve.scalar_bytes, "big")


@lru_cache(maxsize=64)
def _peer(spec: str, der: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError):
        raise InvalidPeerKey(f"{len(der)} bytes are no SubjectPublicKeyInfo") from None
    wanted = CURVES[spec].group.name
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != wanted:
        raise InvalidPeerKey(f"not a public key of curve {wanted}")
    return key


class EllipticKey:
    """One key pair of a curve.

    Args:
      spec: of ``CURVES``.
      secret: the scalar, big-endian, as long as the field.
    """

    __slots__ = ("_curve", "_private", "_spec")

    def __init__(self, spec: str, secret: bytes) -> None:
        self._spec, self._curve = spec, CURVES[spec]
        self._private = ec.derive_private_key(int.from_bytes(secret, "big"), self._curve.group)

    def public_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        return self._private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    def private_der(self) -> bytes:
        """Return the unencrypted PKCS #8 PrivateKeyInfo in DER: the secret itself."""
        return self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, digest: bytes) -> bytes:
        """Return the one signature over a digest, in DER."""
        scheme = ec.ECDSA(Prehashed(self._curve.hashing), deterministic_signing=True)
        return self._private.sign(digest, scheme)

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature."""
        scheme = ec.ECDSA(Prehashed(self._curve.hashing))
        try:
            self._private.public_key().verify(signature, digest, scheme)
        except InvalidSignature:
            return False
        return True

    def agree(self, peer_der: bytes) -> bytes:
        """Return the shared secret: the x coordinate, as long as the field.

        Raises:
          InvalidPeerKey: the bytes are no SubjectPublicKeyInfo of the same curve.
        """
        return self._private.exchange(ec.ECDH(), _peer(self._spec, peer_der))


def digest(spec: str, message: bytes) -> bytes:
    """Return the digest that the service signs for a message on a curve."""
    return hashlib.new(CURVES[spec].hash_name, message).digest()


def secret_of_pkcs8(spec: str, der: bytes) -> bytes:
    """Return the secret of a PKCS #8 PrivateKeyInfo.

    Raises:
      InvalidScalar: it is no private key of that curve.
    """
    curve = CURVES[spec]
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError):
        raise InvalidScalar(f"{len(der)} bytes are no PKCS #8 private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != curve.group.name:
        raise InvalidScalar(f"not a private key of curve {curve.group.name}")
    return key.private_numbers().private_value.to_bytes(curve.scalar_bytes, "big")
