"""Queries as calls see them: how long they are known, how many may go on, what is told of them.

What does not belong here: carrying a query out (runner.py), and SQL (query/).
Source: CloudTrail API Reference, StartQuery, DescribeQuery and GetQueryResults; User Guide:
results can be viewed for seven days.
"""

from typing import Any, Final

from regions.lake.desk import LakeDesk, wanted
from regions.lake.errors import QueryIdNotFoundException
from regions.lake.state import ACTIVE, Query
from regions.service.operation import Values, Wanted
from sim.units import days

#: Queries of one account that go on at the same time in a region. Source: quotas.
ACTIVE_MAX: Final = 10
#: How long a query and its result are kept. Source: User Guide, "View query results".
KEPT_NS: Final = days(7)


def find_query(desk: LakeDesk, query_id: str) -> Query:
    """Return a query of the caller's account.

    Raises:
      QueryIdNotFoundException: there is no such query, or none any more.
    """
    found = desk.state.queries.get(query_id)
    if found is None or found.begun.account != desk.account or is_old(found, desk.now_ns):
        raise QueryIdNotFoundException(f"Query {query_id} does not exist.")
    return found


def is_old(query: Query, now_ns: int) -> bool:
    """Say whether a query is kept no longer."""
    return query.status not in ACTIVE and now_ns >= query.begun.created_ns + KEPT_NS


def active(desk: LakeDesk) -> int:
    """Return how many queries of the caller's account go on."""
    return sum(
        query.status in ACTIVE and query.begun.account == desk.account
        for query in desk.state.queries.values()
    )


def wants_query(action: str) -> Any:
    """Return what an action on a query needs: that it is allowed on the store that it reads."""

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        if "QueryId" not in parameters:
            return wanted(desk, action, None)
        query = find_query(desk, parameters["QueryId"])
        return wanted(desk, action, desk.state.stores.get(query.begun.stores[0]))

    return wants


def milliseconds(took_ns: int) -> int:
    """Return a duration as DescribeQuery tells it."""
    return took_ns // 1_000_000
