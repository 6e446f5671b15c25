"""Which faults of the actors each rate of a model stands for; MAPPING is the table.

What does not belong here: when they happen (life.py), and what they do (sim/faults and
regions/faults).
"""

from dataclasses import dataclass
from typing import Final

from regions.faults import FAULTS
from scenarios.durability.laws import Erlang, Periodic
from scenarios.durability.model import Model, ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One name of a model's chain, and what it is among the actors."""

    name: str  #: as the chain has it
    keys: str  #: of the model file
    faults: tuple[str, ...]  #: names in FAULTS; () if the actors do it themselves
    place: str  #: what they aim at
    doc: str  #: one line for people


MAPPING: Final[tuple[Mapped, ...]] = (
    Mapped(
        name="copy-lost",
        keys="copy.lost",
        faults=("site-loss", "crash"),
        place="REGION/AZ/node, REGION/AZ/az",
        doc="the host of one AZ's replica dies with its disk; HSMs and recorder live on",
    ),
    Mapped(
        name="copy-repaired",
        keys="copy.noticed, copy.repaired",
        faults=(),
        place="REGION/AZ/node",
        doc="a new host with an empty disk boots; the log comes from the others",
    ),
    Mapped(
        name="latent-error",
        keys="latent.rate",
        faults=("disk-rot",),
        place="REGION/AZ/node",
        doc="a bit flips in each of the key's records on one disk; it can be read no more",
    ),
    Mapped(
        name="latent-found",
        keys="latent.found",
        faults=(),
        place="REGION/AZ/node",
        doc="the node compares its disk with its checksums, and mends it",
    ),
    Mapped(
        name="az-destroyed",
        keys="az.destroyed",
        faults=("site-loss",),
        place="REGION/AZ",
        doc="everything in one AZ is gone; new hardware after az.rebuilt, and then copy.repaired",
    ),
    Mapped(
        name="region-destroyed",
        keys="region.destroyed",
        faults=("site-loss",),
        place="every AZ of REGION",
        doc="everything in all AZs is gone at once",
    ),
    Mapped(
        name="az-dark",
        keys="domain.dark, domain.lasts",
        faults=("power-off",),
        place="REGION/AZ",
        doc="one AZ has no power: disks keep their bytes, HSMs forget their domain keys",
    ),
    Mapped(
        name="region-dark",
        keys="domain.region_dark, domain.lasts",
        faults=("power-off",),
        place="every AZ of REGION",
        doc="all AZs lose power at once, and return one by one; the operator opens the safe",
    ),
    Mapped(
        name="safe fails",
        keys="domain.safes, domain.opens",
        faults=("hsm-tamper",),
        place="safe/REGION",
        doc="with the last AZ dark, the offline HSM turns out to be dead",
    ),
    Mapped(
        name="shock",
        keys="fire, [[shock]]",
        faults=("site-loss", "crash"),
        place="drawn AZs of REGION, or their nodes",
        doc="one event destroys AZs, or hosts, each with the probability `kills`",
    ),
    Mapped(
        name="majority lost",
        keys="layout.needed = 1",
        faults=("force-group",),
        place="REGION",
        doc="people give the best log that is left the last word, so that the region serves again",
    ),
)

#: Which harmful names of a chain may be scaled: rates of failures, and of nothing else.
FAILURES: Final = (
    "copy-lost",
    "latent-error",
    "az-destroyed",
    "region-destroyed",
    "az-dark",
    "region-dark",
)

assert all(fault in FAULTS for one in MAPPING for fault in one.faults), "faults have their names"


def check(model: Model) -> None:
    """Make sure that the actors can play a model.

    Raises:
      ModelError: it has something that they do not; one line that names the key.
    """
    layout, copy, latent, domain = model.layout, model.copy, model.latent, model.domain
    lasts = domain.lasts if domain is not None else None
    ring = domain.ring if domain is not None else None
    wrong = {
        "layout.regions": layout.regions != 1 and "1: each region is simulated by itself",
        "layout.copies": layout.copies != 1 and "1: an AZ has one replica of the log",
        "layout.needed": layout.needed != 1 and "1: any copy of the log holds the key",
        "layout.azs": not _AZS_MIN <= layout.azs <= _AZS_MAX
        and f"{_AZS_MIN} to {_AZS_MAX}, as many as the region has ids for",
        "copy.repairers": copy.repairers and "0: every AZ makes its own copy",
        "latent.fails": latent is not None and not latent.fails and "true: disks may always fail",
        "latent.fatal": latent is not None and not latent.fatal and "true",
        "latent.memory": latent is not None
        and not latent.memory
        and "true: replicas serve from memory",
        "latent.found": latent is not None
        and latent.found not in (Periodic(2 * latent.found.mean), Erlang(latent.found.mean, 3))
        and "a law 'periodic', as replicas scrub, or 'erlang' with 3 stages, which is its fit",
        "domain.ring": lasts is not None
        and ring is not None
        and lasts.survival(ring) > _NEVER
        and "one that darkness does not outlast",
        "backup": model.backup is not None and "none",
        "write": model.write is not None and "none: lives begin with a key that is everywhere",
        "mistake": model.mistakes and "none: they are independent of everything else",
    }
    for key, expected in wrong.items():
        if expected:
            raise ModelError(f"{key}: the actors do not play it; expected {expected}")
    for shock in model.shocks:
        if shock.level not in ("copy", "az") or shock.scope != "region":
            raise ModelError(
                f"shock {shock.name!r}: the actors do not play it; expected level 'copy' or 'az'"
                " and scope 'region'"
            )


_AZS_MIN: Final = 3
_AZS_MAX: Final = 6
#: Darkness that outlasts the ring of domain keys less often than this never does.
_NEVER: Final = 1e-8
