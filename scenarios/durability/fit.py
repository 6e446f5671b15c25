"""Phase-type laws near others: as many moments right as a chain can have.

A deterministic wait becomes an Erlang of sixteen stages; a law that varies less than an
exponential one an Erlang with the nearest variation; one that varies more, two exponentials with
balanced means. The mean is always exact.
What does not belong here: deciding that a fit is good enough; the report says where one was used.
Source: Tijms, "A First Course in Stochastic Models" (2003), appendix B (two-moment fits).
"""

import math
from dataclasses import replace
from typing import Final

from scenarios.durability.laws import Erlang, Hyperexponential, Law
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

    def fit(law: Law | None) -> Law | None:
        return None if law is None else fitted(law, stages_max)

    copy = replace(
        model.copy,
        lost=fitted(model.copy.lost, stages_max),
        repaired=fitted(model.copy.repaired, stages_max),
        noticed=fit(model.copy.noticed),
    )
    changed = replace(model, copy=copy)
    if model.latent is not None:
        found = fitted(model.latent.found, stages_max)
        changed = replace(changed, latent=replace(model.latent, found=found))
    if model.az is not None:
        changed = replace(changed, az=replace(model.az, rebuilt=fit(model.az.rebuilt)))
    if model.region is not None:
        changed = replace(changed, region=replace(model.region, rebuilt=fit(model.region.rebuilt)))
    if model.write is not None:
        spread = fitted(model.write.spread, stages_max)
        changed = replace(changed, write=replace(model.write, spread=spread))
    return changed
