"""DescribeQuery: how far a query is, and what it took.

What it matched is told as the number of rows of its result.
Source: CloudTrail API Reference, DescribeQuery.
"""

from typing import Any

from regions.errors import InvalidParameterException
from regions.lake.desk import LakeDesk, LakeOperation
from regions.lake.queries import find_query, milliseconds, wants_query
from regions.lake.shapes import seconds_of
from regions.service.operation import Values
from regions.trail.operation import refuse_unmodelled


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "QueryAlias", "RefreshId")
    if "QueryId" not in parameters:
        raise InvalidParameterException("QueryId must be given.")
    query = find_query(desk, parameters["QueryId"])
    begun, ended = query.begun, query.ended
    statistics: dict[str, Any] = {"CreationTime": seconds_of(begun.created_ns)}
    if ended is not None:
        statistics = {
            "EventsMatched": ended.rows,
            "EventsScanned": ended.scanned,
            "BytesScanned": ended.scanned_bytes,
            "ExecutionTimeInMillis": milliseconds(ended.took_ns),
            **statistics,
        }
    body = {
        "QueryId": begun.query_id,
        "QueryString": begun.statement,
        "QueryStatus": query.status,
        "QueryStatistics": statistics,
        "EventDataStoreOwnerAccountId": desk.state.stores[begun.stores[0]].account
        if begun.stores[0] in desk.state.stores
        else begun.account,
    }
    if ended is not None and ended.message:
        body["ErrorMessage"] = ended.message
    if begun.deliver_to:
        body["DeliveryS3Uri"] = begun.deliver_to
        body["DeliveryStatus"] = query.delivered or "PENDING"
    return body


OPERATION = LakeOperation(
    name="DescribeQuery", perform=_perform, read_only=True, wants=wants_query("DescribeQuery")
)
