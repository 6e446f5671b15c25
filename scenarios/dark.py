"""When one place of a region has been dark for a while and nothing else goes on.

From then on callers must not notice: the others lead, answer and keep copies. Only faults count
that leave nothing half alive: an AZ, or an HSM, that is off or stopped as a whole; and calls that
kill hosts, which the endpoint must know by then. A link that loses messages, or one stopped
process of an AZ, may go on failing calls.
What does not belong here: what must hold in such a time (invariants/liveness.py).
Source: model; the time is chosen, beside its name.
"""

from typing import Final

from scenarios.harm import HEALING_NS
from sim.trace import Event

#: After the last disturbance the others need so long to take over; chosen, as for healing.
DARK_NS: Final = HEALING_NS
#: What leaves a whole AZ, or one HSM, dark.
_OF_AZS: Final = frozenset({"crash", "pause", "power-off", "site-loss"})
_OF_HSMS: Final = frozenset({"crash", "hsm-tamper", "pause"})
#: Whoever would die of it is spared wherever it strikes.
_ANYWHERE: Final = frozenset({"poison"})


class Dark:
    """Follows faults and disturbances, and keeps the stretches in which callers notice nothing."""

    def __init__(self) -> None:
        self.stretches: list[tuple[int, int]] = []  #: (begin, end), both in world time
        self._running: dict[tuple[str, str], bool] = {}  #: (target, fault) -> it is dark there
        self._last_ns = 0

    def disturbed(self, event: Event) -> None:
        """Something has changed; what was steady until now is a stretch."""
        begin_ns, now_ns = self._last_ns + DARK_NS, event.time_ns
        if self._running and all(self._running.values()) and begin_ns < now_ns:
            self.stretches.append((begin_ns, now_ns))
        self._last_ns = now_ns
        if event.kind == "fault":
            word, _, fault = event.body.decode().partition("=")
            if word == "inject":
                self._running[event.subject, fault] = _is_dark(event.subject, fault)
            else:
                self._running.pop((event.subject, fault), None)

    def lasts(self, now_ns: int) -> bool:
        """Say whether it is such a time now."""
        steady = self._running and all(self._running.values())
        return bool(steady) and now_ns > self._last_ns + DARK_NS

    def covers(self, begin_ns: int, end_ns: int) -> bool:
        """Say whether a call that took so long lies in such a stretch."""
        return any(begin <= begin_ns and end_ns < end for begin, end in self.stretches)


def _is_dark(target: str, fault: str) -> bool:
    head, *rest = target.split("/")
    if fault in _ANYWHERE:
        return True
    if head == "safe" or "->" in target:
        return False
    if len(rest) == 1:
        return "-az" in rest[0] and fault in _OF_AZS
    return len(rest) > 1 and rest[-1].startswith("hsm-") and fault in _OF_HSMS
