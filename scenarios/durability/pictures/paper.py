"""What all pictures have in common: colours, markers, axes in nines, and writing the file.

What does not belong here: any particular picture. matplotlib belongs to the extra ``lab``.
Source of the colours: Okabe, Ito, "Color Universal Design" (2008); each line has a marker and a
dash of its own as well, so that it can be told in grey.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from scenarios.durability.model import HOURS_PER_YEAR

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
DASHES: Final[tuple[Any, ...]] = (
    "-",
    "--",
    "-.",
    ":",
    (0, (8, 2, 1, 2, 1, 2)),
    (0, (10, 3)),
    (0, (1, 3)),
)
HATCHES: Final = ("", "//", "..", "xx", "\\\\", "++", "oo")
GREY: Final = "#666666"

#: Ticks of an axis of durations: years and what to write.
_TICKS: Final = (
    (1 / 3600, "1 s"), (1 / 60, "1 min"), (1 / 6, "10 min"), (1.0, "1 h"), (6.0, "6 h"),
    (24.0, "1 d"), (7 * 24.0, "7 d"), (30 * 24.0, "30 d"), (180 * 24.0, "180 d"),
    (HOURS_PER_YEAR, "1 y"), (10 * HOURS_PER_YEAR, "10 y"),
)  # fmt: skip


class PlotError(RuntimeError):
    """The picture cannot be drawn; the text says what is missing."""


def draw(path: Path, picture: Callable[..., None], *what: Any) -> None:
    """Write a picture as PNG, SVG or PDF, as the ending of the path says.

    Raises:
      PlotError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415 - the same
    except ImportError as error:
        raise PlotError("--plot needs matplotlib: pip install 'elevennines[lab]'") from error
    # The same picture has the same bytes: no date, and names that do not change in SVG.
    with mpl.rc_context(
        {
            "svg.hashsalt": "nines",
            "font.size": 10,
            "axes.grid": True,
            "grid.color": "#dddddd",
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        page = Figure(layout="constrained")
        picture(page, *what)
        metadata = {} if path.suffix.lower() == ".png" else {"CreationDate": None}
        if path.suffix.lower() == ".svg":
            metadata = {"Date": None}
        try:
            page.savefig(path, dpi=130, metadata=metadata)
        except (OSError, ValueError) as error:
            raise PlotError(f"file {str(path)!r} cannot be written: {error}") from error


def duration_axis(axis: Any, low: float, high: float) -> None:
    """Give an x axis of years, on a logarithmic scale, ticks that people read."""
    axis.set_xscale("log")
    shown = [
        (hours / HOURS_PER_YEAR, name)
        for hours, name in _TICKS
        if low * 0.8 <= hours / HOURS_PER_YEAR <= high * 1.25
    ]
    axis.set_xticks([at for at, _ in shown], [name for _, name in shown])
    axis.minorticks_off()


def eleven(axis: Any, *, vertical: bool = False) -> None:
    """Draw the line of eleven nines, with its name."""
    line = axis.axvline if vertical else axis.axhline
    line(11, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    if vertical:
        axis.text(11, 1.01, "11 nines", transform=axis.get_xaxis_transform(), ha="center",
                  color=GREY, fontsize=9)  # fmt: skip
    else:
        axis.text(1.01,
            11, "11 nines", transform=axis.get_yaxis_transform(), ha="left",
                  va="center", color=GREY, fontsize=9)  # fmt: skip
