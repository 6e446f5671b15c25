"""Event selectors: which of its records a trail delivers, told by what the records look like.

A trail has basic selectors or advanced ones, never both. One record is delivered if any selector
matches it; a basic selector matches by kind of call and by the start of a resource's ARN, an
advanced one if all of its conditions hold. Everything here is a pure function of the two.
What does not belong here: which selectors may be put (selector_rules.py), when each held and
whether the trail logged then (trails.py).
Source: CloudTrail API Reference, EventSelector, DataResource, AdvancedEventSelector and
AdvancedFieldSelector; User Guide, "Logging data events" and "Logging network activity events".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from sim.wire import Message

MANAGEMENT: Final = "Management"
DATA: Final = "Data"
INSIGHT: Final = "Insight"
NETWORK: Final = "NetworkActivity"
#: Events from outside, which reach an event data store through a channel.
ACTIVITY: Final = "ActivityAuditLog"
#: Types of Insights; an Insights event that has an error code is of the second.
CALL_RATE: Final = "ApiCallRateInsight"
ERROR_RATE: Final = "ApiErrorRateInsight"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataResource(Message):
    """Data events of one resource type that a basic selector asks for."""

    kind: str  #: ``AWS::S3::Object``, ``AWS::Lambda::Function`` or ``AWS::DynamoDB::Table``
    values: tuple[str, ...] = ()  #: ARNs, or their first characters


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicSelector(Message):
    """One basic event selector; the defaults are the service's."""

    read: bool = True
    write: bool = True
    management: bool = True
    excluded_sources: tuple[str, ...] = ()  #: of management events only
    data: tuple[DataResource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelector(Message):
    """One condition: the field's value meets each operator that has values."""

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvancedSelector(Message):
    """One advanced event selector: all of its conditions must hold."""

    name: str = ""  #: free text, at most 1000 characters
    fields: tuple[FieldSelector, ...]

    @property
    def category(self) -> str:
        """The one event category that it names; empty where it does not name exactly one."""
        named = [one.equals for one in self.fields if one.field == "eventCategory"]
        return named[0][0] if named and len(named[0]) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors(Message):
    """What a trail selects from a moment on; with advanced selectors the basic ones are none."""

    since_ns: int = 0  #: calendar time of the call that put them
    basic: tuple[BasicSelector, ...] = (BasicSelector(),)
    advanced: tuple[AdvancedSelector, ...] = ()

    @property
    def custom(self) -> bool:
        """Whether they differ from those that every new trail has."""
        return bool(self.advanced) or self.basic != (BasicSelector(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightSelectors(Message):
    """Which Insights a trail has from a moment on; none: Insights are off."""

    since_ns: int = 0  #: calendar time of the call that put them
    types: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (InsightType, EventCategories)


class Facts(Protocol):
    """What a trail looks at in one record."""

    @property
    def time_ns(self) -> int:
        """When the event took place."""

    @property
    def account(self) -> str:
        """Who receives it."""

    @property
    def source(self) -> str:
        """The service that was called."""

    @property
    def name(self) -> str:
        """The action."""

    @property
    def read_only(self) -> bool:
        """Whether it changed nothing."""

    @property
    def management(self) -> bool:
        """Whether it is a management event."""

    @property
    def category(self) -> str:
        """Its eventCategory."""

    @property
    def event_type(self) -> str:
        """Its eventType."""

    @property
    def error_code(self) -> str:
        """Its errorCode, "" of a success."""

    @property
    def principal_arn(self) -> str:
        """Who called, as userIdentity.arn; "" of a service."""

    @property
    def invoked_by(self) -> str:
        """The service that called for him, or ""."""

    @property
    def console(self) -> bool:
        """Whether it came with a session of the management console."""

    @property
    def resources(self) -> tuple[tuple[str, str], ...]:
        """(type, ARN) of everything that it acted upon."""


def selected(selectors: Selectors, facts: Facts) -> bool:
    """Say whether a management, data or network activity event matches any of the selectors."""
    if selectors.advanced:
        return any(_holds(one, facts) for one in selectors.advanced)
    if facts.management:
        for basic in selectors.basic:
            wanted = basic.read if facts.read_only else basic.write
            if wanted and basic.management and facts.source not in basic.excluded_sources:
                return True
        return False
    return facts.category == DATA and any(_asks_data(one, facts) for one in selectors.basic)


def _asks_data(basic: BasicSelector, facts: Facts) -> bool:
    if not (basic.read if facts.read_only else basic.write):
        return False
    return any(
        kind == asked.kind and arn.startswith(asked.values)
        for asked in basic.data
        for kind, arn in facts.resources
    )


#: How the value of each field of an event is read from its record.
FIELDS: Final[dict[str, Callable[[Facts], str]]] = {
    "eventCategory": lambda facts: facts.category,
    "readOnly": lambda facts: "true" if facts.read_only else "false",
    "eventSource": lambda facts: facts.source,
    "eventName": lambda facts: facts.name,
    "eventType": lambda facts: facts.event_type,
    "errorCode": lambda facts: facts.error_code,
    "userIdentity.arn": lambda facts: facts.principal_arn,
    "sessionCredentialFromConsole": lambda facts: "true" if facts.console else "false",
    # No caller of the simulator comes through a VPC endpoint.
    "vpcEndpointId": lambda _: "",
}


#: Fields of one resource: its place in (type, ARN). Conditions on them speak of the same resource.
RESOURCE_FIELDS: Final = {"resources.type": 0, "resources.ARN": 1}


def _holds(selector: AdvancedSelector, facts: Facts) -> bool:
    of_resource: list[FieldSelector] = []
    for one in selector.fields:
        if one.field in RESOURCE_FIELDS:
            of_resource.append(one)
        elif not _meets(one, FIELDS[one.field](facts)):
            return False
    return not of_resource or any(
        all(_meets(one, resource[RESOURCE_FIELDS[one.field]]) for one in of_resource)
        for resource in facts.resources or (("", ""),)
    )


def _meets(one: FieldSelector, value: str) -> bool:
    """Say whether a value meets every operator of a condition.

    Of several values a positive operator needs one, and a negative operator none.
    """
    return not (
        (one.equals and value not in one.equals)
        or (one.starts_with and not value.startswith(one.starts_with))
        or (one.ends_with and not value.endswith(one.ends_with))
        or value in one.not_equals
        or (one.not_starts_with and value.startswith(one.not_starts_with))
        or (one.not_ends_with and value.endswith(one.not_ends_with))
    )
