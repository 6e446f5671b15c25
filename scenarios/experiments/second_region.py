"""Whether a second region, for mrk- keys, beats more copies."""

from typing import ClassVar

from scenarios.durability.exact import nines
from scenarios.experiments.experiment import Curve, Experiment, Outcome, base, loss, times

#: Regions, AZs, copies in each AZ.
_LAYOUTS = ((1, 3, 1), (1, 3, 2), (1, 6, 1), (2, 3, 1))
_NAMES = ("1 region x 3 AZs", "x 2 copies", "x 6 AZs", "2 regions x 3 AZs")


class SecondRegion(Experiment):
    """The same six copies in three ways, with everything that can strike a region."""

    name: ClassVar[str] = "second-region"
    question: ClassVar[str] = "does a second region (mrk-) beat more copies?"

    def run(self) -> Outcome:
        """Return nines by layout and rates."""
        losses = {
            rates: [
                loss(base(rates, domain=None).with_layout(regions=r, azs=a, copies=c))
                for r, a, c in _LAYOUTS
            ]
            for rates in ("design", "observed")
        }
        rows = tuple(
            (
                name,
                *(
                    cell
                    for found in losses.values()
                    for cell in (f"{found[place]:.1e}", f"{nines(found[place]):.2f}")
                ),
            )
            for place, name in enumerate(_NAMES)
        )
        more = times(losses["design"][0], losses["design"][1])
        second = times(losses["design"][0], losses["design"][3])
        seen = times(losses["observed"][0], losses["observed"][3])
        return Outcome(
            columns=("layout", "design", "nines", "observed", "nines"),
            rows=rows,
            says=(
                f"Twice the copies in the same region: {more}, as regions are lost whole.",
                (
                    f"The same copies in a second region: {second} with design rates, {seen} with"
                    " observed ones."
                ),
                (
                    "Only keys that were made multi-Region can have it; and it is still not eleven"
                    " nines if two regions may be gone at once for a month."
                ),
            ),
            curves=tuple(
                Curve(
                    name=f"{rates} rates",
                    x=tuple(float(k) for k in range(len(_LAYOUTS))),
                    y=tuple(nines(one) for one in found),
                )
                for rates, found in losses.items()
            ),
            x="layout",
            kind="name",
            ticks=_NAMES,
            assumes="regions fail apart from each other; domain keys are left out",
        )
