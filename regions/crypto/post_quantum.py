"""ML-DSA signatures and ML-KEM key encapsulation; key pairs repeat from their seeds.

The library draws the randomness of signing and of encapsulating itself: what it returns differs
from run to run, and so callers must keep it out of what is compared (``Actor.veil``). ML-KEM-512
is not offered by it. A build of the library without these algorithms raises NoPostQuantum.
What does not belong here: which keys exist, and what they may be used for.
Source: FIPS 204 (ML-DSA, hedged; the context is empty), FIPS 203 (ML-KEM), RFC 9881 and
draft-ietf-lamps-kyber-certificates (key formats).
"""

from collections.abc import Callable
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

try:
    from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
except ImportError:  # releases before 48 have none
    mldsa = mlkem = None  # type: ignore[assignment]

#: FIPS 204, section 5.1: xi.
SIGNING_SEED_BYTES: Final = 32
#: FIPS 203, section 6.1: d ‖ z.
KEM_SEED_BYTES: Final = 64
#: FIPS 204, section 6.2: the message representative.
MU_BYTES: Final = 64


class NoPostQuantum(Exception):
    """The installed library was built without these algorithms."""


class InvalidEncapsulation(ValueError):
    """The bytes are no ciphertext of this parameter set."""


def _made(what: str, spec: str, seed: bytes) -> Any:
    module = {"MLDSA": mldsa, "MLKEM": mlkem}[what]
    if module is None:
        raise NoPostQuantum(f"cryptography has no {what}")
    cls = getattr(module, f"{what}{spec.rpartition('_')[2]}PrivateKey", None)
    if cls is None:
        raise NoPostQuantum(f"cryptography has no {spec}")
    try:
        return cls.from_seed_bytes(seed)
    except UnsupportedAlgorithm as error:
        raise NoPostQuantum(str(error)) from None


class _KeyPair:
    """What both kinds of key pairs have."""

    __slots__ = ("_private",)

    _private: Any

    def public_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        made: bytes = self._private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return made

    def private_der(self) -> bytes:
        """Return the unencrypted PKCS #8 PrivateKeyInfo in DER, in seed form: the secret itself."""
        made: bytes = self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return made


class SigningKey(_KeyPair):
    """One ML-DSA key pair.

    Args:
      spec: ``ML_DSA_44``, ``ML_DSA_65`` or ``ML_DSA_87``.
      seed: 32 bytes.

    Raises:
      NoPostQuantum: the library lacks it.
    """

    __slots__ = ()

    def __init__(self, spec: str, seed: bytes) -> None:
        self._private = _made("MLDSA", spec, seed)

    def sign(self, message: bytes) -> bytes:
        """Return a signature over a message; another one at every call."""
        made: bytes = self._private.sign(message)
        return made

    def sign_mu(self, mu: bytes) -> bytes:
        """Return a signature over a message representative (64 bytes)."""
        made: bytes = self._private.sign_mu(mu)
        return made

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over a message."""
        return _holds(self._private.public_key().verify, signature, message)

    def verify_mu(self, mu: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over a message representative (64 bytes)."""
        return _holds(self._private.public_key().verify_mu, signature, mu)


def _holds(verify: Callable[[bytes, bytes], None], signature: bytes, data: bytes) -> bool:
    try:
        verify(signature, data)
    except InvalidSignature:
        return False
    return True


class KemKey(_KeyPair):
    """One ML-KEM key pair.

    Args:
      spec: ``ML_KEM_768`` or ``ML_KEM_1024``.
      seed: 64 bytes.

    Raises:
      NoPostQuantum: the library lacks it.
    """

    __slots__ = ()

    def __init__(self, spec: str, seed: bytes) -> None:
        self._private = _made("MLKEM", spec, seed)

    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret (32 bytes) and its ciphertext (1088 or 1568 bytes)."""
        secret, ciphertext = self._private.public_key().encapsulate()
        return secret, ciphertext

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Return the shared secret (32 bytes) of a ciphertext; a forged one has some other secret.

        Raises:
          InvalidEncapsulation: it has another length.
        """
        try:
            secret: bytes = self._private.decapsulate(ciphertext)
        except ValueError:
            raise InvalidEncapsulation(f"ciphertext of {len(ciphertext)} bytes") from None
        return secret
