"""Random bytes that a seeded run cannot repeat, and how the trace looks past them.

Some libraries draw chance of their own. What they return is told to the veil before it travels;
from then on the trace shows as many zeros in its place, so that equal runs have equal traces.
What does not belong here: chance that a stream can give (rng.py).
Source: ARCHITECTURE, "Determinism": what stays random is hashed by its length.
"""

from typing import Final

from sim.secrets import SECRET_BYTES_MIN, Secrets

_KIND: Final = "veiled"


class Veil:
    """Known random values, each of at least 16 bytes."""

    def __init__(self) -> None:
        self._index = Secrets()
        self._values: dict[bytes, bytes] = {}  #: value -> as many zeros

    def add(self, value: bytes) -> None:
        """Cover a value from now on."""
        assert len(value) >= SECRET_BYTES_MIN, f"a random value of {len(value)} bytes"
        if value not in self._values:
            self._values[value] = bytes(len(value))
            self._index.add(_KIND, value)

    def covered(self, body: bytes) -> bytes:
        """Return an event's bytes with zeros for every value that stands in them."""
        if self._index.find(body, (_KIND,)) is None:
            return body
        for value, zeros in self._values.items():
            body = body.replace(value, zeros)
        return body
