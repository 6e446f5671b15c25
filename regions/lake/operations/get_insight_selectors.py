"""GetInsightSelectors of an event data store; those of trails are the trail's (trail/operations/).

Source: CloudTrail API Reference, GetInsightSelectors.
"""

from typing import Any

from regions.errors import InsightNotEnabledException, InvalidParameterCombinationException
from regions.lake.desk import LakeDesk, on_store
from regions.lake.operations.put_insight_selectors import show_insights
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    if "TrailName" in parameters:
        raise InvalidParameterCombinationException(
            "TrailName and EventDataStore cannot both be given."
        )
    store = desk.store(parameters["EventDataStore"])
    if not store.insights.types:
        raise InsightNotEnabledException(f"Event data store {store.name} has no Insights enabled.")
    return {
        "EventDataStoreArn": desk.arn_of(store),
        "InsightSelectors": show_insights(store.insights),
        "InsightsDestination": store.insights_to,
    }


OPERATION = on_store("GetInsightSelectors", _perform, read_only=True)
