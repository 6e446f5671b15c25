"""Calls that have killed a host: the endpoint hands none of them to another one.

A host that dies of a call says which one with its last words. Whoever asks the same again, by any
request id, is refused without harm until the quarantine ends. What does not belong here: sending
the last words (az.py), and what kills a host (faults/poison.py).
Source: the idea of a circuit breaker for "queries of death"; in Google Cloud's outage of 12 June
2025 nothing of the kind stood between a blank policy field and every binary of every region.
"""

from hashlib import blake2b
from typing import Final

import msgpack

from regions.calls import ApiCall
from sim.units import minutes

#: A call is tried again after this; chosen: a host dies of it at most six times an hour.
QUARANTINE_NS: Final = minutes(10)
#: More such calls than this are not remembered, the oldest is let go; chosen.
REMEMBERED: Final = 1_000
QUARANTINED: Final = "The request is quarantined: a host of this Region has died of it."


def fingerprint(call: ApiCall) -> bytes:
    """Return 16 bytes that name what is asked, whoever asks it and however often."""
    asked = (call.service, call.action, _ordered(call.parameters))
    return blake2b(msgpack.packb(asked), digest_size=16).digest()


def _ordered(value: object) -> object:
    """Return a parameter with its members in the order of their names."""
    if isinstance(value, dict):
        return tuple((name, _ordered(value[name])) for name in sorted(value))
    if isinstance(value, tuple | list):
        return tuple(_ordered(one) for one in value)
    return value


class Quarantine:
    """The calls that nobody may be given now; empty in a healthy region."""

    def __init__(self) -> None:
        self._until_ns: dict[bytes, int] = {}  # the oldest first

    def __bool__(self) -> bool:
        return bool(self._until_ns)

    def add(self, killer: bytes, now_ns: int) -> None:
        """Keep one call away from every host for a while."""
        self._until_ns.pop(killer, None)
        self._until_ns[killer] = now_ns + QUARANTINE_NS
        if len(self._until_ns) > REMEMBERED:
            del self._until_ns[next(iter(self._until_ns))]

    def holds(self, call: ApiCall, now_ns: int) -> bool:
        """Say whether a call must not reach a host."""
        while self._until_ns:
            oldest, until_ns = next(iter(self._until_ns.items()))
            if until_ns > now_ns:
                break
            del self._until_ns[oldest]
        return bool(self._until_ns) and fingerprint(call) in self._until_ns
