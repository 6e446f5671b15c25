"""What each event of CloudTrail changes of a trail; TRAIL_CHANGES is the table.

What does not belong here: collecting the changes (changes.py).
Source: CloudTrail API Reference, the actions on trails.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from scenarios.audit.event import Event, rows, text
from scenarios.audit.key_changes import ABSENT

_ARN: Final = ":trail/"
_LOGGING: Final = "logging"
#: Settings that CreateTrail and UpdateTrail take; the answer says what they are afterwards.
_SETTINGS: Final = (
    "s3BucketName",
    "s3KeyPrefix",
    "snsTopicName",
    "isMultiRegionTrail",
    "includeGlobalServiceEvents",
    "enableLogFileValidation",
    "logFileValidationEnabled",
    "kmsKeyId",
    "cloudWatchLogsLogGroupArn",
    "cloudWatchLogsRoleArn",
    "isOrganizationTrail",
)
#: A setting that the request calls otherwise than the answer.
_SAME: Final = {"enableLogFileValidation": "logFileValidationEnabled"}

Values = Mapping[str, Any]
Setter = Callable[[Event, str], Values]


def trail_of(event: Event) -> tuple[str, ...]:
    """Return the ARN of the trail that an event is about; nothing when the record names none."""
    for part, member in (
        (event.response, "trailARN"),
        (event.parameters, "name"),
        (event.parameters, "trailName"),
        (event.parameters, "resourceId"),
    ):
        name = text(part, member)
        if _ARN in name:
            return (name,)
        if name:
            return (f"arn:aws:cloudtrail:{event.region}:{event.account}{_ARN}{name}",)
    return ()


def _settings(event: Event, _subject: str) -> Values:
    # What the answer says was settled; the request alone speaks of what it left as it was.
    found = {**event.parameters, **event.response}
    return {_SAME.get(name, name): found[name] for name in _SETTINGS if name in found}


def _created(event: Event, subject: str) -> Values:
    settings = _settings(event, subject)
    return {"trail": "there", _LOGGING: "off", **settings, **_tags(event, "tagsList")}


def _tags(event: Event, member: str) -> dict[str, Any]:
    return {f"tag {text(one, 'key')}": one.get("value") for one in rows(event.parameters, member)}


def _untagged(event: Event, _subject: str) -> Values:
    return dict.fromkeys(_tags(event, "tagsList"), ABSENT)


def _selectors(event: Event, _subject: str) -> Values:
    for member in ("eventSelectors", "advancedEventSelectors"):
        if event.parameters.get(member):
            return {"event selectors": event.parameters[member]}
    return {}


TRAIL_CHANGES: Final[dict[str, Setter]] = {
    "CreateTrail": _created,
    "UpdateTrail": _settings,
    "DeleteTrail": lambda _event, _subject: {"trail": ABSENT, _LOGGING: "off"},
    "StartLogging": lambda _event, _subject: {_LOGGING: "on"},
    "StopLogging": lambda _event, _subject: {_LOGGING: "off"},
    "PutEventSelectors": _selectors,
    "PutInsightSelectors": lambda event, _subject: {
        "insight selectors": event.parameters.get("insightSelectors")
    },
    "PutEventConfiguration": lambda event, _subject: {
        "maximum event size": event.parameters.get("maxEventSize"),
        "context keys": event.parameters.get("contextKeySelectors"),
    },
    "AddTags": lambda event, _subject: _tags(event, "tagsList"),
    "RemoveTags": _untagged,
}
