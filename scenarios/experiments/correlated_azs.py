"""What correlated losses of AZs cost."""

from typing import ClassVar

from scenarios.durability.exact import nines
from scenarios.durability.model import Model, Shock
from scenarios.experiments.experiment import Experiment, Outcome, base, curve, logspace, loss

_RATES = (0.0, 1e-9, 1e-7, 1e-5, 1e-3, 1.5 / 350)


class CorrelatedAzs(Experiment):
    """Fires that take several AZs of a region, by how often they come and how many they take."""

    name: ClassVar[str] = "correlated-azs"
    question: ClassVar[str] = "what do correlated AZ losses cost?"

    def run(self) -> Outcome:
        """Return nines by the rate of fires."""

        def burning(rate: float, kills: float, azs: int = 3) -> Model:
            fire = Shock(name="fire", rate=rate, level="az", scope="region", kills=kills)
            return base(region=None, domain=None, shocks=(fire,) if rate else ()).with_layout(
                azs=azs
            )

        rows = tuple(
            (
                "none" if not rate else f"{rate:.1e}",
                *(f"{nines(loss(burning(rate, kills))):.2f}" for kills in (0.33, 0.67, 1.0)),
                f"{nines(loss(burning(rate, 0.67, 4))):.2f}",
            )
            for rate in _RATES
        )
        places = logspace(1e-11, 1e-2, 19)
        return Outcome(
            columns=("fires a year", "each AZ 0.33", "each AZ 0.67", "all AZs", "0.67, 4 AZs"),
            rows=rows,
            says=(
                (
                    "Fires cost nothing only if they come less often than once in a hundred billion"
                    " years; nobody can have counted that."
                ),
                (
                    "One in 350 region-years (the last row) leaves two to three nines, whatever the"
                    " disks do."
                ),
            ),
            curves=(
                curve("each AZ with 0.33", places, lambda rate: burning(rate, 0.33)),
                curve("each AZ with 0.67", places, lambda rate: burning(rate, 0.67)),
                curve("all AZs", places, lambda rate: burning(rate, 1.0)),
                curve("0.67, four AZs", places, lambda rate: burning(rate, 0.67, 4)),
            ),
            x="fires per region and year",
            kind="rate",
            assumes="design rates otherwise; domain keys and whole regions are left out",
        )
