"""Makes arrays of models and of their exact chains, and says what has no arrays.

What does not belong here: what a model means (scenarios/durability/model.py).
"""

from typing import Final, NamedTuple

from scenarios.durability import laws as model_laws
from scenarios.durability.causes import MENDS
from scenarios.durability.chain import BEYOND
from scenarios.durability.chain import LOST as MODEL_LOST
from scenarios.durability.chain import Chain as ModelChain
from scenarios.durability.estimate import laws
from scenarios.durability.estimate.chain import LOSS, REPAIR, Chain, Move, chain
from scenarios.durability.estimate.clock import AT_ONCE, SAFE, ClockError, Clocks, Fate
from scenarios.durability.estimate.tally import CAUSES as BYTES
from scenarios.durability.model import Model, Site


class NamedChain(NamedTuple):
    """A chain, and the names of its causes by their number."""

    chain: Chain
    causes: tuple[str, ...]


def arrays_of(found: ModelChain) -> NamedChain:
    """Return the arrays of a model's lumped chain.

    Raises:
      ClockError: it begins elsewhere than where all is good, or is truncated: then excursions
        from that state do not tell all.
    """
    if found.model.write is not None:
        raise ClockError("key 'write': an estimate expected a key that is there for long")
    if BEYOND in found.targets:
        raise ClockError("a limit on how much is wrong at once: an estimate expected none")
    names = [name for name in found.causes if name not in MENDS]
    # A signature has a byte for each cause, and the last one is shared.
    numbers = {name: min(place, BYTES - 1) for place, name in enumerate(names)}
    moves = [
        Move(
            source,
            LOSS if target == MODEL_LOST else target,
            rate,
            numbers.get(found.causes[name], REPAIR),
        )
        for source, target, name, rate in zip(
            found.sources, found.targets, found.names, found.rates, strict=True
        )
    ]
    shown = names if len(names) <= BYTES else [*names[: BYTES - 1], "others"]
    return NamedChain(chain(moves), tuple(shown))


#: Names of the four causes of clocks, as the exact chain has them.
CLOCK_CAUSES: Final = ("copy-lost", "latent-error", "az-destroyed", "region-destroyed")


def clocks_of(model: Model) -> Clocks:
    """Return the system of clocks of a model whose laws need not be exponential.

    Raises:
      ClockError: it has something that only the chain has.
    """
    only_chain = {
        "shock": model.shocks,
        "domain": model.domain,
        "mistake": model.mistakes,
        "backup": model.backup,
        "write": model.write,
        "copy.repairers": model.copy.repairers,
        "latent.memory": model.latent is not None and model.latent.memory,
        "latent.fatal": model.latent is not None and not model.latent.fatal,
    }
    for key, value in only_chain.items():
        if value:
            raise ClockError(
                f"key {key!r}: expected the default beside laws without phases"
                f" ({', '.join(model.not_markov)}); an estimate does not model it"
            )
    latent, layout = model.latent, model.layout
    return Clocks(
        flawed_can_fail=latent is None or latent.fails,
        regions=((layout.copies,) * layout.azs,) * layout.regions,
        need=layout.needed,
        disk=Fate(life_of("copy.lost", model.copy.lost), law_of(model.copy.repaired)),
        noticed=AT_ONCE if model.copy.noticed is None else law_of(model.copy.noticed),
        latent=Fate(laws.exponential(1 / latent.rate), law_of(latent.found))
        if latent and latent.rate
        else SAFE,
        az=_site(model.az),
        region=_site(model.region),
    )


def _site(site: Site | None) -> Fate:
    if site is None or not site.rate:
        return SAFE
    mend = laws.never() if site.rebuilt is None else law_of(site.rebuilt)
    return Fate(laws.exponential(1 / site.rate), mend)


def law_of(law: model_laws.Law) -> laws.Law:
    """Return a law of repairs as kernels have it."""
    match law:
        case model_laws.Exponential():
            return laws.exponential(law.mean)
        case model_laws.Deterministic():
            return laws.deterministic(law.mean)
        case model_laws.Erlang():
            return laws.erlang(law.stages, law.mean)
        case model_laws.Weibull():
            return laws.weibull(law.shape, law.scale, law.after)
        case model_laws.Empirical():
            return laws.empirical(law.waits)
    return laws.tabulated(law.survival, law.quantile, law.mean, law.variation**0.5)


def life_of(key: str, law: model_laws.Law) -> laws.Law:
    """Return a law of lifetimes, which has a hazard at every age.

    Raises:
      ClockError: it has none, as it jumps.
    """
    if isinstance(law, model_laws.Deterministic | model_laws.Empirical):
        raise ClockError(
            f"key {key!r}: law {law.name!r} has no hazard; expected one that fails at any age"
        )
    if isinstance(law, model_laws.Exponential | model_laws.Weibull):
        return law_of(law)
    return laws.tabulated(law.survival, law.quantile, law.mean, law.variation**0.5)
