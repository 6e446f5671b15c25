"""DeleteRule: a rule without targets is gone; to delete what is not there is no error.

Source: EventBridge API Reference, DeleteRule.
"""

from typing import Any

from regions.errors import ValidationException
from regions.events.changes import RuleDeleted
from regions.events.wants import on_rule, seek_rule
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    found = seek_rule(desk, parameters)
    if found is None:
        return {}
    if found.targets:
        raise ValidationException("Rule can't be deleted since it has targets.")
    desk.change(RuleDeleted(account=desk.account, name=found.rule.name))
    return {}


OPERATION = on_rule("DeleteRule", _perform)
