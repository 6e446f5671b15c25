"""The key pairs that sign one region's digests: which of them signs, and which were valid when.

A pair is valid for 30 days and signs until half a day before their end; the next one is valid from
half a day before its first digest, so two overlap by a day. A digest is signed by a key that is
valid at the digest's end, however much later it is made: whoever validates asks for the keys of
those days. Private halves stand on the Trail actor's disk sealed under a key that this device keeps
elsewhere (``Actor.battery``), as the object store's data do; in the clear they are in its memory
only. A pair comes into being when it is first needed.
What does not belong here: the digest (digest.py), and waiting for new pairs (sinks/digest.py).
Source: CloudTrail API Reference, ListPublicKeys (a pair per region; validities may overlap); AWS
CLI, example of ``list-public-keys`` (RSA 2048; 30 days to the second). The half days are chosen,
and so is how private halves are kept.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from regions.crypto.aead import IV_BYTES, Aes256Gcm
from regions.crypto.rsa import RsaKey, find_primes
from regions.trail.digest import fingerprint
from sim.units import NS_PER_SECOND, days, hours
from sim.wire import Message

KEY_BITS: Final = 2048
#: How long a public key is valid. Source: AWS CLI, example of ``list-public-keys``.
VALID_NS: Final = days(30)
#: A key is valid that long before its first digest, and signs none that long before its end.
MARGIN_NS: Final = hours(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestKey(Message):
    """One key pair, as it stands on disk."""

    start_ns: int  #: calendar time, whole seconds
    end_ns: int
    public: bytes  #: PKCS #1 in DER
    sealed: bytes = field(repr=False)  #: nonce (12 bytes) ‖ sealed p ‖ q (256 bytes) ‖ tag (16)

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits."""
        return fingerprint(self.public)


class DigestKeys:
    """The key pairs of one region, in order of time."""

    def __init__(self) -> None:
        self._keys: list[DigestKey] = []

    def __iter__(self) -> Iterator[DigestKey]:
        return iter(self._keys)

    def add(self, key: DigestKey) -> None:
        """Take up a pair, once."""
        if key not in self._keys:
            insort(self._keys, key, key=lambda each: (each.start_ns, each.public))

    def signer(self, end_ns: int) -> DigestKey | None:
        """Return the pair that signs a digest which ends then; None if one must be made."""
        able = [k for k in self._keys if k.start_ns <= end_ns < k.end_ns - MARGIN_NS]
        return able[-1] if able else None

    def valid(self, start_ns: int, end_ns: int) -> list[DigestKey]:
        """Return the pairs that are valid at some time of a range, the oldest first."""
        return [k for k in self._keys if k.start_ns <= end_ns and start_ns <= k.end_ns]


def make_secret(seed: bytes) -> bytes:
    """Return p ‖ q of a new key pair; it takes about 5 * 10**7 ns, and is best done aside.

    Args:
      seed: 48 bytes of full entropy.
    """
    return RsaKey(find_primes(KEY_BITS, seed)).secret


class Safe:
    """Private halves in use, and sealed for the disk.

    Args:
      region: what is sealed opens in its own region only.
      master: 32 bytes, under which private halves are sealed.
    """

    def __init__(self, region: str, master: bytes) -> None:
        self._region, self._master = region.encode(), Aes256Gcm(master)
        self._open: dict[bytes, RsaKey] = {}  #: by public half

    def seal(self, secret: bytes, end_ns: int, nonce: bytes) -> DigestKey:
        """Return a new pair that is to sign a digest which ends then.

        Args:
          secret: as ``make_secret`` returned it.
          end_ns: calendar time.
          nonce: 12 random bytes.
        """
        assert len(nonce) == IV_BYTES, f"nonce of {len(nonce)} bytes"
        public = RsaKey.from_secret(secret).public_pkcs1()
        start_ns = end_ns // NS_PER_SECOND * NS_PER_SECOND - MARGIN_NS
        sealed = nonce + self._master.seal(nonce, secret, self._region + public)
        return DigestKey(
            start_ns=start_ns, end_ns=start_ns + VALID_NS, public=public, sealed=sealed
        )

    def sign(self, key: DigestKey, text: bytes) -> bytes:
        """Return the 256-byte signature over a text.

        Raises:
          Unauthentic: the private half was sealed elsewhere.
        """
        pair = self._open.get(key.public)
        if pair is None:
            nonce, sealed = key.sealed[:IV_BYTES], key.sealed[IV_BYTES:]
            secret = self._master.open(nonce, sealed, self._region + key.public)
            pair = self._open[key.public] = RsaKey.from_secret(secret)
        return pair.sign_pkcs1(sha256(text).digest(), "sha256")
