"""How the probability of a loss grows over the mission."""

from collections.abc import Sequence
from typing import Any

from scenarios.durability.pictures.paper import COLOURS, DASHES, GREY
from scenarios.durability.study import SCOPES, Findings


def survival(axis: Any, found: Sequence[Findings]) -> None:
    """Draw the loss by each time of the mission, of the rows without asides."""
    for number, one in enumerate(found):
        rows = [row for row in one.rows if not row.aside]
        for row in rows:
            times = [(when, lost) for when, lost in row.answer.exact.curve if lost > 0]
            if not times:
                continue
            axis.plot(
                [when for when, _ in times], [lost for _, lost in times],
                color=COLOURS[number], linestyle=DASHES[SCOPES.index(row.name) % len(DASHES)],
                linewidth=1 + 0.6 * (row is rows[-1]),
                label=f"{row.name} ({one.rates})" if len(found) > 1 else row.name,
            )  # fmt: skip
    axis.set_yscale("log")
    span = found[0].model.mission
    axis.axhline(1e-11, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axis.set(xlabel="years", ylabel="lost by then", xlim=(0, span))
    axis.legend(
        frameon=False, fontsize=8, ncols=len(found), loc="upper center", bbox_to_anchor=(0.5, -0.14)
    )
