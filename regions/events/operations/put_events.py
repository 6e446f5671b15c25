"""PutEvents: events for the default bus; what matches a rule goes to its targets.

An entry that is malformed fails alone.
Source: EventBridge API Reference, PutEvents and PutEventsResultEntry: codes; entries of 1 MB.
"""

from typing import Any, Final

from regions.errors import ValidationException
from regions.events.pattern import read_json
from regions.events.places import DEFAULT_BUS, bus_arn, check_bus
from regions.events.routing import event_text, routed
from regions.service.operation import Desk, Operation, Values, Wanted
from regions.trail.operation import refuse_unmodelled

SIZE_MAX: Final = 1_048_576
#: What a time counts. Source: User Guide, "Calculating PutEvents event entry size".
_TIME_BYTES: Final = 14
#: The last second of the year 9999, which is as far as such texts go.
TIME_MAX_S: Final = 253_402_300_799
_REQUIRED: Final = ("Source", "DetailType", "Detail")


def _size(entry: Values) -> int:
    texts = [entry.get(member, "") for member in _REQUIRED] + list(entry.get("Resources", ()))
    return sum(len(text.encode()) for text in texts) + (_TIME_BYTES if "Time" in entry else 0)


def _refusal(entry: Values) -> tuple[str, str] | None:
    """Return code and text for an entry that is malformed, None if it is not."""
    for member in _REQUIRED:
        if not entry.get(member):
            return (
                "InvalidArgument",
                f"Parameter {member} is not valid. Reason: {member} is a required argument.",
            )
    if not 0 <= entry.get("Time", 0) <= TIME_MAX_S:
        return "InvalidArgument", "Parameter Time is not valid. Reason: it is out of range."
    if entry["Source"].startswith("aws."):
        return (
            "NotAuthorizedForSourceException",
            "Not authorized for the source.",
        )
    try:
        detail = read_json(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return "MalformedDetail", "Detail is malformed."
    return None


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "EndpointId")
    entries = parameters["Entries"]
    if sum(_size(entry) for entry in entries) > SIZE_MAX:
        raise ValidationException("Total size of the entries in the request is over the limit.")
    answers: list[dict[str, Any]] = []
    for entry in entries:
        check_bus(entry.get("EventBusName", DEFAULT_BUS), desk.region, desk.account)
        refused = _refusal(entry)
        if refused is not None:
            answers.append({"ErrorCode": refused[0], "ErrorMessage": refused[1]})
            continue
        event_id = desk.rng("event").uuid()
        text = event_text(event_id, desk.account, desk.region, desk.now_ns, entry)
        for parcel in routed(desk.state, desk.region, desk.account, text, desk.rng("parcel").uuid):
            desk.change(parcel)
        answers.append({"EventId": event_id})
    failed = sum("ErrorCode" in answer for answer in answers)
    return {"FailedEntryCount": failed, "Entries": answers}


def _wants(desk: Desk, parameters: Values) -> Wanted:
    def of(member: str) -> tuple[str, ...]:
        return tuple(entry[member] for entry in parameters["Entries"] if entry.get(member))

    return Wanted(
        action="events:PutEvents",
        resource=bus_arn(desk.region, desk.account),
        account=desk.account,
        keys={"events:source": of("Source"), "events:detail-type": of("DetailType")},
    )


OPERATION = Operation(
    name="PutEvents", perform=_perform, read_only=False, wants=_wants, recorded=False
)
