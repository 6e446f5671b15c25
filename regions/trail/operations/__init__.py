"""The CloudTrail API actions that are modelled: one file each, one line here each."""

from typing import Final

from regions.trail.operation import Operation
from regions.trail.operations import (
    add_tags,
    create_trail,
    delete_trail,
    describe_trails,
    get_event_configuration,
    get_event_selectors,
    get_insight_selectors,
    get_trail,
    get_trail_status,
    list_insights_data,
    list_insights_metric_data,
    list_tags,
    list_trails,
    lookup_events,
    put_event_configuration,
    put_event_selectors,
    put_insight_selectors,
    remove_tags,
    start_logging,
    stop_logging,
    update_trail,
)

_MODULES: Final = (
    add_tags,
    create_trail,
    delete_trail,
    describe_trails,
    get_event_configuration,
    get_event_selectors,
    get_insight_selectors,
    get_trail,
    get_trail_status,
    list_insights_data,
    list_insights_metric_data,
    list_tags,
    list_trails,
    lookup_events,
    put_event_configuration,
    put_event_selectors,
    put_insight_selectors,
    remove_tags,
    start_logging,
    stop_logging,
    update_trail,
)

#: API action to what it does.
OPERATIONS: Final[dict[str, Operation]] = {
    module.OPERATION.name: module.OPERATION for module in _MODULES
}
