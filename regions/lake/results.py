"""The files in which a query's result is delivered: its rows as CSV, in folders by day.

What does not belong here: signing them (the service's file ``result_sign.json`` is not modelled),
and putting them into a bucket (sites.py).
Source: CloudTrail User Guide, "Find your CloudTrail Lake saved query results":
``PREFIX/AWSLogs/ACCOUNT/CloudTrail-Lake/Query/YYYY/MM/DD/QUERY-ID/result_NUMBER.csv.gz``.
"""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from regions.lake.changes import QueryStarted
from regions.lake.query.warehouse import Row
from regions.lake.sites import split_uri
from sim.units import NS_PER_SECOND

#: Rows of one file; chosen, the service splits by size.
FILE_ROWS: Final = 50_000


def result_files(begun: QueryStarted, rows: Sequence[Row], now_ns: int) -> list[tuple[str, bytes]]:
    """Return key and uncompressed content of every file of a result; at least one."""
    _, prefix = split_uri(begun.deliver_to)
    day = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC)
    folder = f"AWSLogs/{begun.account}/CloudTrail-Lake/Query/{day:%Y/%m/%d}/{begun.query_id}"
    base = f"{prefix}/{folder}" if prefix else folder
    parts = [rows[at : at + FILE_ROWS] for at in range(0, max(1, len(rows)), FILE_ROWS)]
    return [
        (f"{base}/result_{number}.csv.gz", _csv(part)) for number, part in enumerate(parts, start=1)
    ]


def _csv(rows: Sequence[Row]) -> bytes:
    """Return rows with their names as the first line."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if rows:
        writer.writerow([name for name, _ in rows[0]])
    writer.writerows([value for _, value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
