"""ListTargetsByRule: the targets of a rule, by id.

Source: EventBridge API Reference, ListTargetsByRule and Target.
"""

from typing import Any

from regions.events.changes import Target
from regions.events.places import page
from regions.events.wants import find_rule, on_rule
from regions.service.operation import Desk, Values


def _shape(target: Target) -> dict[str, Any]:
    shape = {"Id": target.target_id, "Arn": target.arn}
    if target.given:
        shape["Input"] = target.given
    if target.path:
        shape["InputPath"] = target.path
    return shape


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    targets = find_rule(desk, parameters, "Rule").targets
    found = [_shape(targets[target_id]) for target_id in sorted(targets)]
    return page(found, "Id", parameters, "Targets")


OPERATION = on_rule("ListTargetsByRule", _perform, member="Rule", read_only=True)
