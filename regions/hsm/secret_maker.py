"""Draws the secrets of new keys inside one HSM, and announces each as it comes into being.

What does not belong here: wrapping them (vault.py), and finding primes ahead (rsa_stock.py).
Source: AWS KMS Cryptographic Details, "Key generation": all keys come from the HSM's generator.
"""

from collections.abc import Callable

from regions.crypto.drbg import SEED_BYTES, CtrDrbg
from regions.crypto.elliptic import scalar_of_seed
from regions.crypto.rsa import Primes, RsaKey, find_primes
from regions.hsm.keywork import opened
from regions.hsm.kinds import KINDS

Announce = Callable[[str, bytes], None]


class SecretMaker:
    """Makes secrets of every kind.

    Args:
      drbg: the generator of the HSM.
      announce: told of each secret, as ``announce(kind, secret)``.
    """

    def __init__(self, drbg: CtrDrbg, announce: Announce) -> None:
        self._drbg, self._announce = drbg, announce
        self._primes: list[Primes] = []

    def prime_seed(self) -> bytes:
        """Draw what the primes of a future RSA key are found with (48 bytes)."""
        return self._drbg.generate(SEED_BYTES)

    def stock(self, primes: Primes) -> None:
        """Take primes that were found outside, for the next secret that needs such."""
        self._primes.append(primes)

    def make(self, spec: str, what: str) -> bytes:
        """Return a new secret; ``what`` is the name under which its parts are announced.

        Raises:
          HsmKindUnsupported: the library lacks what this kind needs.
        """
        kind = KINDS[spec]
        if kind.bits:
            secret = RsaKey(self._taken(kind.bits)).secret
            half = len(secret) // 2
            self._announce(what, secret[:half])
            self._announce(what, secret[half:])
            return secret
        secret = self._drbg.generate(kind.seed_bytes)
        if kind.family == "elliptic":
            secret = scalar_of_seed(spec, secret)
        elif kind.family.startswith("ml-"):
            opened(spec, secret)  # The library may lack it, and then no such key is made.
        self._announce(what, secret)
        return secret

    def _taken(self, bits: int) -> Primes:
        for place, primes in enumerate(self._primes):
            if primes.bits == bits:
                return self._primes.pop(place)
        return find_primes(bits, self.prime_seed())
