"""StartQuery: a query waits for its turn; its result is asked for by its id.

Source: CloudTrail API Reference, StartQuery.
"""

from collections.abc import Iterable
from typing import Any

from regions.errors import InvalidParameterException
from regions.lake.changes import QueryForgotten, QueryStarted
from regions.lake.desk import LakeDesk, LakeOperation, wanted
from regions.lake.errors import EventDataStoreNotFoundException, MaxConcurrentQueriesException
from regions.lake.queries import ACTIVE_MAX, active, is_old
from regions.lake.query.warehouse import Prepared
from regions.service.operation import Values, Wanted
from regions.trail.operation import refuse_unmodelled

_NAME = "StartQuery"


def _prepare(desk: LakeDesk, parameters: Values) -> Prepared:
    """Return the statement as a query; every store that it reads is there and is active."""
    refuse_unmodelled(parameters, "QueryAlias", "QueryParameters")
    if not parameters.get("QueryStatement"):
        raise InvalidParameterException("QueryStatement must be given.")
    assert desk.warehouse is not None, "a lake has one"
    found = desk.warehouse().prepare(
        parameters["QueryStatement"], desk.now_ns // 1000, desk.state.stores
    )
    owner = parameters.get("EventDataStoreOwnerAccountId", desk.account)
    for store_id in found.stores:
        store = desk.state.stores.get(store_id)
        if store is None or store.account != owner:
            raise EventDataStoreNotFoundException(f"Event data store {store_id} does not exist.")
        desk.store(desk.arn_of(store))
    return found


def _wants(desk: LakeDesk, parameters: Values) -> Iterable[Wanted]:
    for store_id in _prepare(desk, parameters).stores:
        yield wanted(desk, _NAME, desk.state.stores[store_id])


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    prepared = _prepare(desk, parameters)
    if active(desk) >= ACTIVE_MAX:
        raise MaxConcurrentQueriesException(
            f"User: {desk.account} already runs {ACTIVE_MAX} queries in {desk.region}."
        )
    for query in [q for q in desk.state.queries.values() if is_old(q, desk.now_ns)]:
        desk.change(QueryForgotten(query_id=query.begun.query_id))
    query_id = desk.rng("query").uuid()
    desk.change(
        QueryStarted(
            query_id=query_id,
            account=desk.account,
            statement=parameters["QueryStatement"],
            sql=prepared.sql,
            stores=prepared.stores,
            created_ns=desk.now_ns,
            deliver_to=parameters.get("DeliveryS3Uri", ""),
            bucket_site=desk.bucket_site,
        )
    )
    desk.recorded = {"QueryId": query_id}
    return {"QueryId": query_id}


OPERATION = LakeOperation(
    name=_NAME,
    perform=_perform,
    read_only=True,
    wants_all=_wants,
    bucket_of=lambda parameters: parameters.get("DeliveryS3Uri", ""),
)
