"""Which events were taken in, and when each took place: very many ids in little room.

A UUID takes 16 bytes and its time 8, in a table of open places of which at most two thirds are
taken: some 36 to 72 bytes an event, a third of what a dict of objects needs. A hash says where to
look: the bits of a UUID alone do not, as some are the same in all UUIDs of a version, and ids that
programs count up differ in a few bits only. Ids of another form are few, and kept as they are.
What does not belong here: events themselves (event_store.py).
Source: open addressing with linear probing, Knuth, "The Art of Computer Programming", volume 3,
section 6.4; the bits of UUIDs, RFC 9562, section 5.
"""

from array import array
from hashlib import blake2b
from typing import Final

_ID_BYTES: Final = 16
_UUID_DIGITS: Final = 32
#: The time of a place that nobody has taken; no event is so old.
_OPEN: Final = -(1 << 63)
_FEWEST: Final = 64  #: places; a power of two


def home(packed: bytes) -> int:
    """Return the number whose lowest bits say where an id of 16 bytes is looked for first."""
    return int.from_bytes(blake2b(packed, digest_size=8).digest(), "big")


class IdTimes:
    """Ids and their times."""

    def __init__(self) -> None:
        self._others: dict[str, int] = {}
        self._oldest_ns = -_OPEN  #: no event is older
        self._make(_FEWEST)

    def _make(self, places: int) -> None:
        self._ids = bytearray(_ID_BYTES * places)
        self._times = array("q", [_OPEN]) * places
        self._mask = places - 1
        self._taken = 0

    def __len__(self) -> int:
        return self._taken + len(self._others)

    def __contains__(self, event_id: str) -> bool:
        return self.get(event_id) is not None

    def _place(self, packed: bytes) -> int:
        """Return where an id is, or would be put."""
        ids, times, mask = self._ids, self._times, self._mask
        place = home(packed) & mask
        while times[place] != _OPEN:
            at = place * _ID_BYTES
            if ids[at : at + _ID_BYTES] == packed:
                break
            place = (place + 1) & mask
        return place

    def get(self, event_id: str) -> int | None:
        """Return when an event took place, ns since 1970; None if it was never taken in."""
        packed = _packed(event_id)
        if packed is None:
            return self._others.get(event_id)
        time_ns = self._times[self._place(packed)]
        return None if time_ns == _OPEN else time_ns

    def add(self, event_id: str, time_ns: int) -> None:
        """Take in an event, or another time of it."""
        self._oldest_ns = min(self._oldest_ns, time_ns)
        packed = _packed(event_id)
        if packed is None:
            self._others[event_id] = time_ns
            return
        self._put(packed, time_ns)
        if 3 * self._taken > 2 * len(self._times):
            self._keep(_OPEN + 1, 2 * len(self._times))

    def _put(self, packed: bytes, time_ns: int) -> None:
        place = self._place(packed)
        if self._times[place] == _OPEN:
            at = place * _ID_BYTES
            self._ids[at : at + _ID_BYTES] = packed
            self._taken += 1
        self._times[place] = time_ns

    def forget_before(self, oldest_ns: int) -> None:
        """Forget the events that took place before that time."""
        if oldest_ns <= self._oldest_ns:
            return
        self._oldest_ns = oldest_ns
        self._others = {one: at for one, at in self._others.items() if at >= oldest_ns}
        left = sum(time_ns >= oldest_ns for time_ns in self._times)
        if left < self._taken:
            places = _FEWEST
            while 3 * left > 2 * places:
                places *= 2
            self._keep(oldest_ns, places)

    def _keep(self, oldest_ns: int, places: int) -> None:
        """Make the table anew, with those that are not older."""
        ids, times = bytes(self._ids), self._times
        self._make(places)
        for place, time_ns in enumerate(times):
            if time_ns >= oldest_ns:
                at = place * _ID_BYTES
                self._put(ids[at : at + _ID_BYTES], time_ns)


def _packed(event_id: str) -> bytes | None:
    """Return a UUID in 16 bytes; None if it is none, as some recorded activity has."""
    digits = event_id.replace("-", "")
    if len(digits) != _UUID_DIGITS:
        return None
    try:
        packed = bytes.fromhex(digits)
    except ValueError:
        return None
    text = packed.hex()
    plain = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return packed if plain == event_id else None
