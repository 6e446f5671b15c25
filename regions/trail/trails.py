"""What a trail is, where it may be changed, and which records it wants.

Settings carry their own history (when logging was on, which selectors held when), so whether a
trail wants a record is a pure function of the two, whenever and in whatever order they meet.
What does not belong here: what one set of selectors matches (selectors.py), when files are
published (slots.py, deliveries.py) or the API around it (operations/).
Source: CloudTrail User Guide, "Creating a trail" and "How CloudTrail works"; API Reference,
CreateTrail; quotas: 5 trails per region, fixed.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from regions.errors import (
    CloudTrailARNInvalidException,
    InvalidHomeRegionException,
    InvalidTrailNameException,
    MaximumNumberOfTrailsExceededException,
    TrailAlreadyExistsException,
    TrailNotFoundException,
)
from regions.names import partition
from regions.trail.selectors import (
    CALL_RATE,
    ERROR_RATE,
    INSIGHT,
    Facts,
    InsightSelectors,
    Selectors,
    selected,
)
from sim.wire import SINCE, Message

#: Trails that an account may have in one region; an all-regions trail counts in every region.
TRAILS_PER_REGION: Final = 5
NAME_MIN: Final = 3
NAME_MAX: Final = 128

#: Services whose events exist once for the whole account. Source: User Guide, global services.
GLOBAL_SOURCES: Final = frozenset({"iam.amazonaws.com", "cloudfront.amazonaws.com"})
#: Who calls when a trail delivers: S3, SNS, CloudWatch Logs and KMS record that it invoked them.
OWN_SOURCE: Final = "cloudtrail.amazonaws.com"

_ALLOWED: Final = re.compile(r"[A-Za-z0-9._-]+")
_ADJACENT: Final = re.compile(r"[._-]{2}")
_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging(Message):
    """One stretch of time in which a trail logged, or validated its log files."""

    start_ns: int  #: calendar time of the call that began it, which is itself delivered
    stop_ns: int = 0  #: calendar time of the call that ended it, likewise; 0: still on


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailSettings(Message):
    """One trail as its home region says; no record and no delivery state."""

    arn: str
    name: str
    account: str
    home_region: str
    bucket: str
    bucket_site: str  #: name of the Bucket actor that holds the bucket, in any region
    prefix: str = ""
    multi_region: bool = False
    global_events: bool = True
    version: int = 1  #: grows with every change
    logging: tuple[Logging, ...] = ()  #: in order of time
    selectors: tuple[Selectors, ...] = (Selectors(),)  #: in order of time, at least one
    deleted: bool = False
    created_ns: int = 0  #: calendar time of CreateTrail
    validation: tuple[Logging, ...] = ()  #: when log file validation was on, in order of time
    sns_topic: str = ""  #: as the caller gave it: a name or an ARN; "": no notifications
    sns_topic_arn: str = ""  #: of that topic
    log_group_arn: str = ""  #: of CloudWatch Logs, as given; "": no delivery there
    logs_role_arn: str = ""  #: whom CloudTrail acts as when it writes there
    kms_key_id: str = ""  #: ARN of the key that encrypts delivered files; "": SSE-S3
    recursive_logging: bool = True  #: also events that CloudTrail's own deliveries caused
    insights: tuple[InsightSelectors, ...] = ()  #: in order of time
    tags: tuple[tuple[str, str], ...] = ()  #: (key, value), sorted by key
    max_event_size: str = "Standard"  #: or ``Large``, which enrichment needs
    context_keys: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (TagContext ..., keys)
    aggregation: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (event category, templates)
    #: Calendar time from which on the log group gets events; set when a group is named.
    logs_since_ns: int = field(default=0, metadata={SINCE: 2})

    @property
    def is_logging(self) -> bool:
        """Whether the trail logs now."""
        return bool(self.logging) and not self.logging[-1].stop_ns and not self.deleted

    @property
    def validates(self) -> bool:
        """Whether digests of delivered files are made now."""
        return bool(self.validation) and not self.validation[-1].stop_ns and not self.deleted

    @property
    def has_custom_event_selectors(self) -> bool:
        """Whether event selectors were put that differ from the default."""
        return self.selectors[-1].custom

    @property
    def has_insight_selectors(self) -> bool:
        """Whether any type of Insights is on now."""
        return bool(self.insights and self.insights[-1].types)

    def is_in(self, region: str) -> bool:
        """Say whether the trail exists in a region, as itself or as a shadow."""
        return not self.deleted and (self.multi_region or region == self.home_region)


def covers(stretches: tuple[Logging, ...], time_ns: int) -> bool:
    """Say whether a moment lies in one of some stretches, both ends included."""
    for stretch in stretches:
        if stretch.start_ns <= time_ns and (not stretch.stop_ns or time_ns <= stretch.stop_ns):
            return True
    return False


def _left_out(settings: TrailSettings, facts: Facts) -> bool:
    """Say whether one of the trail's switches excludes a record, whatever is selected."""
    if not settings.global_events and facts.source in GLOBAL_SOURCES:
        return True
    return not settings.recursive_logging and facts.invoked_by == OWN_SOURCE


