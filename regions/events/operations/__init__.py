"""The API actions of EventBridge, one per file; this is their table."""

from typing import Final

from regions.events.operations import (
    delete_rule,
    describe_rule,
    disable_rule,
    enable_rule,
    list_rules,
    list_targets_by_rule,
    put_events,
    put_rule,
    put_targets,
    remove_targets,
    test_event_pattern,
)
from regions.service.operation import Operation

_MODULES: Final = (
    delete_rule,
    describe_rule,
    disable_rule,
    enable_rule,
    list_rules,
    list_targets_by_rule,
    put_events,
    put_rule,
    put_targets,
    remove_targets,
    test_event_pattern,
)

#: API action to what it does.
OPERATIONS: Final[dict[str, Operation]] = {
    module.OPERATION.name: module.OPERATION for module in _MODULES
}
