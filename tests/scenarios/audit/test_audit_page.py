"""The page of audits: its table of detections is that of the code, and its SQL can be asked."""

import os
import re
from pathlib import Path

from records import record, write_log

from scenarios.__main__ import main
from scenarios.audit.detections import DETECTIONS

PAGE = Path(__file__).parents[3] / "scenarios" / "audit" / "README.md"
BEGIN, END = "<!-- table: detections -->\n", "<!-- end -->\n"


def table() -> str:
    rows = [f"| `{one.name}` | {one.severity} | {one.summary} |" for one in DETECTIONS.values()]
    return "\n".join(["| detection | how grave | what it finds |", "|---|---|---|", *rows, ""])


def test_the_table_of_detections_is_that_of_the_code() -> None:
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    old, _, tail = rest.partition(END)
    if os.environ.get("NINES_REWRITE"):
        PAGE.write_text(head + BEGIN + table() + END + tail, encoding="utf-8")
    else:
        assert old == table(), "NINES_REWRITE=1 writes it anew"


def test_the_queries_of_the_page_can_be_asked(tmp_path: Path) -> None:
    folder = str(write_log(tmp_path, record("Sign")))
    queries = re.findall(r'--sql "([^"]+)"', PAGE.read_text(encoding="utf-8"))
    assert [main(["audit", folder, "--sql", query]) for query in queries] == [0] * len(queries)
    assert queries
