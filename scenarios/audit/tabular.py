"""Rows of a query as a table for people, as CSV, or as one JSON object for each row.

What does not belong here: the query (database.py).
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from rich.console import Console

from scenarios.audit.event import TIME_FORMAT
from scenarios.layout import clean, table

#: Rows that the table shows; --csv and --json give all. Chosen: what anybody reads.
SHOWN: Final = 500


def show(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table, at most SHOWN of them."""
    kept: list[list[str]] = []
    numbers = [True] * len(columns)
    more = 0
    for row in rows:
        if len(kept) == SHOWN:
            more += 1
            continue
        kept.append([clean(text_of(value)) for value in row])
        for place, value in enumerate(row):
            whole = isinstance(value, int | float) and not isinstance(value, bool)
            numbers[place] = numbers[place] and (whole or value is None)
    sides = ["right" if kept and number else "left" for number in numbers]
    made = table(*zip(columns, sides, strict=True))
    for texts in kept:
        made.add_row(*texts)
    console.print(made)
    if not kept:
        console.print("no rows")
    if more:
        console.print(f"and {more:,} more rows; --csv or --json give all")


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a line of the columns' names, then a line for each row, with their ends."""
    for row in chain([columns], rows):
        page = io.StringIO()
        csv.writer(page, lineterminator="\n").writerow([cell(text_of(value)) for value in row])
        yield page.getvalue()


def json_of(
    columns: Sequence[str], documents: Sequence[bool], rows: Iterable[Sequence[Any]]
) -> Iterator[str]:
    """Yield a JSON object for each row, one line each, with their ends.

    Args:
      documents: which of the columns are texts of JSON; they become parts of the object.
    """
    for row in rows:
        values = {
            name: json.loads(value) if document and value is not None else _plain(value)
            for name, document, value in zip(columns, documents, row, strict=True)
        }
        yield json.dumps(values, ensure_ascii=False) + "\n"


def text_of(value: Any) -> str:
    """Return a value as a cell shows it; nothing is shown for NULL."""
    if value is None:
        return ""
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def cell(text: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula: callers choose some texts."""
    number = text.replace(".", "", 1).removeprefix("-").isdecimal()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} and not number else text


def _plain(value: Any) -> Any:
    """Return a value as JSON can have it."""
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | None) else str(value)
