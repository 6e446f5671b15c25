"""What one CloudTrail API action is: what it needs, what it does, what its record shows.

What does not belong here: any one action (operations/), or disks and messages (trail.py).
Source: AWS CloudTrail API Reference; record contents as in real CloudTrail records of CloudTrail's
own calls, July 2023.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from regions.calls import ApiCall
from regions.errors import UnsupportedOperationException
from regions.trail.archive import Archive
from regions.trail.trails import TrailSettings

#: Members of requests whose values are points in time.
_TIMES: Final = frozenset({"StartTime", "EndTime", "CreateDate", "UpdateDate", "Expiration"})
#: Members of requests that are maps, whose names are the caller's own.
_MAPS: Final = frozenset({"Attributes", "MessageAttributes", "tags"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What others have told of the places that a trail's settings name (checks.py)."""

    bucket_site: str = ""  #: who holds the bucket; "" if it was not asked about
    kms_key_id: str = ""  #: ARN of the key; "" if it was not asked about


@dataclass(slots=True)
class Desk:
    """What an action may look at, and where it puts what it changes."""

    archive: Archive
    call: ApiCall
    now_ns: int  #: calendar time; also the time of the call's record
    regions: tuple[str, ...]  #: every region there is, as far as this one knows
    places: Places = field(default_factory=Places)
    changed: list[TrailSettings] = field(default_factory=list)

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.call.principal.account

    def find(self, name_or_arn: str) -> TrailSettings:
        """Return a trail of the caller, a shadow only by its ARN."""
        return self.archive.trails.find(self.account, name_or_arn)

    def find_at_home(self, name_or_arn: str) -> TrailSettings:
        """Return a trail that the caller may change here."""
        return self.archive.trails.find_at_home(self.account, name_or_arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One API action."""

    name: str
    perform: Callable[[Desk, Mapping[str, Any]], dict[str, Any]]  #: returns the answer's body
    read_only: bool
    #: Refuses what has errors of its own though it does not fit the shape either.
    early: Callable[[Mapping[str, Any]], None] | None = None
    #: Of an action that names places: the settings that are wanted, keys as they were given.
    propose: Callable[[Desk, Mapping[str, Any]], TrailSettings] | None = None


def lower(name: str) -> str:
    """Return a member's name as records show it: ``TrailARN`` to ``trailARN``."""
    return name[:1].lower() + name[1:]


def shown(value: Any, member: str = "", after_year: str = ",") -> Any:
    """Return parameters or an answer as a record shows them.

    Args:
      after_year: what stands behind the year in a date; services differ in it.
    """
    if isinstance(value, Mapping):
        if member in _MAPS:
            return dict(value)
        return {lower(name): shown(item, name, after_year) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [shown(item, "", after_year) for item in value]
    if member in _TIMES:
        moment = datetime.fromtimestamp(int(value), UTC)
        hour = moment.hour % 12 or 12
        return f"{moment:%b} {moment.day}, {moment.year}{after_year} {hour}:{moment:%M:%S %p}"
    return value


def refuse_unmodelled(parameters: Mapping[str, Any], *members: str) -> None:
    """Refuse parameters that ask for something the simulator does not do.

    Raises:
      UnsupportedOperationException: one of these members is set.
    """
    for member in members:
        if parameters.get(member):
            raise UnsupportedOperationException(f"{member} is not modelled")


def describe(settings: TrailSettings) -> dict[str, Any]:
    """Return the members that CreateTrail and UpdateTrail answer with."""
    optional = {
        "S3KeyPrefix": settings.prefix,
        "SnsTopicName": settings.sns_topic_arn.rpartition(":")[2],
        "SnsTopicARN": settings.sns_topic_arn,
    }
    later = {
        "CloudWatchLogsLogGroupArn": settings.log_group_arn,
        "CloudWatchLogsRoleArn": settings.logs_role_arn,
        "KmsKeyId": settings.kms_key_id,
    }
    return {
        "Name": settings.name,
        "S3BucketName": settings.bucket,
        **{member: value for member, value in optional.items() if value},
        "IncludeGlobalServiceEvents": settings.global_events,
        "IsMultiRegionTrail": settings.multi_region,
        "TrailARN": settings.arn,
        "LogFileValidationEnabled": settings.validates,
        **{member: value for member, value in later.items() if value},
        "IsOrganizationTrail": False,
        "RecursiveLogging": settings.recursive_logging,
    }


def described(settings: TrailSettings) -> dict[str, Any]:
    """Return the members that GetTrail and DescribeTrails answer with."""
    return describe(settings) | {
        "HomeRegion": settings.home_region,
        "HasCustomEventSelectors": settings.has_custom_event_selectors,
        "HasInsightSelectors": settings.has_insight_selectors,
    }
