"""PutEventConfiguration of an event data store; that of trails is the trail's (trail/operations/).

What is put is kept and told; events of this simulator have no tag or request context to add.
Source: CloudTrail API Reference, PutEventConfiguration: context needs Large events.
"""

from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterCombinationException, InvalidParameterException
from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk, on_store
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    if "TrailName" in parameters:
        raise InvalidParameterCombinationException(
            "TrailName and EventDataStore cannot both be given."
        )
    store = desk.store(parameters["EventDataStore"])
    size = parameters.get("MaxEventSize", store.max_event_size)
    keys, aggregation = store.context_keys, store.aggregation
    if "ContextKeySelectors" in parameters:
        listed = parameters["ContextKeySelectors"]
        keys = tuple((each["Type"], tuple(each["Equals"])) for each in listed)
    if "AggregationConfigurations" in parameters:
        listed = parameters["AggregationConfigurations"]
        aggregation = tuple((each["EventCategory"], tuple(each["Templates"])) for each in listed)
    if keys and size != "Large":
        raise InvalidParameterException("ContextKeySelectors need MaxEventSize Large.")
    changed = replace(
        store,
        max_event_size=size,
        context_keys=keys,
        aggregation=aggregation,
        updated_ns=desk.now_ns,
    )
    desk.change(changed)
    return show_configuration(desk, changed)


def show_configuration(desk: LakeDesk, store: EventDataStore) -> dict[str, Any]:
    """Return the configuration of events as Put- and GetEventConfiguration answer."""
    return {
        "EventDataStoreArn": desk.arn_of(store),
        "MaxEventSize": store.max_event_size,
        "ContextKeySelectors": [
            {"Type": kind, "Equals": list(keys)} for kind, keys in store.context_keys
        ],
        "AggregationConfigurations": [
            {"EventCategory": category, "Templates": list(templates)}
            for category, templates in store.aggregation
        ],
    }


OPERATION = on_store("PutEventConfiguration", _perform)
