"""The last blow's share of the losses, one bar for each row."""

from collections.abc import Sequence
from typing import Any, Final

from scenarios.durability.pictures.paper import COLOURS, HATCHES
from scenarios.durability.study import Findings

#: Shares below this are not told apart.
_LEAST: Final = 0.005


def causes(axis: Any, found: Findings, names: Sequence[str]) -> None:
    """Draw which blow was the last one, by what is counted.

    Args:
      names: all causes, so that they have the same colours beside each other.
    """
    rows = list(found.rows)
    left = [0.0] * len(rows)
    for number, name in enumerate(names):
        shares = [100 * row.answer.exact.by_cause.get(name, 0.0) for row in rows]
        if max(shares) < 100 * _LEAST:
            continue
        axis.barh(
            range(len(rows)), shares, left=left, label=name, height=0.7,
            color=COLOURS[number % len(COLOURS)], hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        left = [done + share for done, share in zip(left, shares, strict=True)]
    axis.set_yticks(range(len(rows)), [row.name for row in rows])
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set(xlim=(0, 100), xlabel="% of losses, by the last blow", title=f"{found.rates} rates")
    axis.grid(visible=False, axis="y")


def all_causes(found: Sequence[Findings]) -> list[str]:
    """Return every cause that matters somewhere, in a fixed order."""
    return sorted(
        {
            name
            for one in found
            for row in one.rows
            for name, share in row.answer.exact.by_cause.items()
            if share >= _LEAST
        }
    )
