"""EnableRule: a rule matches events again.

Source: EventBridge API Reference, EnableRule.
"""

from typing import Any

from regions.events.wants import find_rule, on_rule
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    desk.change(changed(find_rule(desk, parameters).rule, enabled=True, all_management=False))
    return {}


OPERATION = on_rule("EnableRule", _perform)
