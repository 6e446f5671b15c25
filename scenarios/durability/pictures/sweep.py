"""Nines against one knob, a line for each setting of the others."""

from collections.abc import Sequence
from typing import Any

from scenarios.durability.exact import nines
from scenarios.durability.pictures.paper import COLOURS, DASHES, MARKERS, duration_axis, eleven
from scenarios.durability.sweep import Axis, Point


def sweep(page: Any, model: Any, axes: Sequence[Axis], points: Sequence[Point]) -> None:
    """Draw a sweep on a page."""
    page.set_size_inches(8, 5)
    lines(page.subplots(), axes, points)
    page.suptitle(f"{model.name}: nines of one key, exact", fontsize=12)


def lines(axis: Any, axes: Sequence[Axis], points: Sequence[Point]) -> None:
    """Draw the lines of a sweep on an axis."""
    first, rest = axes[0], axes[1:]
    across = len(points) // len(first.values)
    for number in range(across):
        mine = points[number::across]
        name = ", ".join(
            f"{one.name} {one.spell(value)}"
            for one, value in zip(rest, mine[0].setting[1:], strict=True)
        )
        axis.plot(
            first.values,
            [nines(point.probability) for point in mine],
            color=COLOURS[number % len(COLOURS)],
            linestyle=DASHES[number % len(DASHES)],
            marker=MARKERS[number % len(MARKERS)],
            markersize=4,
            markevery=max(1, len(first.values) // 12),
            label=name or None,
        )
    kind = first.knob.kind
    if kind == "duration":
        duration_axis(axis, first.values[0], first.values[-1])
    elif kind == "rate" and first.values[0] > 0 and first.values[-1] > 10 * first.values[0]:
        axis.set_xscale("log")
    elif kind == "count":
        axis.set_xticks(first.values)
    unit = " (per year)" if kind == "rate" else ""
    axis.set(xlabel=f"{first.name}: {first.knob.doc}{unit}", ylabel="nines")
    low, high = axis.get_ylim()
    if low < 11 < high:
        eleven(axis)
    if rest:
        axis.legend(frameon=False, fontsize=9)