def wants(settings: TrailSettings, facts: Facts) -> bool:
    """Say whether a record of a region that the trail is in must be delivered by it."""
    time_ns = facts.time_ns
    if facts.account != settings.account or settings.deleted:
        return False
    if not covers(settings.logging, time_ns) or _left_out(settings, facts):
        return False
    if not facts.management and facts.category == INSIGHT:
        insights = (i for i in reversed(settings.insights) if i.since_ns <= time_ns)
        kind = ERROR_RATE if facts.error_code else CALL_RATE
        return any(kind == one for one, _ in next(insights, InsightSelectors()).types)
    for held in reversed(settings.selectors):
        if held.since_ns <= time_ns:
            return selected(held, facts)
    return False


def switched(stretches: tuple[Logging, ...], now_ns: int, *, on: bool) -> tuple[Logging, ...]:
    """Return stretches of time with the last one going on from now, or ended now."""
    goes_on = bool(stretches) and not stretches[-1].stop_ns
    if goes_on == on:
        return stretches
    if on:
        return (*stretches, Logging(start_ns=now_ns))
    return (*stretches[:-1], replace(stretches[-1], stop_ns=now_ns))


def started(settings: TrailSettings, now_ns: int) -> TrailSettings:
    """Return the trail logging from now on; as it is when it logs already."""
    if settings.is_logging:
        return settings
    stretches = switched(settings.logging, now_ns, on=True)
    return replace(settings, logging=stretches, version=settings.version + 1)


def stopped(settings: TrailSettings, now_ns: int) -> TrailSettings:
    """Return the trail logging no more after now; as it is when it does not log."""
    if not settings.is_logging:
        return settings
    stretches = switched(settings.logging, now_ns, on=False)
    return replace(settings, logging=stretches, version=settings.version + 1)


