"""A deterministic random bit generator: equal entropy in, equal bytes out, on every machine.

What does not belong here: where entropy comes from (a simulated HSM passes its own named stream,
a live one the operating system), or what the bytes are for.
Source: NIST SP 800-90A Rev. 1, section 10.2.1, CTR_DRBG with AES-256 and no derivation function;
limits from its table 3.
"""

from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: seedlen of AES-256: 32 bytes of key and one 16-byte block.
SEED_BYTES: Final = 48
#: max_number_of_bits_per_request is 2**19.
REQUEST_BYTES_MAX: Final = 2**16
#: reseed_interval of the standard.
REQUESTS_PER_SEED_MAX: Final = 2**48

_BLOCK_BYTES: Final = 16
_KEY_BYTES: Final = 32
_COUNTER_MASK: Final = 2**128 - 1

Entropy = Callable[[int], bytes]


def _mix(left: bytes, right: bytes) -> bytes:
    """Return the exclusive or of two seeds; a shorter right one is padded with zeros."""
    assert len(right) <= SEED_BYTES, f"input of {len(right)} bytes is longer than a seed"
    mixed = int.from_bytes(left, "big") ^ int.from_bytes(right.ljust(SEED_BYTES, b"\0"), "big")
    return mixed.to_bytes(SEED_BYTES, "big")


class CtrDrbg:
    """CTR_DRBG of one HSM; each instance reseeds itself from its entropy source when it must.

    Args:
      entropy: ``entropy(48)`` returns 48 bytes of full entropy.
      personalization: 0–48 bytes that keep two generators apart, even on equal entropy.
      requests_per_seed: 1–2**48 generate calls between two reseedings.
    """

    __slots__ = ("_counter", "_entropy", "_key", "_limit", "requests")

    def __init__(
        self,
        entropy: Entropy,
        *,
        personalization: bytes = b"",
        requests_per_seed: int = REQUESTS_PER_SEED_MAX,
    ) -> None:
        assert 1 <= requests_per_seed <= REQUESTS_PER_SEED_MAX
        self._entropy = entropy
        self._limit = requests_per_seed
        self._key = bytes(_KEY_BYTES)
        self._counter = 0
        self._update(_mix(self._draw(), personalization))
        self.requests = 1  #: the standard's reseed counter: next request since the last seeding

    def reseed(self, additional: bytes = b"") -> None:
        """Mix 48 fresh bytes of entropy, and 0–48 bytes of additional input, into the state."""
        self._update(_mix(self._draw(), additional))
        self.requests = 1

    def generate(self, size: int, additional: bytes = b"") -> bytes:
        """Return the next ``size`` bytes and step the state so that they cannot be recomputed.

        Args:
          size: 1–65536.
          additional: 0–48 bytes mixed in before and after.
        """
        assert 1 <= size <= REQUEST_BYTES_MAX, f"request of {size} bytes"
        if self.requests > self._limit:
            self.reseed()
        if additional:
            self._update(_mix(additional.ljust(SEED_BYTES, b"\0"), b""))
        # Output and state update use one key and consecutive counters, so one AES pass makes
        # both: this is the largest single cost of an Encrypt (4 of 10 us).
        end = -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
        stream = self._keystream(end + SEED_BYTES)
        state = stream[end:]
        if additional:
            state = _mix(state, additional)
        self._key = state[:_KEY_BYTES]
        self._counter = int.from_bytes(state[_KEY_BYTES:], "big")
        self.requests += 1
        return stream[:size]

    def _draw(self) -> bytes:
        entropy = self._entropy(SEED_BYTES)
        assert len(entropy) == SEED_BYTES, f"entropy source gave {len(entropy)} bytes"
        return entropy

    def _update(self, provided: bytes) -> None:
        state = _mix(self._keystream(SEED_BYTES), provided)
        self._key = state[:_KEY_BYTES]
        self._counter = int.from_bytes(state[_KEY_BYTES:], "big")

    def _keystream(self, size: int) -> bytes:
        """Encrypt counters V+1, V+2, ...: AES-CTR over zeros is exactly that."""
        first = ((self._counter + 1) & _COUNTER_MASK).to_bytes(_BLOCK_BYTES, "big")
        cipher = Cipher(algorithms.AES256(self._key), modes.CTR(first))
        return cipher.encryptor().update(bytes(size))
