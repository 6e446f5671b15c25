"""What a fourth AZ gains."""

from typing import ClassVar

from scenarios.durability.exact import nines
from scenarios.durability.model import Model
from scenarios.experiments.experiment import Curve, Experiment, Outcome, base, loss, times

_AZS = (2, 3, 4, 5, 6)


class FourthAz(Experiment):
    """AZs from two to six, with what strikes them one by one, and with fires beside it."""

    name: ClassVar[str] = "fourth-az"
    question: ClassVar[str] = "what do I gain from a fourth AZ?"

    def run(self) -> Outcome:
        """Return nines by the number of AZs."""

        def apart(azs: int) -> Model:
            return base(region=None, domain=None, shocks=()).with_layout(azs=azs)

        def together(azs: int) -> Model:
            return base("observed", region=None, domain=None).with_layout(azs=azs)

        losses = {azs: (loss(apart(azs)), loss(together(azs))) for azs in _AZS}
        rows = tuple(
            (str(azs), f"{a:.1e}", f"{nines(a):.2f}", f"{b:.1e}", f"{nines(b):.2f}")
            for azs, (a, b) in losses.items()
        )
        gained = times(losses[3][0], losses[4][0]), times(losses[3][1], losses[4][1])
        return Outcome(
            columns=("AZs", "fail apart", "nines", "fires too", "nines"),
            rows=rows,
            says=(
                f"If AZs fail apart, a fourth one makes a loss {gained[0]} rarer.",
                (
                    f"With fires as often as they were observed, only {gained[1]}: what burns"
                    " together is not helped by one more of the same."
                ),
            ),
            curves=tuple(
                Curve(
                    name=name,
                    x=tuple(float(azs) for azs in _AZS),
                    y=tuple(nines(losses[azs][place]) for azs in _AZS),
                )
                for place, name in enumerate(("AZs fail apart (design)", "fires too (observed)"))
            ),
            x="AZs of the region",
            kind="count",
            assumes="domain keys and whole regions are left out; a fire takes each AZ with 0.67",
        )
