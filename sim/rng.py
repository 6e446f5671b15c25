"""One seed, one independent named stream for each user of chance.

A stream is named by strings, such as ``("net", "us-east-1", "eu-west-1")``; a new draw in one
stream moves no other dice. This is the only home of ``random`` in the kernel and the domain.
What does not belong here: cryptographic generators (regions/crypto/drbg.py), which are only
seeded from a stream.
Source: Mersenne Twister as in CPython's ``random``; seeds by SHA-256 of the name.
"""

import hashlib
import random
from typing import Final

#: The bits of a UUID that say version 4 and variant 10, and all the others.
_UUID_FIXED: Final = 0x4 << 76 | 0x2 << 62
_UUID_DRAWN: Final = ~(0xF << 76 | 0x3 << 62)


class Stream(random.Random):
    """A named source of chance: all methods of ``random.Random``, and UUIDs."""

    def uuid(self) -> str:
        """Return a version 4 UUID (RFC 9562, section 5.4) as 36 lower-case characters."""
        text = f"{self.getrandbits(128) & _UUID_DRAWN | _UUID_FIXED:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def stream(seed: int, *names: str) -> Stream:
    """Return the stream of that name: equal seed and names, equal draws, in any process.

    Args:
      seed: any integer.
      names: the path of the stream; ``("a", "bc")`` and ``("ab", "c")`` are different.
    """
    material = hashlib.sha256(repr((seed, *names)).encode()).digest()
    return Stream(int.from_bytes(material, "big"))