def check_name(name: str) -> None:
    """Accept a trail name, or refuse it with the service's own message.

    Raises:
      InvalidTrailNameException: it breaks one of the rules.
    """
    if len(name) < NAME_MIN:
        complaint = (
            f"Trail name too short. Minimum allowed length: {NAME_MIN} characters. "
            f"Specified name length: {len(name)} characters."
        )
    elif len(name) > NAME_MAX:
        complaint = (
            f"Trail name too long. Maximum allowed length: {NAME_MAX} characters. "
            f"Specified name length: {len(name)} characters."
        )
    elif _ALLOWED.fullmatch(name) is None:
        complaint = (
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, "
            "periods (.), hyphens (-), and underscores (_)."
        )
    elif not name[0].isalnum():
        complaint = "Trail name must starts with a letter or number."
    elif not name[-1].isalnum():
        complaint = "Trail name must ends with a letter or number."
    elif _ADJACENT.search(name) is not None:
        complaint = "Trail name must have no adjacent periods, hyphens or underscores."
    elif _is_ip_address(name):
        complaint = "Trail name must not be in IP address format."
    else:
        return
    raise InvalidTrailNameException(complaint)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def trail_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of a trail by its home region."""
    return f"arn:{partition(region)}:cloudtrail:{region}:{account}:trail/{name}"


class Registry:
    """Every trail that one region knows of: its own, shadows, and those it only counts.

    Args:
      region: where this registry stands.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self._trails: dict[str, TrailSettings] = {}

    def __iter__(self) -> Iterator[TrailSettings]:
        return iter([self._trails[arn] for arn in sorted(self._trails)])

    def get(self, arn: str) -> TrailSettings | None:
        """Return what is known of a trail, deleted ones included."""
        return self._trails.get(arn)

    def put(self, settings: TrailSettings) -> bool:
        """Keep settings unless as new ones are there; say whether they were news."""
        known = self._trails.get(settings.arn)
        if known is not None and known.version >= settings.version:
            return False
        self._trails[settings.arn] = settings
        return True

    def here(self, account: str = "") -> tuple[TrailSettings, ...]:
        """Return the trails in this region, shadows included, sorted by ARN."""
        return tuple(t for t in self if t.is_in(self.region) and account in ("", t.account))

    def own(self) -> tuple[TrailSettings, ...]:
        """Return the trails whose home is here, deleted ones included."""
        return tuple(t for t in self if t.home_region == self.region)

    def admit(self, account: str, name: str, *, multi_region: bool, regions: list[str]) -> int:
        """Return the version that a new trail starts with.

        Raises:
          InvalidTrailNameException: the name breaks a rule.
          TrailAlreadyExistsException: the account has that name here.
          MaximumNumberOfTrailsExceededException: one region that it would be in is full.
        """
        check_name(name)
        if any(t.name == name for t in self.here(account)):
            raise TrailAlreadyExistsException(
                f"Trail {name} already exists for customer: {account}"
            )
        self.check_room(account, regions if multi_region else [self.region])
        before = self._trails.get(trail_arn(self.region, account, name))
        return 1 if before is None else before.version + 1

    def check_room(self, account: str, regions: list[str]) -> None:
        """Refuse one more trail where a region is full.

        Raises:
          MaximumNumberOfTrailsExceededException: one of the regions has five already.
        """
        mine = [t for t in self if t.account == account]
        for region in sorted(regions):
            if sum(t.is_in(region) for t in mine) >= TRAILS_PER_REGION:
                raise MaximumNumberOfTrailsExceededException(
                    f"User: {account} already has {TRAILS_PER_REGION} trails in {region}."
                )

    def find(self, account: str, name_or_arn: str) -> TrailSettings:
        """Return a trail by its name, if its home is here, or by its ARN.

        Raises:
          CloudTrailARNInvalidException: the ARN is malformed.
          InvalidTrailNameException: the name breaks a rule.
          TrailNotFoundException: the account has no such trail here.
        """
        arn = name_or_arn
        if not name_or_arn.startswith("arn:"):
            check_name(name_or_arn)
            arn = trail_arn(self.region, account, name_or_arn)
        elif len(parts := arn.split(":")) != _ARN_PARTS or not parts[5].startswith("trail/"):
            raise CloudTrailARNInvalidException(f"Trail ARN {arn} is not valid.")
        found = self._trails.get(arn)
        if found is None or found.account != account or not found.is_in(self.region):
            raise TrailNotFoundException(f"Unknown trail: {arn} for the user: {account}")
        return found

    def find_at_home(self, account: str, name_or_arn: str) -> TrailSettings:
        """Return a trail that may be changed here.

        Raises:
          InvalidHomeRegionException: it is the shadow of another region's trail.
        """
        try:
            found = self.find(account, name_or_arn)
        except TrailNotFoundException:
            shadows = [t for t in self.here(account) if t.name == name_or_arn]
            if not shadows:
                raise
            found = shadows[0]
        if found.home_region != self.region:
            raise InvalidHomeRegionException(
                f"Trail {found.arn} can only be changed in its home region {found.home_region}."
            )
        return found
