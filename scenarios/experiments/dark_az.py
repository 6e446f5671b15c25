"""How long an AZ may be dark before the domain-key ring hurts."""

from dataclasses import replace
from typing import ClassVar

from scenarios.durability.exact import nines
from scenarios.durability.laws import Exponential
from scenarios.durability.model import Model
from scenarios.durability.reading import spell_years
from scenarios.experiments.experiment import (
    Experiment,
    Outcome,
    base,
    curve,
    logspace,
    loss,
    times,
)

_DAYS = (0.25, 1.0, 2.0, 4.0, 7.0, 14.0, 30.0)


class DarkAz(Experiment):
    """Darkness of several lengths, with old domain keys kept for a week, a month, for ever."""

    name: ClassVar[str] = "dark-az"
    question: ClassVar[str] = "how long may an AZ be dark before the domain-key ring hurts?"

    def run(self) -> Outcome:
        """Return nines by the length of darkness."""

        def dark(years: float, ring_days: float | None) -> Model:
            model = base(region=None, shocks=())
            assert model.domain is not None, "the default region has domain keys"
            ring = None if ring_days is None else ring_days / 365.25
            domain = replace(
                model.domain, lasts=Exponential(years), region_dark=0.0, ring=ring, safe=1.0
            )
            return replace(model, domain=domain)

        rows = []
        for days in _DAYS:
            years = days / 365.25
            week, month, ever = (loss(dark(years, ring)) for ring in (7.0, 30.0, None))
            rows.append(
                (
                    spell_years(years),
                    f"{nines(week):.2f}",
                    f"{nines(month):.2f}",
                    f"{nines(ever):.2f}",
                    times(week, ever),
                )
            )
        places = logspace(0.1 / 365.25, 60 / 365.25, 15)
        return Outcome(
            columns=("dark for", "ring 7 d", "ring 30 d", "kept for ever", "ring 7 d costs"),
            rows=tuple(rows),
            says=(
                "Darkness of a day on average costs nothing: hardly any outlasts seven days.",
                f"At two days the ring makes a loss {rows[2][4]} likelier, at a week {rows[4][4]}.",
                "What outlasts the ring is as good as destroyed: its copies are made again.",
            ),
            curves=(
                curve("ring of 7 days", places, lambda y: dark(y, 7.0)),
                curve("ring of 30 days", places, lambda y: dark(y, 30.0)),
                curve("kept for ever", places, lambda y: dark(y, None)),
            ),
            x="mean time that an AZ is dark (exponential, once in 100 years)",
            assumes="design rates; the safe always opens; fires and regions are left out",
        )
