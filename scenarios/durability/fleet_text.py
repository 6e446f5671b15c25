"""A fleet's placements as a table and as JSON values.

What does not belong here: the figures (fleet.py).
"""

import io
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from scenarios.durability.fleet import Placement

#: Columns of a terminal.
_WIDTH: Final = 80


def to_text(found: Sequence[Placement], mission: float) -> str:
    """Return a table, one row for each placement, and what to make of it."""
    page = io.StringIO()
    console = Console(file=page, width=_WIDTH, force_terminal=False, color_system=None)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("placement", no_wrap=True)
    for name in ("copysets", "of a key", "of any", "keys then", "keys lost", "if 1 % of"):
        table.add_column(name, justify="right")
    table.add_row("", "", "", "", "lost", "expected", "nodes fail")
    for one in found:
        table.add_row(
            one.name,
            _count(one.copysets),
            f"{one.loss.either:.1e}",
            f"{one.any_loss:.1e}",
            _count(one.keys_per_event),
            f"{one.expected_keys:.1e}",
            f"{one.at_once:.1e}",
        )
    years = "one year" if mission == 1 else f"{mission:g} years"
    first = found[0]
    console.print(
        f"Chance of a loss in a fleet of {first.keys:,} keys on {first.nodes:,} nodes, within"
        f" {years}\n",
        highlight=False,
    )
    console.print(table)
    if all(one.name.startswith("every") for one in found):
        console.print("\nCopies on any node are left out: this model's AZs are more than nodes.")
    console.print(
        "\nFewer copysets lose keys more seldom and more of them at once; the expected number is"
        " the same.",
        highlight=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _count(number: float) -> str:
    """Return a number of things in at most seven characters."""
    return (
        f"{number:,.3g}"
        if number < 1_000
        else f"{number:,.0f}"
        if number < 1e6
        else f"{number:.1e}"
    )


def to_values(found: Sequence[Placement]) -> list[dict[str, Any]]:
    """Return the same for JSON, and the kinds of events."""
    return [
        {
            "placement": one.name,
            "keys": one.keys,
            "copysets": one.copysets,
            "key_loss": one.loss.either,
            "any_loss": one.any_loss,
            "keys_lost_per_event": one.keys_per_event,
            "keys_lost_expected": one.expected_keys,
            "any_loss_if_one_percent_of_nodes_fail": one.at_once,
            "events": [{"keys": event.keys, "chance": event.chance} for event in one.events],
        }
        for one in found
    ]
