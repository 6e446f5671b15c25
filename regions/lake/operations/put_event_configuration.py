"""PutEventConfiguration of an event data store; that of trails is the trail's (trail/operations/).

It holds for events that come in from then on. What a call does not name stays as it is; an empty
list takes context keys away.
Source: CloudTrail API Reference, PutEventConfiguration and ContextKeySelector; User Guide, "Enrich
CloudTrail events by adding resource tag keys and IAM global condition keys". The texts are ours.
Not modelled: aggregation, which that reference has for trails.
"""

from dataclasses import replace
from typing import Any, Final

from regions.errors import InvalidParameterCombinationException, InvalidParameterException
from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import InvalidEventDataStoreCategoryException
from regions.lake.stores import LARGE, category_of
from regions.service.operation import Values
from regions.trail.enrichment import REQUEST_CONTEXT, REQUEST_KEYS
from regions.trail.operation import refuse_unmodelled
from regions.trail.record import DATA, MANAGEMENT

#: Source: User Guide, record contents: eventContext is for these alone.
_CATEGORIES: Final = (MANAGEMENT, DATA)


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    if "TrailName" in parameters:
        raise InvalidParameterCombinationException(
            "TrailName and EventDataStore cannot both be given."
        )
    store = desk.store(parameters["EventDataStore"])
    refuse_unmodelled(parameters, "AggregationConfigurations")
    size = parameters.get("MaxEventSize", store.max_event_size)
    keys = store.context_keys
    if "ContextKeySelectors" in parameters:
        keys = _keys(parameters["ContextKeySelectors"])
    if keys and size != LARGE:
        raise InvalidParameterException("ContextKeySelectors need MaxEventSize Large.")
    if (keys or size == LARGE) and category_of(store) not in _CATEGORIES:
        raise InvalidEventDataStoreCategoryException(
            f"Event data store {store.name} is for events of category {category_of(store)}."
        )
    changed = replace(store, max_event_size=size, context_keys=keys, updated_ns=desk.now_ns)
    desk.change(changed)
    return show_configuration(desk, changed)


def _keys(listed: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return context keys as a store keeps them.

    Raises:
      InvalidParameterException: a type is given twice, or a condition key cannot be had.
    """
    keys = tuple((each["Type"], tuple(dict.fromkeys(each["Equals"]))) for each in listed)
    if len(dict(keys)) != len(keys):
        raise InvalidParameterException("Each type of context keys can be given once.")
    for key in dict(keys).get(REQUEST_CONTEXT, ()):
        if key not in REQUEST_KEYS:
            raise InvalidParameterException(
                f"RequestContext key {key} is not supported; expected one of"
                f" {', '.join(REQUEST_KEYS)}."
            )
    return keys


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
