"""One page about a model: intervals, causes, survival, and nines against repair time by AZs."""

from collections.abc import Sequence
from typing import Any

from scenarios.durability.pictures.causes import all_causes, causes
from scenarios.durability.pictures.intervals import intervals
from scenarios.durability.pictures.survival import survival
from scenarios.durability.pictures.sweep import lines
from scenarios.durability.study import Findings
from scenarios.durability.sweep import parse_axis, sweep


def overview(page: Any, found: Sequence[Findings]) -> None:
    """Draw the page."""
    page.set_size_inches(12, 9.5)
    grid = page.add_gridspec(2, 2)
    intervals(page.add_subplot(grid[0, 0]), found)
    _causes(page, grid[0, 1], found)
    survival(page.add_subplot(grid[1, 0]), found)
    repair_by_azs(page.add_subplot(grid[1, 1]), found[0])
    model = found[0].model
    page.suptitle(f"{model.name}: {model.summary}" if model.summary else model.name, fontsize=13)


def _causes(page: Any, place: Any, found: Sequence[Findings]) -> None:
    """Draw the causes of each set of rates, and below them one legend for all."""
    names = all_causes(found)
    inner = place.subgridspec(len(found) + 1, 1, height_ratios=[1.0] * len(found) + [0.22])
    handles: dict[str, Any] = {}
    for number, one in enumerate(found):
        axis = page.add_subplot(inner[number])
        causes(axis, one, names)
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
        if number + 1 < len(found):
            axis.set(xlabel="")
            axis.tick_params(labelbottom=False)
    below = page.add_subplot(inner[len(found)])
    below.set_axis_off()
    below.legend(handles.values(), handles.keys(), frameon=False, fontsize=9, ncols=3, loc="center")


def repair_by_azs(axis: Any, found: Findings) -> None:
    """Draw nines against repair time for two to five AZs, counting AZs and copies only."""
    rows = [row for row in found.rows if row.answer.chain.model.domain is None]
    model = (rows or list(found.rows))[-1].answer.chain.model
    axes = [parse_axis("repair=10m..30d,log,13"), parse_axis("azs=2..5")]
    lines(axis, axes, sweep(model, axes))
    axis.set(title=f"{found.rates} rates; domain keys, fires and regions left out")
