"""Laws of models as kernels have them: whole ones, and parts of them.

What does not belong here: which clock has which law (adapt.py).
"""

from collections.abc import Callable

from scenarios.durability import laws as model_laws
from scenarios.durability.estimate import laws
from scenarios.durability.estimate.clock import ClockError
from scenarios.durability.laws.solve import inverse


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


def within(law: model_laws.Law, limit: float) -> laws.Law:
    """Return the law of waits that are not longer than a limit; some are."""
    if isinstance(law, model_laws.Empirical):
        return laws.empirical([wait for wait in law.waits if wait <= limit])
    longer = law.survival(limit)

    def survival(wait: float) -> float:
        return max(law.survival(wait) - longer, 0.0) / (1 - longer)

    return _tabulated(law, survival)


def beyond(law: model_laws.Law, limit: float) -> laws.Law:
    """Return the law of what is left, at a limit, of the waits that are longer."""
    if isinstance(law, model_laws.Exponential):
        return law_of(law)
    if isinstance(law, model_laws.Deterministic):
        return laws.deterministic(law.mean - limit)
    if isinstance(law, model_laws.Empirical):
        return laws.empirical([wait - limit for wait in law.waits if wait > limit])
    longer = law.survival(limit)
    return _tabulated(law, lambda wait: law.survival(limit + wait) / longer)


def _tabulated(law: model_laws.Law, survival: Callable[[float], float]) -> laws.Law:
    """Return a law that is made of another; how its length varies is taken from that."""
    return laws.tabulated(
        survival,
        lambda share: inverse(survival, 1 - share, law.mean),
        law.mean,
        law.variation**0.5,
    )
