"""The algorithms on offer, and how to choose: by strength, by cost, by the rules one must meet.

Encryption has three components: the data, the method and the key; ``encrypt`` takes just these,
and where fresh nonces come from. What does not belong here: keeping keys (hsm/).
Source: NIST SP 800-57 Part 1 Rev. 5, table 2 (strength); FIPS 140-3 approved functions
(SP 800-140C); NSA, CNSA 2.0, September 2022; RFC 8439. Costs: measured here with OpenSSL 4.0.3
on one core with AES instructions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from regions.crypto.aead import IV_BYTES, TAG_BYTES, Unauthentic

FIPS_140: Final = "FIPS 140-3"
CNSA: Final = "CNSA 2.0"


class _Cipher(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One method of authenticated encryption, with what a chooser needs to know."""

    name: str
    key_bytes: int
    strength_bits: int  #: classical security strength
    call_ns: int  #: cost of a call, whatever its size
    kib_ns: int  #: cost of each further 1024 bytes
    meets: tuple[str, ...]  #: rules that approve it
    cipher: Callable[[bytes], _Cipher]

    def cost_ns(self, data_bytes: int) -> int:
        """Return the modelled cost of one call."""
        return self.call_ns + self.kib_ns * data_bytes // 1024


_OFFER: Final = (
    Algorithm(
        name="AES-128-GCM",
        key_bytes=16,
        strength_bits=128,
        call_ns=580,
        kib_ns=47,
        meets=(FIPS_140,),
        cipher=AESGCM,
    ),
    Algorithm(
        name="AES-256-GCM",
        key_bytes=32,
        strength_bits=256,
        call_ns=600,
        kib_ns=52,
        meets=(FIPS_140, CNSA),
        cipher=AESGCM,
    ),
    Algorithm(
        name="CHACHA20-POLY1305",
        key_bytes=32,
        strength_bits=256,
        call_ns=900,
        kib_ns=208,
        meets=(),
        cipher=ChaCha20Poly1305,
    ),
)

ALGORITHMS: Final[Mapping[str, Algorithm]] = {one.name: one for one in _OFFER}


class NoSuchAlgorithm(LookupError):
    """No algorithm on offer has that name, or meets those wishes."""


class InvalidKey(ValueError):
    """The key does not fit the algorithm."""


def algorithm(name: str) -> Algorithm:
    """Return the algorithm of that name.

    Raises:
      NoSuchAlgorithm: it is not on offer.
    """
    try:
        return ALGORITHMS[name]
    except KeyError:
        offer = ", ".join(ALGORITHMS)
        raise NoSuchAlgorithm(f"algorithm {name!r} is not one of {offer}") from None


def select(
    *, strength_bits: int = 128, meets: tuple[str, ...] = (), data_bytes: int = 1024
) -> Algorithm:
    """Return the cheapest algorithm that is strong enough and approved by every named rule.

    Args:
      strength_bits: the least classical strength.
      meets: rules such as ``FIPS 140-3``.
      data_bytes: the usual size of one message, which the cost depends on.

    Raises:
      NoSuchAlgorithm: nothing on offer fits.
    """
    fitting = [
        one for one in _OFFER if one.strength_bits >= strength_bits and {*meets} <= {*one.meets}
    ]
    if not fitting:
        rules = " and ".join(meets) or "no rule"
        raise NoSuchAlgorithm(f"no algorithm of {strength_bits} bits or more meets {rules}")
    return min(fitting, key=lambda one: (one.cost_ns(data_bytes), one.name))


def _keyed(method: str, key: bytes) -> _Cipher:
    chosen = algorithm(method)
    if len(key) != chosen.key_bytes:
        raise InvalidKey(f"key of {len(key)} bytes, {method} takes {chosen.key_bytes}")
    return chosen.cipher(key)


def encrypt(
    data: bytes, method: str, key: bytes, *, nonces: Callable[[int], bytes], bound: bytes = b""
) -> bytes:
    """Return nonce (12 bytes) ‖ ciphertext (as long as the data) ‖ tag (16 bytes).

    Args:
      data: 0–2**31 - 1 bytes.
      method: the name of an algorithm.
      key: as many bytes as the algorithm takes.
      nonces: returns that many fresh random bytes, such as ``CtrDrbg.generate``.
      bound: authenticated, not contained in the result.

    Raises:
      NoSuchAlgorithm: no such method.
      InvalidKey: the key does not fit the method.
    """
    cipher = _keyed(method, key)
    nonce = nonces(IV_BYTES)
    return nonce + cipher.encrypt(nonce, data, bound)


def decrypt(sealed: bytes, method: str, key: bytes, *, bound: bytes = b"") -> bytes:
    """Return the data that ``encrypt`` sealed under the same method, key and bound bytes.

    Raises:
      NoSuchAlgorithm: no such method.
      InvalidKey: the key does not fit the method.
      Unauthentic: anything differs from what was sealed.
    """
    cipher = _keyed(method, key)
    if len(sealed) < IV_BYTES + TAG_BYTES:
        raise Unauthentic(f"sealed text of {len(sealed)} bytes is too short")
    try:
        return cipher.decrypt(sealed[:IV_BYTES], sealed[IV_BYTES:], bound)
    except InvalidTag:
        raise Unauthentic(f"sealed text of {len(sealed)} bytes does not authenticate") from None
