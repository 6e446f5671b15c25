"""Key agreement and signatures on P-384, both deterministic.

What does not belong here: whose key a point is, and whether to trust it (hsm/domain.py).
Source: FIPS 186-5 (ECDSA; key pairs by extra random bits, appendix A.2.1), RFC 6979 (deterministic
nonces), NIST SP 800-56A Rev. 3 (ECC CDH, section 5.7.1.2), SEC 1 (point and curve).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: An uncompressed point: 04 ‖ x ‖ y.
POINT_BYTES: Final = 97
#: SHA-384.
DIGEST_BYTES: Final = 48
#: r ‖ s, 48 bytes each.
SIGNATURE_BYTES: Final = 96
#: 64 bits more than the order, so that the reduction is not biased.
SCALAR_SEED_BYTES: Final = 56

#: The order n of the base point (SEC 2, section 2.5.1).
ORDER: Final = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)

_CURVE: Final = ec.SECP384R1()
_SIGN: Final = ec.ECDSA(Prehashed(SHA384()), deterministic_signing=True)
_VERIFY: Final = ec.ECDSA(Prehashed(SHA384()))
_HALF: Final = SIGNATURE_BYTES // 2


class InvalidPoint(ValueError):
    """The bytes are no uncompressed point of P-384."""


@lru_cache(maxsize=256)
def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    if len(point) != POINT_BYTES:
        raise InvalidPoint(f"point of {len(point)} bytes, expected {POINT_BYTES}")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        raise InvalidPoint(f"point {point[:5].hex()}… is not on P-384") from None


class KeyPair:
    """One P-384 key pair; its private half never leaves this object.

    Args:
      scalar: 1 to n - 1.
    """

    __slots__ = ("_private", "public")

    def __init__(self, scalar: int) -> None:
        self._private = ec.derive_private_key(scalar, _CURVE)
        #: 97 bytes, uncompressed.
        self.public: Final = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    @classmethod
    def from_seed(cls, seed: bytes) -> "KeyPair":
        """Return the key pair of 56 random bytes."""
        assert len(seed) == SCALAR_SEED_BYTES, f"seed of {len(seed)} bytes"
        scalar = int.from_bytes(seed, "big") % (ORDER - 1) + 1
        pair: KeyPair = _kept((seed, b""), lambda: cls(scalar))
        return pair

    def sign(self, digest: bytes) -> bytes:
        """Return the one signature r ‖ s (96 bytes) of this key over a SHA-384 digest."""
        r, s = decode_dss_signature(self._private.sign(digest, _SIGN))
        signature = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
        _remember((self.public, digest, signature))
        return signature

    def agree(self, point: bytes) -> bytes:
        """Return the shared secret (48 bytes) with the owner of that public point.

        Raises:
          InvalidPoint: the bytes are no point of the curve.
        """
        name, owner = (self.public, point), _public(point)
        secret: bytes = _kept(name, lambda: self._private.exchange(ec.ECDH(), owner))
        return secret


# A process that opens one simulated world after the other computes the same things again: a pair
# and an agreement take 250 us each, and a region's first minute is made of them.
_KEPT: Final[dict[tuple[bytes, bytes], Any]] = {}
_ROOM: Final = {"kept": 0}
_ROOM_FOR_TOYS: Final = 4096


def keep_for_toys() -> None:
    """Keep pairs by their seeds, and what they agree on, until this process ends.

    Only for a process whose keys protect nothing: they outlive their HSMs in its memory.
    """
    _ROOM["kept"] = _ROOM_FOR_TOYS


def _kept(name: tuple[bytes, bytes], make: Callable[[], Any]) -> Any:
    if not _ROOM["kept"]:
        return make()
    found = _KEPT.get(name)
    if found is None:
        found = _KEPT[name] = make()
        if len(_KEPT) > _ROOM["kept"]:
            del _KEPT[next(iter(_KEPT))]
    return found


# A domain token is verified by every HSM it lists. The answer is a function of public bytes alone,
# and what this very process signed is known to verify: so nobody computes it (350 us) twice.
_VERIFIED: Final[dict[tuple[bytes, bytes, bytes], None]] = {}
_VERIFIED_MAX: Final = 1024


def _remember(signed: tuple[bytes, bytes, bytes]) -> None:
    _VERIFIED[signed] = None
    if len(_VERIFIED) > _VERIFIED_MAX:
        del _VERIFIED[next(iter(_VERIFIED))]


def verify(point: bytes, digest: bytes, signature: bytes) -> bool:
    """Say whether the owner of the point signed that SHA-384 digest; False for malformed input."""
    if (point, digest, signature) in _VERIFIED:
        return True
    if not _verify(point, digest, signature):
        return False
    _remember((point, digest, signature))
    return True


def _verify(point: bytes, digest: bytes, signature: bytes) -> bool:
    if len(signature) != SIGNATURE_BYTES or len(digest) != DIGEST_BYTES:
        return False
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        _public(point).verify(encode_dss_signature(r, s), digest, _VERIFY)
    except (InvalidPoint, InvalidSignature):
        return False
    return True
