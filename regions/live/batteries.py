"""What devices keep while a live world stands still: bytes derived from the root key.

What does not belong here: the root key itself (root_key.py), and which devices there are.
Source: HKDF, RFC 5869; a device's bytes are those of its own purpose, one block after the other.
"""

from collections.abc import Callable
from itertools import count

from regions.root_key import RootKey


def battery_of(root: RootKey) -> Callable[..., Callable[[int], bytes]]:
    """Return what gives a named device its bytes: the same ones at every start, in order."""

    def battery(*names: str) -> Callable[[int], bytes]:
        purpose, numbers = repr(names).encode(), count()

        def draw(size: int) -> bytes:
            return root.derive(b"battery %d " % next(numbers) + purpose, size)

        return draw

    return battery
