"""RSA key pairs from a seed, and what is done with them; every result repeats from equal inputs.

Padding that needs chance takes it from the caller, so the private and public operations below are
raw ones; what has no chance in it is left to the library. What is not promised: constant time.
What does not belong here: when keys are made ahead (hsm/rsa_stock.py), and where seeds come from.
Source: RFC 8017 (OAEP section 7.1, PSS section 9.1, CRT section 5.1.2); FIPS 186-5 (primes:
appendix A.1.3 and table B.1); AWS KMS Developer Guide, "Key spec reference": the salt of RSASSA_PSS
is as long as the digest, and MGF1 uses the same hash.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import gcd, isqrt
from typing import Final

from Crypto.Math.Numbers import Integer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from regions.crypto.drbg import SEED_BYTES, CtrDrbg

EXPONENT: Final = 65_537
#: Sizes of the modulus.
BITS: Final = (2048, 3072, 4096)
#: FIPS 186-5, table B.1: rounds of Miller–Rabin by bits of the prime, for an error below 2**-112.
_ROUNDS: Final = {1024: 5, 1536: 4, 2048: 4}
#: Candidates are sieved by primes below this; chosen: more cost more than they save.
_SIEVE_LIMIT: Final = 1 << 17
#: Odd candidates looked at from one random start; chosen: several primes are expected among them.
_WINDOW: Final = 4096

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - RSAES_OAEP_SHA_1 is one of the service's algorithms
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}

Draw = Callable[[int], bytes]


class InvalidPadding(Exception):
    """The ciphertext does not open; nothing more is told."""


class InvalidRsaKey(ValueError):
    """The bytes are no private key of the wanted size."""


@dataclass(frozen=True, slots=True)
class Primes:
    """The secret of one key pair."""

    p: int  #: the larger one
    q: int

    @property
    def bits(self) -> int:
        """The size of the modulus."""
        return (self.p * self.q).bit_length()


@cache
def _small_primes(limit: int = _SIEVE_LIMIT) -> tuple[int, ...]:
    flags = bytearray([1]) * limit
    for n in range(2, isqrt(limit) + 1):
        if flags[n]:
            flags[n * n :: n] = bytes(len(range(n * n, limit, n)))
    return tuple(n for n in range(3, limit) if flags[n])


def _power(base: int, exponent: int, modulus: int) -> int:
    """Return base**exponent mod modulus; the library takes a third of Python's own time."""
    return int(pow(Integer(base), Integer(exponent), Integer(modulus)))


