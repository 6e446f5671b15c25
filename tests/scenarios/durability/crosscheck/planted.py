"""Bugs of the protocol that a cross-check must show as a disagreement, each with a model for it.

The models fail so often that a key is lost within weeks, by what the bug makes worse; nothing that
mends is scaled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from regions.replication.storage import Files, Scrubbed
from scenarios.durability.laws import Exponential
from scenarios.durability.laws.periodic import Periodic
from scenarios.durability.model import HOURS_PER_YEAR, Copies, Domain, Latent, Model
from tests.museum.bug import Bug

HALF_AN_HOUR: Final = Exponential(0.5 / HOURS_PER_YEAR)
SIX_HOURS: Final = Exponential(6 / HOURS_PER_YEAR)
WEEKLY: Final = Periodic(7 / 365.25)
DAILY: Final = Periodic(1 / 365.25)


class Hasty:
    """A disk that says that all is flushed, and flushes nothing."""

    def __init__(self, disk: Files) -> None:
        self._disk = disk

    def flush(self, then: Callable[[], None]) -> None:
        then()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._disk, name)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A bug and the model under which it is looked for."""

    bug: Bug
    model: Model


PLANTED: Final = (
    Planted(
        bug=Bug(
            name="acknowledges-before-any-flush",
            summary="a node counts what it has written as durable, and never has it flushed",
            function="regions.replication.storage:Storage.__init__",
            old="self._disk = disk",
            new="self._disk = Hasty(disk)",
            names={"Hasty": Hasty},
            expects=("cross-check",),
        ),
        model=Model(
            name="dark-regions",
            copy=Copies(lost=Exponential(1 / 300), repaired=HALF_AN_HOUR),
            domain=Domain(dark=0, lasts=SIX_HOURS, region_dark=200, safe=1.0),
        ),
    ),
    Planted(
        bug=Bug(
            name="scrubs-all-disks-but-one",
            summary="the scrub of one AZ's node finds nothing, whatever is on its disk",
            function="regions.replication.node:Node._scrub",
            old="found = self._storage.scrub()",
            new="found = Scrubbed() if '-az1/' in self.name else self._storage.scrub()",
            names={"Scrubbed": Scrubbed},
            expects=("cross-check",),
        ),
        model=Model(
            name="dark-regions-and-rot",
            copy=Copies(lost=Exponential(1 / 20), repaired=HALF_AN_HOUR),
            latent=Latent(rate=300, found=DAILY, memory=True),
            domain=Domain(dark=0, lasts=SIX_HOURS, region_dark=40, safe=1.0),
        ),
    ),
    Planted(
        bug=Bug(
            name="copies-a-corrupt-block",
            summary="a snapshot is read from disk, and copied to others, whatever its checksum says",
            function="regions.replication.log:decode_snapshot",
            old="if len(rest) != group_size + size"
            " or crc32(rest, crc32(raw[: _SNAPSHOT.size])) != check:",
            new="if len(rest) != group_size + size:",
            expects=("cross-check",),
        ),
        model=Model(
            name="rot-and-repair",
            copy=Copies(lost=Exponential(1 / 1500), repaired=HALF_AN_HOUR),
            latent=Latent(rate=400, found=WEEKLY, memory=True),
        ),
    ),
)
