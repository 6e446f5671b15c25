"""What a campaign aims at next: pairs of fault and place that its runs have met least.

What does not belong here: running (swarm.py). Pure: counts in, a focus out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from scenarios.portfolio import PORTFOLIO, Entry

#: One seed in so many aims; the rest draw freely, so that nothing is missed by aiming.
AIM_EVERY: Final = 3

#: The roles that faults at a kind of place meet; see coverage.py.
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "az": ("az of the leader", "other az"),
    "node": ("leader", "follower"),
    "host": ("host",),
    "recorder": ("recorder",),
    "hsm": ("hsm",),
    "leader": ("leader",),
    "link": ("link",),
    "way": ("link",),
    "border": ("link",),
    "region": ("region",),
    "single": ("regional",),
    "safe": ("safe",),
    "roomy region": ("region",),
    "az of a roomy region": ("az of the leader", "other az"),
}

Met = tuple[str, str, str]


class Steering:
    """Counts what was met and says what to aim at."""

    def __init__(self, portfolio: Mapping[str, Entry] = PORTFOLIO) -> None:
        self._aims = [
            (fault, place)
            for fault, entry in portfolio.items()
            if entry.weight
            for place in entry.places
        ]
        self.counts: Counter[tuple[str, str]] = Counter()
        self._aimed: Counter[tuple[str, str]] = Counter()

    def learn(self, met: Iterable[Met]) -> None:
        """Count what one run met."""
        for fault, role, _phase in met:
            self.counts[fault, role] += 1

    def focus(self, number: int) -> str:
        """Return what the campaign's run of that number aims at; "" for free ones."""
        if number % AIM_EVERY or not self._aims:
            return ""
        aim = min(self._aims, key=self._novelty)
        self._aimed[aim] += 1
        return f"{aim[0]}@{aim[1]}"

    def _novelty(self, aim: tuple[str, str]) -> int:
        fault, place = aim
        seen = min(self.counts[fault, role] for role in _ROLES[place])
        return seen + self._aimed[aim]

    def table(self) -> dict[str, dict[str, int]]:
        """Return fault -> role -> how many runs met it, faults in the order of the portfolio."""
        found: dict[str, dict[str, int]] = {}
        for fault, place in self._aims:
            row = found.setdefault(fault, {})
            for role in _ROLES[place]:
                row[role] = self.counts[fault, role]
        return found
