"""RemoveTargets: a rule's events no longer go there.

Source: EventBridge API Reference, RemoveTargets.
"""

from typing import Any

from regions.events.changes import TargetRemoved
from regions.events.wants import find_rule, on_rule
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    ruled = find_rule(desk, parameters, "Rule")
    for target_id in dict.fromkeys(parameters["Ids"]):
        if target_id in ruled.targets:
            desk.change(
                TargetRemoved(account=desk.account, rule=ruled.rule.name, target_id=target_id)
            )
    return {"FailedEntryCount": 0, "FailedEntries": []}


OPERATION = on_rule("RemoveTargets", _perform, member="Rule")
