"""The curves of an experiment."""

from typing import Any, Final

from scenarios.durability.pictures.paper import COLOURS, DASHES, MARKERS, duration_axis, eleven

#: How far points of one name stand beside each other.
_ASIDE: Final = 0.14


def experiment(page: Any, question: str, outcome: Any) -> None:
    """Draw an experiment's outcome on a page."""
    page.set_size_inches(8, 5)
    axis = page.subplots()
    named = outcome.kind == "name"  # then nothing lies between two points
    for number, curve in enumerate(outcome.curves):
        aside = _ASIDE * (number - (len(outcome.curves) - 1) / 2) if named else 0.0
        axis.plot(
            [at + aside for at in curve.x],
            curve.y,
            color=COLOURS[number],
            linestyle="" if named else DASHES[number],
            marker=MARKERS[number],
            markersize=8 if named else 5,
            markevery=max(1, len(curve.x) // 10),
            label=curve.name,
        )
    first = outcome.curves[0].x
    if outcome.kind == "duration":
        duration_axis(axis, first[0], first[-1])
    elif outcome.kind == "rate":
        axis.set_xscale("log")
    elif outcome.kind == "count":
        axis.set_xticks(first)
    elif outcome.kind == "name":
        axis.set_xticks(first, outcome.ticks)
        axis.margins(x=0.12)
    axis.set(xlabel=outcome.x, ylabel="nines of one key and year", ylim=(0, None))
    if axis.get_ylim()[1] > 11:
        eleven(axis)
    axis.legend(frameon=False, fontsize=9)
    page.suptitle(question[0].upper() + question[1:], fontsize=12)
    if outcome.assumes:
        page.supxlabel(outcome.assumes, fontsize=8, color="#555555")
