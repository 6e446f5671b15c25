"""Nines of each row with the interval from not knowing the rates."""

from collections.abc import Sequence
from typing import Any

from scenarios.durability.exact import nines
from scenarios.durability.pictures.paper import COLOURS, MARKERS, eleven
from scenarios.durability.study import Findings, names


def intervals(axis: Any, found: Sequence[Findings]) -> None:
    """Draw what each further cause costs, for each set of rates."""
    order = names(found)
    for number, one in enumerate(found):
        shift = (number - (len(found) - 1) / 2) * 0.26
        for row in one.rows:
            at = order.index(row.name) + shift
            low, high = nines(row.unsure.high), nines(row.unsure.low)
            colour = COLOURS[number]
            if not row.unsure.known:
                axis.plot([low, high], [at, at], color=colour, linewidth=3, alpha=0.45,
                          solid_capstyle="butt")  # fmt: skip
            axis.plot(
                [row.nines], [at], marker=MARKERS[number], color=colour, linestyle="",
                markerfacecolor="white" if row.aside else colour, markersize=6,
                label=f"{one.rates} rates" if row is one.rows[0] else None,
            )  # fmt: skip
            axis.annotate(
                f"{row.nines:.1f}", (max(row.nines, high), at), xytext=(6, 0),
                textcoords="offset points", va="center", fontsize=8, color=colour,
            )  # fmt: skip
    axis.set_yticks(range(len(order)), order)
    axis.set_ylim(len(order) - 0.5, -0.5)
    axis.set_xlim(0, 1.12 * max(row.nines for one in found for row in one.rows))
    axis.set(xlabel="nines of one key (bar: 95 %, from not knowing the rates; hollow: an aside)")
    eleven(axis, vertical=True)
    axis.legend(frameon=False, fontsize=9, loc="upper left")
