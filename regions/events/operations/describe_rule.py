"""DescribeRule: one rule, without its targets.

Source: EventBridge API Reference, DescribeRule.
"""

from typing import Any

from regions.events.operations.list_rules import rule_shape
from regions.events.wants import find_rule, on_rule
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    rule = find_rule(desk, parameters).rule
    return rule_shape(desk.region, rule) | {"CreatedBy": rule.account}


OPERATION = on_rule("DescribeRule", _perform, read_only=True)
