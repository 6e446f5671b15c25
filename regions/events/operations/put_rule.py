"""PutRule: a rule with an event pattern; one of the same name is replaced, and keeps its targets.

Source: EventBridge API Reference, PutRule; 300 rules a bus.
"""

from typing import Any, Final

from regions.errors import LimitExceededException, ValidationException
from regions.events.changes import DISABLED, ENABLED, ENABLED_FOR_ALL, Rule
from regions.events.places import rule_arn
from regions.events.wants import on_rule, readable, seek_rule
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled

RULES_MAX: Final = 300
STATES: Final = (ENABLED, DISABLED, ENABLED_FOR_ALL)


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "ScheduleExpression", "RoleArn")
    found, name = seek_rule(desk, parameters), parameters["Name"]
    pattern = parameters.get("EventPattern", "")
    if not pattern:
        raise ValidationException(
            "Parameter(s) EventPattern or ScheduleExpression must be specified."
        )
    readable(pattern)
    state = parameters.get("State", ENABLED)
    if state not in STATES:
        refuse_unmodelled({f"State {state}": True}, f"State {state}")
    if found is None and len(desk.state.of_account(desk.account)) >= RULES_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    tags = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}
    desk.change(
        Rule(
            account=desk.account,
            name=name,
            pattern=pattern,
            enabled=state != DISABLED,
            description=parameters.get("Description", ""),
            # Tags of a rule that is there already are left as they are.
            tags=tags if found is None else found.rule.tags,
            all_management=state == ENABLED_FOR_ALL,
        )
    )
    return {"RuleArn": rule_arn(desk.region, desk.account, name)}


OPERATION = on_rule("PutRule", _perform)
