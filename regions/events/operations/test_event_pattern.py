"""TestEventPattern: whether a pattern matches an event.

Source: EventBridge API Reference, TestEventPattern: the fields that an event must have.
"""

from typing import Any, Final

from regions.errors import ValidationException
from regions.events.pattern import read_json
from regions.events.wants import readable
from regions.service.operation import Desk, Operation, Values, Wanted

_FIELDS: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


def _perform(_: Desk, parameters: Values) -> dict[str, Any]:
    test = readable(parameters["EventPattern"])
    try:
        event = read_json(parameters["Event"])
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ValidationException("Parameter Event is not valid. Reason: it is no JSON object.")
    for field in _FIELDS:
        if field not in event:
            raise ValidationException(
                f"Parameter Event is not valid. Reason: {field} is a required argument."
            )
    return {"Result": test(event)}


def _wants(desk: Desk, _: Values) -> Wanted:
    return Wanted(action="events:TestEventPattern", resource="*", account=desk.account)


OPERATION = Operation(name="TestEventPattern", perform=_perform, read_only=True, wants=_wants)
