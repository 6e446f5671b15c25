"""What can happen to the copies of a key, as values; pure, and read by everything else here.

A key has ``copies`` in each of ``azs`` AZs of each of ``regions`` regions; it is lost as soon as
fewer than ``needed`` of them can be read (1 for copies, k for a code of k among n). Everything
that goes wrong has a rate per year, and everything that mends it a law.

A year has 365.25 days throughout, also the ``y`` of a duration. Probabilities are per key.
What does not belong here: the file (reading.py, files.py), named sets of rates (rates/), and what
a chain makes of a model (states.py, causes/, chain.py).
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from scenarios.durability.laws import LAWS, Exponential, Law
from scenarios.durability.laws.law import Phases

__all__ = [
    "HOURS_PER_YEAR",
    "LAWS",
    "Backup",
    "Copies",
    "Domain",
    "Latent",
    "Law",
    "Layout",
    "Mistake",
    "Model",
    "ModelError",
    "Phases",
    "Shock",
    "Site",
    "Write",
    "k_of_n",
]

#: Of 365.25 days.
HOURS_PER_YEAR: Final = 8766.0
#: Defaults, as in the answer key of the tests: a disk in 25 years, and copied again in 6 h.
_TWENTY_FIVE_YEARS: Final = Exponential(25.0)
_SIX_HOURS: Final = Exponential(6 / HOURS_PER_YEAR)

Level = Literal["copy", "az", "region", "key"]
Scope = Literal["az", "region", "all"]
#: A shock's scope holds several things of its level.
_WIDTH: Final = {"copy": 0, "az": 1, "region": 2, "all": 3}


class ModelError(ValueError):
    """A model that cannot be; one line that names what is wrong and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the copies of one key are."""

    regions: int = 1  #: 1 for keys of a single region; more for mrk- keys
    azs: int = 3  #: in each region
    copies: int = 1  #: in each AZ, on disks or nodes that fail apart
    needed: int = 1  #: as many of all copies are enough to read the key

    @property
    def total(self) -> int:
        """How many copies there are when all is well."""
        return self.regions * self.azs * self.copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The disk or node that holds one copy."""

    lost: Law = _TWENTY_FIVE_YEARS  #: until it fails, from new
    repaired: Law = _SIX_HOURS  #: from when it is noticed until copied again
    noticed: Law | None = None  #: from the failure; None: at once
    repairers: int = 0  #: copies of one region that are made at a time; 0: any number


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """Copies that went bad and nobody knows."""

    rate: float  #: per copy and year
    found: Law  #: by scrubbing; then the copy is missing, and repaired as any other
    fails: bool = True  #: its disk may fail meanwhile, as any other; then the copy is missing
    #: It may strike the last copy that can be read; False where errors of different places lose
    #: nothing together.
    fatal: bool = True
    #: The process that runs has the copy in its memory too: the error matters once its AZ is dark,
    #: and scrubbing mends it at once. Read from disk again, it is whole as soon as any copy in an
    #: AZ with power can be read.
    memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An AZ, or a region, that burns down with all that it holds."""

    rate: float  #: per AZ or region, and year
    rebuilt: Law | None = None  #: until it holds machines again, still empty; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """One event that strikes several things at once: a burst, a fire, a bug, a wrong command.

    Within one ``scope`` each thing of the ``level`` is destroyed with probability ``kills``,
    independently of the others; the level ``key`` is the key itself, wherever it is.
    """

    name: str
    rate: float  #: per scope and year
    level: Level = "copy"
    scope: Scope = "region"
    kills: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The region's domain keys: without them no copy of a key can be opened.

    They are in the memory of HSMs; an AZ that is dark has lost its HSMs' memory, and its HSMs
    join again from any other AZ's. With all AZs of a region dark at once they come from a safe.
    """

    dark: float = 0.0  #: an AZ loses power or its HSMs restart together; per AZ and year
    lasts: Law = _SIX_HOURS  #: until it is back
    region_dark: float = 0.0  #: all AZs of a region at once; per region and year
    safe: float = 0.0  #: probability that the safe brings the domain keys back; 0: no safe
    #: Years for which old domain keys are kept: the copies of an AZ that was dark for longer are
    #: unreadable and have to be copied again. None: for ever.
    ring: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A person schedules the deletion of a key that is needed; until the window's end it is undone.

    Whoever needs the key notices after an exponential wait of that mean.
    """

    name: str
    rate: float  #: per key and year
    window: float  #: years between the order and the deletion
    noticed: float  #: mean years until somebody notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy elsewhere: the service's, or of imported material the owner's own."""

    restores: float  #: probability that it is there and can be read, each time
    #: Causes whose losses it makes good; () is all of them.
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A key's first seconds: acknowledged with some copies, while the others are on their way."""

    azs: int  #: AZs that hold it when the write is acknowledged
    spread: Law  #: until another copy arrives, each on its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything that a key's durability depends on.

    Raises:
      ModelError: it contradicts itself.
    """

    name: str = "model"
    summary: str = ""
    mission: float = 1.0  #: years over which a loss is counted
    layout: Layout = field(default_factory=Layout)
    copy: Copies = field(default_factory=Copies)
    latent: Latent | None = None
    az: Site | None = None
    region: Site | None = None
    shocks: tuple[Shock, ...] = ()
    domain: Domain | None = None
    mistakes: tuple[Mistake, ...] = ()
    backup: Backup | None = None
    write: Write | None = None  #: None: a key that has been there for long

    def __post_init__(self) -> None:
        layout = self.layout
        for name, least in (("regions", 1), ("azs", 1), ("copies", 1), ("needed", 1)):
            value = getattr(layout, name)
            if value < least:
                raise ModelError(f"layout.{name} {value}: expected {least} or more")
        if layout.needed > layout.total:
            raise ModelError(
                f"layout.needed {layout.needed}: expected at most the {layout.total} copies there"
                " are"
            )
        if not 0 < self.mission < float("inf"):
            raise ModelError(f"mission {self.mission}: expected a time above 0")
        if self.write is not None and not 1 <= self.write.azs <= layout.azs:
            raise ModelError(f"write.azs {self.write.azs}: expected 1 to {layout.azs}")
        if self.write is not None and self.write.azs * layout.copies < layout.needed:
            raise ModelError(f"write.azs {self.write.azs}: expected enough copies to read the key")
        self._check_shocks()

    def _check_shocks(self) -> None:
        names = [shock.name for shock in self.shocks] + [one.name for one in self.mistakes]
        for name in names:
            if names.count(name) > 1:
                raise ModelError(f"shock {name!r}: expected a name of its own")
        for shock in self.shocks:
            if shock.level != "key" and _WIDTH[shock.level] >= _WIDTH[shock.scope]:
                raise ModelError(
                    f"shock {shock.name!r} of level {shock.level!r}: expected a wider scope than"
                    f" {shock.scope!r}"
                )

    def with_layout(self, **changes: int) -> "Model":
        """Return the model with another layout."""
        return replace(self, layout=replace(self.layout, **changes))

    def laws(self) -> dict[str, Law]:
        """Return every law by its key in a model file."""
        found: dict[str, Law | None] = {
            "copy.lost": self.copy.lost,
            "copy.repaired": self.copy.repaired,
            "copy.noticed": self.copy.noticed,
            "latent.found": self.latent.found if self.latent else None,
            "az.rebuilt": self.az.rebuilt if self.az else None,
            "region.rebuilt": self.region.rebuilt if self.region else None,
            "domain.lasts": self.domain.lasts if self.domain else None,
            "write.spread": self.write.spread if self.write else None,
        }
        return {name: law for name, law in found.items() if law is not None}

    @property
    def not_markov(self) -> tuple[str, ...]:
        """The keys whose laws have no finite number of phases: no chain has them exactly."""
        return tuple(key for key, law in self.laws().items() if law.phases() is None)


def k_of_n(
    total: int, needed: int, *, lost: Law, repaired: Law, repairers: int = 0, mission: float = 1.0
) -> Model:
    """Return the model of one group of disks, as the literature on RAID and codes has it.

    Args:
      needed: as many of the ``total`` are enough: 1 for mirrors, total - 1 for RAID-5.
    """
    return Model(
        name=f"{needed}-of-{total}",
        mission=mission,
        layout=Layout(regions=1, azs=1, copies=total, needed=needed),
        copy=Copies(lost=lost, repaired=repaired, repairers=repairers),
    )
