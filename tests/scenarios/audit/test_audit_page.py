"""The page of audits: its table of detections is that of the code, and its SQL can be asked."""

import re
from pathlib import Path

from page_tables import hold_table
from records import record, write_log

from scenarios.__main__ import main
from scenarios.audit.detections import DETECTIONS

PAGE = Path(__file__).parents[3] / "scenarios" / "audit" / "README.md"


def table() -> str:
    rows = [f"| `{one.name}` | {one.severity} | {one.summary} |" for one in DETECTIONS.values()]
    return "\n".join(["| detection | how grave | what it finds |", "|---|---|---|", *rows, ""])


def test_the_table_of_detections_is_that_of_the_code() -> None:
    hold_table(PAGE, "detections", table())


def test_the_queries_of_the_page_can_be_asked(tmp_path: Path) -> None:
    folder = str(write_log(tmp_path, record("Sign")))
    queries = re.findall(r'--sql "([^"]+)"', PAGE.read_text(encoding="utf-8"))
    assert [main(["audit", folder, "--sql", query]) for query in queries] == [0] * len(queries)
    assert queries
