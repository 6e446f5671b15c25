"""Phase-type laws near others: as many moments right as a chain can have.

A deterministic wait becomes an Erlang of sixteen stages; a law that varies less than an
exponential one an Erlang with the nearest variation; one that varies more, two exponentials with
balanced means. The mean is always exact.
What does not belong here: deciding that a fit is good enough; the report says where one was used.
Source: Tijms, "A First Course in Stochastic Models" (2003), appendix B (two-moment fits).
"""

import math
from collections.abc import Callable, Container
from dataclasses import replace
from typing import Final

from scenarios.durability.laws import Erlang, Exponential, Hyperexponential, Law
from scenarios.durability.model import Model

#: More stages make a chain too large.
STAGES_MAX: Final = 16


def fitted(law: Law, stages_max: int = STAGES_MAX) -> Law:
    """Return the law itself if it has phases, else one that has, with the same mean."""
    if law.phases() is not None:
        return law
    if law.variation <= 1:
        stages = stages_max if law.variation == 0 else round(1 / law.variation)
        return Erlang(law.mean, max(1, min(stages_max, stages)))
    skew = math.sqrt((law.variation - 1) / (law.variation + 1))
    often, seldom = (1 + skew) / 2, (1 - skew) / 2
    return Hyperexponential((law.mean / (2 * often), law.mean / (2 * seldom)), (often, seldom))


def markov(model: Model, stages_max: int = STAGES_MAX) -> Model:
    """Return the model with every law that has no phases replaced by a fitted one."""
    return with_laws(model, lambda law: fitted(law, stages_max), but=("domain.lasts",))


def memoryless(model: Model) -> Model:
    """Return the model with every law replaced by an exponential one of the same mean."""
    return with_laws(model, lambda law: Exponential(law.mean), but=("domain.lasts",))


def with_laws(model: Model, change: Callable[[Law], Law], but: Container[str] = ()) -> Model:
    """Return the model with its laws changed, but those of some keys of a model file."""
    parts: dict[str, dict[str, Law]] = {}
    for key, law in model.laws().items():
        if key not in but:
            table, name = key.split(".")
            parts.setdefault(table, {})[name] = change(law)
    changed = {table: replace(getattr(model, table), **laws) for table, laws in parts.items()}
    return replace(model, **changed)
