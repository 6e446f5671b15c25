"""Draws a fleet's placements: how many keys an event loses, and how likely it is.

What does not belong here: the figures (fleet.py), and writing the file. matplotlib belongs to the
extra ``lab``.
"""

from collections.abc import Sequence
from typing import Any, Final

from scenarios.durability.fleet import Placement

#: Of Okabe and Ito's palette; each placement has a marker of its own as well.
_COLOURS: Final = ("#D55E00", "#E69F00", "#0072B2", "#009E73")
_MARKERS: Final = ("o", "s", "^", "D")


def fleet(page: Any, found: Sequence[Placement]) -> None:
    """Draw one mark for each kind of event; its area is how many keys it costs on average."""
    page.set_size_inches(8, 5)
    axis = page.subplots()
    most = max(event.keys * event.chance for one in found for event in one.events)
    for number, one in enumerate(found):
        events = one.events
        axis.scatter(
            [event.keys for event in events],
            [event.chance for event in events],
            s=[20 + 180 * event.keys * event.chance / most for event in events],
            color=_COLOURS[number % len(_COLOURS)],
            marker=_MARKERS[number % len(_MARKERS)],
            alpha=0.8,
            label=f"{one.name}: {one.copysets:,} copysets, any loss {one.any_loss:.1e}",
        )
    axis.set(
        xscale="log",
        yscale="log",
        xlabel="keys lost at once",
        ylabel="chance within the mission",
        title=f"{found[0].keys:,} keys: what an event loses (area: keys lost on average)",
    )
    axis.legend(fontsize="small")
