"""Tables and headings of a report on a console: plain ASCII, 80 columns, nothing from outside.

What does not belong here: what is shown (report.py, difference.py), and numbers (figures.py).
"""

import io
from collections.abc import Callable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scenarios import figures

#: Text from outside is shown as it is: never read as markup, emoji or something to highlight.
CONSOLE_OPTIONS: Final[dict[str, Any]] = {"markup": False, "emoji": False, "highlight": False}


def as_text(show: Callable[[Console], None], *, width: int = 80) -> str:
    """Return what a function shows as plain text: no colours, no blanks at the end of a line."""
    page = io.StringIO()
    options = {"force_terminal": False, "color_system": None, **CONSOLE_OPTIONS}
    show(Console(file=page, width=width, **options))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def table(*columns: tuple[str, str]) -> Table:
    """Return a table of (name, ``left`` or ``right``); only left columns are folded."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        right = justify == "right"
        made.add_column(
            name, justify="right" if right else "left", no_wrap=right, overflow="fold"
        )
    return made


def heading(console: Console, text: str) -> None:
    """Print an empty line and a title."""
    console.print()
    title(console, text)


def title(console: Console, text: str) -> None:
    """Print a title."""
    console.print(Text(clean(text), style="bold"))


def line(console: Console, text: str) -> None:
    """Print one indented line, folded where it is too long."""
    indent(console, Text(clean(text), overflow="fold"))


def command(console: Console, label: str, text: str) -> None:
    """Print a label and a command to be copied; the line stays whole in any terminal."""
    console.print(Text(f"  {label:10} {clean(text)}"), soft_wrap=True)


def indent(console: Console, body: Table | Text) -> None:
    """Print something two columns to the right."""
    # Without expand=False, padding would fill every line with blanks up to the border.
    console.print(Padding(body, (0, 0, 0, 2), expand=False))


def total(counts: Mapping[str, int]) -> str:
    """Return the sum of counts as a figure."""
    return figures.count(sum(counts.values()))


def listed(counts: Mapping[str, int]) -> str:
    """Return counts with their names, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return clean(", ".join(f"{figures.count(number)} {name}" for name, number in ordered))


def clean(text: str) -> str:
    """Return the text without control characters: log files may hold any bytes."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
