"""PutInsightSelectors of an event data store; those of trails are the trail's (trail/operations/).

Source: CloudTrail API Reference, PutInsightSelectors.
"""

from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterCombinationException, InvalidParameterException
from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import InvalidEventDataStoreCategoryException
from regions.lake.stores import OF_CALLS, category_of
from regions.service.operation import Values
from regions.trail.selectors import INSIGHT, InsightSelectors


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    if "TrailName" in parameters:
        raise InvalidParameterCombinationException(
            "TrailName and EventDataStore cannot both be given."
        )
    store = desk.store(parameters["EventDataStore"])
    if category_of(store) not in OF_CALLS:
        raise InvalidEventDataStoreCategoryException(
            f"Event data store {store.name} is for events of category {category_of(store)}."
        )
    types = tuple(
        (each["InsightType"], tuple(each.get("EventCategories", ("Management",))))
        for each in parameters["InsightSelectors"]
    )
    destination = parameters.get("InsightsDestination", "")
    if types and not destination:
        raise InvalidParameterException("InsightsDestination must be given.")
    if destination:
        found = desk.store(destination)
        if category_of(found) != INSIGHT:
            raise InvalidEventDataStoreCategoryException(
                f"Event data store {found.name} is for events of category {category_of(found)}."
            )
        destination = desk.arn_of(found)
    selectors = InsightSelectors(since_ns=desk.now_ns, types=types)
    desk.change(replace(store, insights=selectors, insights_to=destination, updated_ns=desk.now_ns))
    body: dict[str, Any] = {
        "EventDataStoreArn": desk.arn_of(store),
        "InsightSelectors": show_insights(selectors),
    }
    return body | ({"InsightsDestination": destination} if destination else {})


def show_insights(selectors: InsightSelectors) -> list[dict[str, Any]]:
    """Return Insights selectors as answers show them."""
    return [
        {"InsightType": kind, "EventCategories": list(categories)}
        for kind, categories in selectors.types
    ]


OPERATION = on_store("PutInsightSelectors", _perform)
