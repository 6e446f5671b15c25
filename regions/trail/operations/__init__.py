"""The CloudTrail API actions that are modelled: one file each, one line here each."""

from typing import Final

from regions.trail.operation import Operation
from regions.trail.operations import (
    create_trail,
    delete_trail,
    describe_trails,
    get_event_selectors,
    get_trail_status,
    lookup_events,
    put_event_selectors,
    start_logging,
    stop_logging,
    update_trail,
)

_MODULES: Final = (
    create_trail,
    delete_trail,
    describe_trails,
    get_event_selectors,
    get_trail_status,
    lookup_events,
    put_event_selectors,
    start_logging,
    stop_logging,
    update_trail,
)

#: API action to what it does.
OPERATIONS: Final[dict[str, Operation]] = {
    module.OPERATION.name: module.OPERATION for module in _MODULES
}
