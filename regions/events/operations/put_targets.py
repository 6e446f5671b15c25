"""PutTargets: where a rule's events go; a target of the same id is replaced.

Source: EventBridge API Reference, PutTargets; five targets a rule.
"""

from typing import Any, Final

from regions.errors import LimitExceededException, ValidationException
from regions.events.changes import Target
from regions.events.pattern import read_json
from regions.events.places import kind_of_target
from regions.events.routing import steps_of
from regions.events.wants import find_rule, on_rule
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled

TARGETS_MAX: Final = 5
_MODELLED: Final = frozenset(("Id", "Arn", "Input", "InputPath"))


def _check(target: Values) -> None:
    refuse_unmodelled(target, *sorted(target.keys() - _MODELLED))
    if "Input" in target and "InputPath" in target:
        raise ValidationException(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target"
            f" {target['Id']}."
        )
    if "Input" in target:
        try:
            read_json(target["Input"])
        except ValueError:
            raise ValidationException(
                f"JSON syntax error in input for target {target['Id']}"
            ) from None
    if "InputPath" in target and steps_of(target["InputPath"]) is None:
        raise ValidationException(f"Invalid InputPath for target {target['Id']}")


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    ruled, targets = find_rule(desk, parameters, "Rule"), parameters["Targets"]
    made = []
    for target in targets:
        _check(target)
        there = ruled.targets.get(target["Id"])
        stream = ""
        if kind_of_target(target["Arn"], desk.region, desk.account) == "logs":
            stream = there.stream if there is not None else ""
            stream = stream or desk.rng("stream").uuid()
        made.append(
            Target(
                account=desk.account,
                rule=ruled.rule.name,
                target_id=target["Id"],
                arn=target["Arn"],
                given=target.get("Input", ""),
                path=target.get("InputPath", ""),
                stream=stream,
            )
        )
    ids = ruled.targets.keys() | {target.target_id for target in made}
    if len(ids) > TARGETS_MAX:
        raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
    for target in made:
        desk.change(target)
    return {"FailedEntryCount": 0, "FailedEntries": []}


OPERATION = on_rule("PutTargets", _perform, member="Rule")
