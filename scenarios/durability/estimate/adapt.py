"""Makes arrays of models and of their exact chains, and says what has no arrays.

What does not belong here: what a model means (scenarios/durability/model.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from scenarios.durability.causes import MENDS
from scenarios.durability.causes.az_dark import NEVER_LONG
from scenarios.durability.chain import BEYOND
from scenarios.durability.chain import LOST as MODEL_LOST
from scenarios.durability.chain import Chain as ModelChain
from scenarios.durability.estimate import laws
from scenarios.durability.estimate.chain import LOSS, REPAIR, Chain, Move, chain
from scenarios.durability.estimate.clock import (
    AT_ONCE,
    AZS,
    COPIES,
    REGIONS,
    SAFE,
    ClockError,
    Clocks,
    Darkness,
    Fate,
    Strike,
)
from scenarios.durability.estimate.model_laws import beyond, law_of, life_of, within
from scenarios.durability.estimate.tally import CAUSES as BYTES
from scenarios.durability.model import Domain, Model, Site


class NamedChain(NamedTuple):
    """A chain, and the names of its causes by their number."""

    chain: Chain
    causes: tuple[str, ...]


def arrays_of(found: ModelChain, *, beyond_is_loss: bool = False) -> NamedChain:
    """Return the arrays of a model's lumped chain.

    Args:
      beyond_is_loss: what lies beyond its limit is taken for lost, as for a table.
    Raises:
      ClockError: it begins elsewhere than where all is good, or is truncated: then excursions
        from that state do not tell all.
    """
    if found.model.write is not None:
        raise ClockError("key 'write': an estimate expected a key that is there for long")
    if BEYOND in found.targets and not beyond_is_loss:
        raise ClockError("a limit on how much is wrong at once: an estimate expected none")
    names = [name for name in found.causes if name not in MENDS]
    # A signature has a byte for each cause, and the last one is shared.
    numbers = {name: min(place, BYTES - 1) for place, name in enumerate(names)}
    moves = [
        Move(
            source,
            LOSS if target in (MODEL_LOST, BEYOND) else target,
            rate,
            numbers.get(found.causes[name], REPAIR),
        )
        for source, target, name, rate in zip(
            found.sources, found.targets, found.names, found.rates, strict=True
        )
    ]
    return NamedChain(chain(moves), signed(names))


def signed(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of causes as signatures tell them apart: the last ones are one."""
    return tuple(names) if len(names) <= BYTES else (*names[: BYTES - 1], "others")


#: Names of the kinds of clocks, as the exact chain has them; shocks follow.
CLOCK_CAUSES: Final = (
    "copy-lost",
    "latent-error",
    "az-destroyed",
    "region-destroyed",
    "az-dark",
    "region-dark",
)
_LEVELS: Final = {"copy": COPIES, "az": AZS, "region": REGIONS}
_SCOPES: Final = {"az": AZS, "region": REGIONS, "all": None}


def clocks_of(model: Model) -> Clocks:
    """Return the system of clocks of a model whose laws need not be exponential.

    Raises:
      ClockError: it has something that is no clock of copies, AZs and regions: a new key, or what
        strikes the key itself (for that see apart.py).
    """
    no_clocks = {
        "write": model.write,
        "mistake": model.mistakes,
        "shock": [shock for shock in model.shocks if shock.level == "key"],
    }
    for key, value in no_clocks.items():
        if value:
            raise ClockError(f"key {key!r}: expected none beside {_what(model)}")
    latent, layout = model.latent, model.layout
    kinds = (*CLOCK_CAUSES, *(shock.name for shock in model.shocks))
    backup = model.backup
    covered = kinds if backup is None or not backup.covers else backup.covers
    return Clocks(
        regions=((layout.copies,) * layout.azs,) * layout.regions,
        need=layout.needed,
        disk=Fate(life_of("copy.lost", model.copy.lost), law_of(model.copy.repaired)),
        noticed=AT_ONCE if model.copy.noticed is None else law_of(model.copy.noticed),
        latent=Fate(_rate(latent.rate), law_of(latent.found)) if latent else SAFE,
        az=_site(model.az),
        region=_site(model.region),
        darkness=None if model.domain is None else _darkness(model.domain),
        shocks=tuple(
            Strike(
                name=shock.name,
                life=_rate(shock.rate),
                level=_LEVELS[shock.level],
                scope=_SCOPES[shock.scope],
                kills=shock.kills,
            )
            for shock in model.shocks
        ),
        restores=()
        if backup is None
        else tuple(backup.restores if kind in covered else 0.0 for kind in kinds),
        repairers=model.copy.repairers,
        memory=latent is not None and latent.memory,
        fatal=latent is None or latent.fatal,
        flawed_can_fail=latent is not None and latent.fails,
    )


def _what(model: Model) -> str:
    laws = ", ".join(model.not_markov)
    return f"laws without phases ({laws})" if laws else "clocks"


def _rate(per_year: float) -> laws.Law:
    return laws.exponential(1 / per_year) if per_year else laws.never()


def _darkness(domain: Domain) -> Darkness:
    lasts = domain.lasts
    short = Darkness(
        az=_rate(domain.dark),
        region=_rate(domain.region_dark),
        short=law_of(lasts),
        safe=domain.safe,
    )
    share = 0.0 if domain.ring is None else lasts.survival(domain.ring)
    if domain.ring is None or share < NEVER_LONG:
        return short
    return replace(
        short,
        short=AT_ONCE if share == 1 else within(lasts, domain.ring),
        long_share=share,
        ring=domain.ring,
        rest=beyond(lasts, domain.ring),
    )


def _site(site: Site | None) -> Fate:
    if site is None or not site.rate:
        return SAFE
    mend = laws.never() if site.rebuilt is None else law_of(site.rebuilt)
    return Fate(_rate(site.rate), mend)
