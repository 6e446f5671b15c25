"""Tables of a page that are made of the code: compared, or written anew with NINES_REWRITE=1."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path


def hold_table(page: Path, name: str, made: str) -> None:
    """Compare a table of a page with what the code makes of it."""
    begin, end = f"<!-- table: {name} -->\n", "<!-- end -->\n"
    head, found, rest = page.read_text(encoding="utf-8").partition(begin)
    assert found, f"{page} has no place for the table {name!r}"
    old, _, tail = rest.partition(end)
    if os.environ.get("NINES_REWRITE"):
        page.write_text(head + begin + made + end + tail, encoding="utf-8")
    else:
        assert old == made, "NINES_REWRITE=1 writes it anew"


def hold_no_other(page: Path, tables: Mapping[str, Callable[[], str]]) -> None:
    """See that a page has these tables, in that order, and no table that nobody makes."""
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"<!-- table: (\w+) -->", text) == list(tables)
