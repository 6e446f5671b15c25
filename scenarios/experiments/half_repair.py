"""What halving the repair time gains."""

from dataclasses import replace
from typing import ClassVar

from scenarios.durability.exact import nines
from scenarios.durability.model import HOURS_PER_YEAR, Model
from scenarios.experiments.experiment import (
    Experiment,
    Outcome,
    base,
    curve,
    logspace,
    loss,
    times,
)

_HOURS = (0.25, 0.5, 1.0, 3.0, 6.0, 12.0, 24.0)


class HalfRepair(Experiment):
    """The time to make a copy again, with AZs that are replaced in half a day or two weeks."""

    name: ClassVar[str] = "half-repair"
    question: ClassVar[str] = "what do I gain from halving the repair time?"

    def run(self) -> Outcome:
        """Return nines by the repair time."""

        def alone(years: float) -> Model:
            return _repaired(base(region=None, domain=None, shocks=(), az=None), years)

        def azs(years: float, rebuilt_days: float = 0.5) -> Model:
            model = base(region=None, domain=None, shocks=())
            assert model.az is not None, "the default region's AZs can be destroyed"
            assert model.az.rebuilt is not None, "and are replaced"
            law = model.az.rebuilt.scaled(rebuilt_days / 365.25 / model.az.rebuilt.mean)
            return _repaired(replace(model, az=replace(model.az, rebuilt=law)), years)

        rows = []
        for hours in _HOURS:
            years = hours / HOURS_PER_YEAR
            whole, half = (loss(alone(y)) for y in (years, years / 2))
            with_azs, half_azs = (loss(azs(y)) for y in (years, years / 2))
            rows.append(
                (
                    f"{hours:g} h", f"{nines(whole):.2f}", times(whole, half),
                    f"{nines(with_azs):.2f}", times(with_azs, half_azs),
                )
            )  # fmt: skip
        places = logspace(1 / 6 / HOURS_PER_YEAR, 48 / HOURS_PER_YEAR, 17)
        return Outcome(
            columns=("repair", "copies alone", "halved", "and AZs", "halved"),
            rows=tuple(rows),
            says=(
                "At repair times of hours, half the time makes a loss nearly four times rarer.",
                "Below an hour it gains little: latent errors and AZs take longer to mend.",
            ),
            curves=(
                curve("copies alone", places, alone),
                curve("AZs replaced in 12 h", places, azs),
                curve("AZs replaced in 14 d", places, lambda y: azs(y, 14)),
            ),
            x="mean time to make a copy again",
            assumes="design rates; domain keys, fires and regions are left out",
        )


def _repaired(model: Model, years: float) -> Model:
    law = model.copy.repaired.scaled(years / model.copy.repaired.mean)
    return replace(model, copy=replace(model.copy, repaired=law))
