"""GetQueryResults: a page of the rows of a query that has finished; none while it goes on.

Source: CloudTrail API Reference, GetQueryResults; User Guide, "Example queries".
"""

from typing import Any

from regions.lake.desk import LakeDesk, LakeOperation
from regions.lake.pages import page
from regions.lake.queries import find_query, wants_query
from regions.service.operation import Values

_LOST = "the result of this query was damaged and cannot be read any more"


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    query = find_query(desk, parameters["QueryId"])
    body: dict[str, Any] = {"QueryStatus": query.status}
    ended = query.ended
    if ended is None or query.status != "FINISHED":
        if ended is not None and ended.message:
            body["ErrorMessage"] = ended.message
        return body
    assert desk.result is not None, "a lake keeps results"
    rows = desk.result(query.begun.query_id)
    if rows is None:
        return {"QueryStatus": "FAILED", "ErrorMessage": _LOST}
    shown = page(rows, parameters, "QueryResultRows", limit="MaxQueryResults")
    shown["QueryResultRows"] = [
        [{name: value} for name, value in row] for row in shown["QueryResultRows"]
    ]
    body["QueryStatistics"] = {
        "ResultsCount": len(shown["QueryResultRows"]),
        "TotalResultsCount": len(rows),
        "BytesScanned": ended.scanned_bytes,
    }
    return body | shown


OPERATION = LakeOperation(
    name="GetQueryResults", perform=_perform, read_only=True, wants=wants_query("GetQueryResults")
)
