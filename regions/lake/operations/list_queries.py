"""ListQueries: an account's queries of the last seven days that read an event data store.

Source: CloudTrail API Reference, ListQueries.
"""

from typing import Any

from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import InvalidDateRangeException
from regions.lake.pages import page
from regions.lake.queries import is_old
from regions.lake.shapes import seconds_of
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    store = desk.store(parameters["EventDataStore"])
    start, end = parameters.get("StartTime", 0), parameters.get("EndTime", 2**33)
    if start > end:
        raise InvalidDateRangeException("StartTime must not be later than EndTime.")
    wanted = parameters.get("QueryStatus")
    found = [
        {
            "QueryId": query.begun.query_id,
            "QueryStatus": query.status,
            "CreationTime": seconds_of(query.begun.created_ns),
        }
        for query in desk.state.queries.values()
        if store.store_id in query.begun.stores
        and query.begun.account == desk.account
        and not is_old(query, desk.now_ns)
        and wanted in (None, query.status)
        and start <= seconds_of(query.begun.created_ns) <= end
    ]
    return page(found, parameters, "Queries")


OPERATION = on_store("ListQueries", _perform, read_only=True)
