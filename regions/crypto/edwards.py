"""Ed25519 signatures of messages, and Ed25519ph signatures of SHA-512 digests; both deterministic.

What does not belong here: hashing a message for Ed25519ph: its caller has the digest only.
Source: RFC 8032, sections 5.1 and 5.1.7 (context empty), RFC 8410 (key formats).
"""

from typing import Final

from Crypto.Hash import SHA512
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

SEED_BYTES: Final = 32
DIGEST_BYTES: Final = 64


class InvalidEdwardsKey(ValueError):
    """The bytes are no Ed25519 private key."""


class _Digest(SHA512.SHA512Hash):
    """A finished SHA-512, where the library wants the hash object that made it."""

    def __init__(self, digest: bytes) -> None:
        # Not super().__init__: that would begin a hash of its own.
        self._finished = digest

    def digest(self) -> bytes:
        """Return the 64 bytes."""
        return self._finished

    def __del__(self) -> None:
        """Free nothing: there is no state of a hash."""


class EdwardsKey:
    """One Ed25519 key pair.

    Args:
      seed: 32 bytes, the private key of RFC 8032.
    """

    __slots__ = ("_private", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)

    def public_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        return self._private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    def private_der(self) -> bytes:
        """Return the unencrypted PKCS #8 PrivateKeyInfo in DER: the secret itself."""
        return self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        """Return the one Ed25519 signature (64 bytes) over a message."""
        return self._private.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether this key made the Ed25519 signature."""
        try:
            self._private.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def sign_digest(self, digest: bytes) -> bytes:
        """Return the one Ed25519ph signature (64 bytes) over a SHA-512 digest (64 bytes)."""
        signature: bytes = self._prehashed().sign(_Digest(digest))
        return signature

    def verify_digest(self, digest: bytes, signature: bytes) -> bool:
        """Say whether this key made the Ed25519ph signature."""
        try:
            self._prehashed().verify(_Digest(digest), signature)
        except ValueError:
            return False
        return True

    def _prehashed(self) -> eddsa.EdDSASigScheme:
        return eddsa.new(ECC.construct(curve="Ed25519", seed=self._seed), "rfc8032")


def seed_of_pkcs8(der: bytes) -> bytes:
    """Return the seed of a PKCS #8 PrivateKeyInfo.

    Raises:
      InvalidEdwardsKey: it is no Ed25519 private key.
    """
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError):
        raise InvalidEdwardsKey(f"{len(der)} bytes are no PKCS #8 private key") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise InvalidEdwardsKey("not an Ed25519 private key")
    return key.private_bytes_raw()
