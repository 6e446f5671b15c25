"""Draws availability over time and times to recover, one row for each region.

What does not belong here: the figures (availability.py). matplotlib belongs to the extra ``lab``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from scenarios.availability import BINS, RegionFigures, RegionRun
from sim.units import days, hours, minutes, seconds, years

#: Of Okabe and Ito's palette, which stays apart for every kind of colour vision.
_LINE: Final = "#0072B2"
_BAR: Final = "#E69F00"
_FAULT: Final = "#999999"
#: An axis counts in the largest unit of which the run has at least two.
_UNITS: Final = (
    ("years", years(1)),
    ("days", days(1)),
    ("hours", hours(1)),
    ("minutes", minutes(1)),
    ("seconds", seconds(1)),
)


class PlotError(RuntimeError):
    """The picture cannot be drawn; the text says what is missing."""


def time_unit(span_ns: int) -> tuple[str, int]:
    """Return the name and the nanoseconds of the unit in which an axis of that length counts."""
    return next((unit for unit in _UNITS if span_ns >= 2 * unit[1]), _UNITS[-1])


def draw(
    path: Path,
    title: str,
    found: Sequence[RegionFigures],
    runs: dict[str, list[RegionRun]],
    span_ns: int,
    faults: Sequence[tuple[int, int, str]],
) -> None:
    """Write a PNG, SVG or PDF, as the ending of the path says.

    Args:
      faults: begin and end of each fault, from the start of the workload, and its plan line.
    Raises:
      PlotError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise PlotError("--plot needs matplotlib: pip install 'elevennines[lab]'") from error
    page = Figure(figsize=(11, 2.6 * len(found) + 0.8), layout="constrained")
    page.suptitle(title)
    axes = page.subplots(len(found), 2, squeeze=False, width_ratios=(3, 1))
    unit, unit_ns = time_unit(span_ns)
    middles = [span_ns / BINS * (place + 0.5) / unit_ns for place in range(BINS)]
    for (left, right), one in zip(axes, found, strict=True):
        for begin_ns, end_ns in [(b, e) for b, e, line in faults if one.region in line]:
            left.axvspan(begin_ns / unit_ns, end_ns / unit_ns, color=_FAULT, alpha=0.18)
        known = [(at, b) for at, b in zip(middles, one.bins, strict=True) if b is not None]
        times = [at for at, _ in known]
        left.fill_between(
            times,
            [100 * b.low for _, b in known],
            [100 * b.high for _, b in known],
            color=_LINE,
            alpha=0.25,
            linewidth=0,
        )
        left.plot(times, [100 * b.value for _, b in known], color=_LINE)
        left.set(
            title=one.region,
            ylabel="% of attempts served",
            xlabel=unit,
            ylim=(-4, 104),
            xlim=(0, span_ns / unit_ns),
        )
        _outages(right, [run.rto_ns for run in runs[one.region]])
    try:
        page.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise PlotError(f"file {str(path)!r} cannot be written: {error}") from error


def _outages(axes: Any, lengths_ns: Sequence[int]) -> None:
    """Draw how many runs had a longest outage of which length."""
    axes.set(title="longest outage", ylabel="runs")
    axes.yaxis.get_major_locator().set_params(integer=True)
    most_ns = max(lengths_ns)
    if not most_ns:
        axes.set(xticks=[], yticks=[], ylabel="")
        said = f"none in {len(lengths_ns)} run{'' if len(lengths_ns) == 1 else 's'}"
        axes.text(0.5, 0.5, said, ha="center", va="center", transform=axes.transAxes)
        return
    unit, unit_ns = time_unit(most_ns)
    lengths = [length_ns / unit_ns for length_ns in lengths_ns]
    axes.hist(lengths, bins=20, range=(0, most_ns / unit_ns), color=_BAR, edgecolor="white")
    axes.set(xlabel=unit)
