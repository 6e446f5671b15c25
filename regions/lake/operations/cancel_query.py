"""CancelQuery: a query that has not ended ends now, without a result.

Source: CloudTrail API Reference, CancelQuery.
"""

from typing import Any

from regions.lake.changes import QueryEnded
from regions.lake.desk import LakeDesk, LakeOperation
from regions.lake.errors import InactiveQueryException
from regions.lake.queries import find_query, wants_query
from regions.lake.state import ACTIVE
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    query = find_query(desk, parameters["QueryId"])
    if query.status not in ACTIVE:
        raise InactiveQueryException(
            f"Query {query.begun.query_id} has ended with status {query.status}."
        )
    took_ns = desk.now_ns - query.begun.created_ns
    desk.change(QueryEnded(query_id=query.begun.query_id, status="CANCELLED", took_ns=took_ns))
    return {"QueryId": query.begun.query_id, "QueryStatus": "CANCELLED"}


OPERATION = LakeOperation(
    name="CancelQuery", perform=_perform, read_only=False, wants=wants_query("CancelQuery")
)
