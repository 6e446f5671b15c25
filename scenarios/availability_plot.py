"""Draws availability over time and times to recover, one row for each region.

What does not belong here: the figures (availability.py). matplotlib belongs to the extra ``lab``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scenarios.availability import BINS, RegionFigures, RegionRun

#: Of Okabe and Ito's palette, which stays apart for every kind of colour vision.
_LINE: Final = "#0072B2"
_BAR: Final = "#E69F00"
_FAULT: Final = "#999999"
_MINUTE_NS: Final = 60 * 10**9


class PlotError(RuntimeError):
    """The picture cannot be drawn; the text says what is missing."""


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
    minutes = [span_ns / BINS * (place + 0.5) / _MINUTE_NS for place in range(BINS)]
    for (left, right), one in zip(axes, found, strict=True):
        for begin_ns, end_ns in [(b, e) for b, e, line in faults if one.region in line]:
            left.axvspan(begin_ns / _MINUTE_NS, end_ns / _MINUTE_NS, color=_FAULT, alpha=0.18)
        known = [(at, b) for at, b in zip(minutes, one.bins, strict=True) if b is not None]
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
            xlabel="minutes",
            ylim=(-4, 104),
            xlim=(0, span_ns / _MINUTE_NS),
        )
        lengths = [run.rto_ns / 1e9 for run in runs[one.region]]
        right.hist(lengths, bins=20, range=(0, max(1.0, *lengths)), color=_BAR)
        right.set(title="longest outage", xlabel="seconds", ylabel="runs")
        right.yaxis.get_major_locator().set_params(integer=True)
    try:
        page.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise PlotError(f"file {str(path)!r} cannot be written: {error}") from error