def _probably_prime(n: int, rounds: int, draw: Draw) -> bool:
    """Miller–Rabin with random bases (FIPS 186-5, appendix B.3.1)."""
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = (n - 1) >> twos
    size = n.bit_length() // 8 + 8
    for _ in range(rounds):
        x = _power(int.from_bytes(draw(size), "big") % (n - 3) + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def _prime(bits: int, draw: Draw, other: int) -> int:
    """Return a prime of so many bits, its two highest set, far enough from the other one."""
    while True:
        start = int.from_bytes(draw(bits // 8), "big") | 3 << (bits - 2) | 1
        composite = bytearray(_WINDOW)
        for small in _small_primes():
            # start + 2 * i = 0 (mod small)
            first = (-start * ((small + 1) // 2)) % small
            if first < _WINDOW:
                composite[first::small] = b"\1" * len(range(first, _WINDOW, small))
        for step in range(_WINDOW):
            n = start + 2 * step
            if composite[step] or n.bit_length() > bits or gcd(n - 1, EXPONENT) != 1:
                continue
            if abs(n - other) >> (bits - 100) == 0:
                continue
            if _power(2, n - 1, n) == 1 and _probably_prime(n, _ROUNDS[bits], draw):
                return n


def find_primes(bits: int, seed: bytes) -> Primes:
    """Return the key pair of a seed; it takes 10**8 to 10**10 ns, and is best done ahead.

    Args:
      bits: 2048, 3072 or 4096.
      seed: 48 bytes of full entropy.
    """
    assert bits in BITS, f"RSA key of {bits} bits"
    assert len(seed) == SEED_BYTES, f"seed of {len(seed)} bytes"
    draw = CtrDrbg(lambda _: seed, personalization=b"rsa %d" % bits).generate
    p = _prime(bits // 2, draw, 0)
    q = _prime(bits // 2, draw, p)
    return Primes(max(p, q), min(p, q))


def _mgf1(seed: bytes, size: int, name: str) -> bytes:
    blocks = -(-size // hashlib.new(name).digest_size)
    return b"".join(
        hashlib.new(name, seed + number.to_bytes(4, "big")).digest() for number in range(blocks)
    )[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    mixed = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return mixed.to_bytes(len(one), "big")


def oaep_bytes_max(bits: int, name: str) -> int:
    """Return how many bytes one encryption takes at most (RFC 8017, section 7.1.1)."""
    return bits // 8 - 2 * hashlib.new(name).digest_size - 2


class RsaKey:
    """One key pair in use; its private half never leaves this object but by ``private_der``."""

    __slots__ = ("_d", "_n", "_primes", "_private", "_public", "_size")

    def __init__(self, primes: Primes) -> None:
        p, q = primes.p, primes.q
        self._primes, self._n = primes, p * q
        self._size = primes.bits // 8
        order = (p - 1) * (q - 1) // gcd(p - 1, q - 1)
        self._d = pow(EXPONENT, -1, order)
        self._public = rsa.RSAPublicNumbers(EXPONENT, self._n).public_key()
        self._private: rsa.RSAPrivateKey | None = None

    @classmethod
    def from_secret(cls, secret: bytes) -> "RsaKey":
        """Return the key of ``secret``."""
        half = len(secret) // 2
        p, q = (int.from_bytes(part, "big") for part in (secret[:half], secret[half:]))
        return cls(Primes(p, q))

    @property
    def secret(self) -> bytes:
        """P ‖ q, each half as long as the modulus; p is the larger one."""
        size = self._size // 2
        return b"".join(one.to_bytes(size, "big") for one in (self._primes.p, self._primes.q))

    def _key(self) -> rsa.RSAPrivateKey:
        if self._private is None:
            p, q, d = self._primes.p, self._primes.q, self._d
            numbers = rsa.RSAPrivateNumbers(
                p=p,
                q=q,
                d=d,
                dmp1=d % (p - 1),
                dmq1=d % (q - 1),
                iqmp=pow(q, -1, p),
                public_numbers=rsa.RSAPublicNumbers(EXPONENT, self._n),
            )
            # The numbers were found to be primes when the key was made or imported.
            self._private = numbers.private_key(unsafe_skip_rsa_key_validation=True)
        return self._private

    def public_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        return self._public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def public_pkcs1(self) -> bytes:
        """Return the RSAPublicKey of PKCS #1 in DER: modulus and exponent alone."""
        return self._public.public_bytes(Encoding.DER, PublicFormat.PKCS1)

    def private_der(self) -> bytes:
        """Return the unencrypted PKCS #8 PrivateKeyInfo in DER: the secret itself."""
        return self._key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    # Encryption.

    def encrypt(self, plaintext: bytes, name: str, draw: Draw) -> bytes:
        """Return the OAEP ciphertext, as long as the modulus.

        Args:
          plaintext: 0 to ``oaep_bytes_max`` bytes.
          name: ``sha1`` or ``sha256``.
          draw: gives the seed of the padding, as long as the digest.
        """
        label = hashlib.new(name).digest()
        zeros = oaep_bytes_max(self._size * 8, name) - len(plaintext)
        assert zeros >= 0, f"{len(plaintext)} bytes for OAEP under {self._size * 8} bits"
        block = label + bytes(zeros) + b"\1" + plaintext
        seed = draw(len(label))
        masked = _xor(block, _mgf1(seed, len(block), name))
        message = _xor(seed, _mgf1(masked, len(seed), name)) + masked
        raised = _power(int.from_bytes(message, "big"), EXPONENT, self._n)
        return raised.to_bytes(self._size, "big")

    def decrypt(self, ciphertext: bytes, name: str) -> bytes:
        """Return the plaintext of an OAEP ciphertext.

        Raises:
          InvalidPadding: it was not made for this key and hash.
        """
        scheme = padding.OAEP(padding.MGF1(_HASHES[name]), _HASHES[name], label=None)
        try:
            return self._key().decrypt(ciphertext, scheme)
        except ValueError:
            raise InvalidPadding from None

    # Signatures.

    def sign_pkcs1(self, digest: bytes, name: str) -> bytes:
        """Return the one RSASSA-PKCS1-v1_5 signature over a digest."""
        return self._key().sign(digest, padding.PKCS1v15(), Prehashed(_HASHES[name]))

    def sign_pss(self, digest: bytes, name: str, draw: Draw) -> bytes:
        """Return a RSASSA-PSS signature over a digest; ``draw`` gives a salt of the same length."""
        salt = draw(len(digest))
        hashed = hashlib.new(name, bytes(8) + digest + salt).digest()
        size = self._size - len(hashed) - 1
        block = b"\1" + salt
        masked = _xor(block.rjust(size, b"\0"), _mgf1(hashed, size, name))
        # The encoded message has one bit less than the modulus.
        encoded = bytes([masked[0] & 0x7F]) + masked[1:] + hashed + b"\xbc"
        return self._raise(int.from_bytes(encoded, "big")).to_bytes(self._size, "big")

    def _raise(self, m: int) -> int:
        """Return m**d mod n, by the Chinese remainder theorem, checked against faults."""
        p, q = self._primes.p, self._primes.q
        one = _power(m % p, self._d % (p - 1), p)
        two = _power(m % q, self._d % (q - 1), q)
        result = two + q * ((one - two) * pow(q, -1, p) % p)
        assert _power(result, EXPONENT, self._n) == m, "an RSA result that does not verify"
        return result

    def verify_pkcs1(self, digest: bytes, name: str, signature: bytes) -> bool:
        """Say whether this key made the signature."""
        return self._verifies(signature, digest, name, padding.PKCS1v15())

    def verify_pss(self, digest: bytes, name: str, signature: bytes) -> bool:
        """Say whether this key made the signature, with a salt as long as the digest."""
        scheme = padding.PSS(padding.MGF1(_HASHES[name]), len(digest))
        return self._verifies(signature, digest, name, scheme)

    def _verifies(
        self, signature: bytes, digest: bytes, name: str, scheme: padding.PKCS1v15 | padding.PSS
    ) -> bool:
        try:
            self._public.verify(signature, digest, scheme, Prehashed(_HASHES[name]))
        except InvalidSignature:
            return False
        return True


def secret_of_pkcs8(der: bytes, bits: int) -> bytes:
    """Return the ``secret`` of a PKCS #8 PrivateKeyInfo, whose numbers are checked.

    Raises:
      InvalidRsaKey: it is none, or not of that size, or has another exponent than 65537.
    """
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError):
        raise InvalidRsaKey(f"{len(der)} bytes are no PKCS #8 private key") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != bits:
        raise InvalidRsaKey(f"not an RSA private key of {bits} bits")
    numbers = key.private_numbers()
    if numbers.public_numbers.e != EXPONENT:
        raise InvalidRsaKey(f"exponent {numbers.public_numbers.e}, expected {EXPONENT}")
    return RsaKey(Primes(max(numbers.p, numbers.q), min(numbers.p, numbers.q))).secret
