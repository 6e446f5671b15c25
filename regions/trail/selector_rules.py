"""Which event selectors a trail or an event data store may have: read, refused, and shown again.

What does not belong here: what selectors match (selectors.py) and when they hold (trails.py).
Source: CloudTrail API Reference, PutEventSelectors, EventSelector, DataResource,
AdvancedEventSelector and AdvancedFieldSelector. The texts on numbers, on values of data resources
and on a selector that selects nothing are the service's; the others are ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from regions.errors import InvalidEventSelectorsException
from regions.trail.selectors import (
    ACTIVITY,
    DATA,
    INSIGHT,
    MANAGEMENT,
    NETWORK,
    AdvancedSelector,
    BasicSelector,
    DataResource,
    FieldSelector,
)

#: Basic selectors of one trail, and data resources of all of them. Source: quotas.
BASIC_MAX: Final = 5
DATA_VALUES_MAX: Final = 250
#: Values of all conditions in all advanced selectors of one trail. Source: quotas.
ADVANCED_VALUES_MAX: Final = 500
#: Sources that can be left out of management events. Source: API Reference, EventSelector.
EXCLUDABLE: Final = ("kms.amazonaws.com", "rdsdata.amazonaws.com")

#: Resource types of basic selectors: what means all of them, and what one of them looks like.
_DATA_TYPES: Final[Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "AWS::S3::Object": (
        re.compile(r"arn:aws[a-z-]*:s3(:::)?"),
        re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.*", re.DOTALL),
    ),
    "AWS::Lambda::Function": (
        re.compile(r"arn:aws[a-z-]*:lambda"),
        re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[\w:$-]+"),
    ),
    "AWS::DynamoDB::Table": (
        re.compile(r"arn:aws[a-z-]*:dynamodb"),
        re.compile(r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[\w.-]+"),
    ),
}

#: Operators of a condition: the API's member and ours.
OPERATORS: Final[Mapping[str, str]] = {
    "Equals": "equals",
    "StartsWith": "starts_with",
    "EndsWith": "ends_with",
    "NotEquals": "not_equals",
    "NotStartsWith": "not_starts_with",
    "NotEndsWith": "not_ends_with",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """What an advanced selector of one event category may and must say."""

    fields: frozenset[str]
    required: frozenset[str] = frozenset()
    leaves_out: bool = False  #: eventSource takes NotEquals with one of EXCLUDABLE only


#: Event category to the rules of a trail. Source: API Reference, AdvancedEventSelector.
TRAIL_FIELDS: Final[Mapping[str, FieldRules]] = {
    MANAGEMENT: FieldRules(
        fields=frozenset({"eventCategory", "eventSource", "readOnly"}), leaves_out=True
    ),
    DATA: FieldRules(
        fields=frozenset(
            {
                "eventCategory",
                "eventName",
                "eventSource",
                "eventType",
                "readOnly",
                "resources.ARN",
                "resources.type",
                "sessionCredentialFromConsole",
                "userIdentity.arn",
            }
        ),
        required=frozenset({"resources.type"}),
    ),
    NETWORK: FieldRules(
        fields=frozenset(
            {"errorCode", "eventCategory", "eventName", "eventSource", "vpcEndpointId"}
        ),
        required=frozenset({"eventSource"}),
    ),
}
_ONLY_CATEGORY: Final = FieldRules(fields=frozenset({"eventCategory"}))
#: Event category to the rules of an event data store. Source: the same, and User Guide, "Filter
#: management events by using advanced event selectors".
STORE_FIELDS: Final[Mapping[str, FieldRules]] = {
    **TRAIL_FIELDS,
    MANAGEMENT: FieldRules(
        fields=TRAIL_FIELDS[MANAGEMENT].fields
        | {"eventName", "eventType", "sessionCredentialFromConsole", "userIdentity.arn"}
    ),
    INSIGHT: _ONLY_CATEGORY,
    ACTIVITY: _ONLY_CATEGORY,
}

#: Fields that only Equals can test. Source: API Reference, AdvancedFieldSelector, Equals.
_EQUALS_ONLY: Final = frozenset({"eventCategory", "readOnly", "resources.type"})
#: The values that some fields can have. Source: API Reference, AdvancedFieldSelector, Field.
_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "readOnly": frozenset({"true", "false"}),
    "errorCode": frozenset({"VpceAccessDenied"}),
    "sessionCredentialFromConsole": frozenset({"true", "false"}),
}


def read_basic(chosen: Sequence[Mapping[str, Any]]) -> tuple[BasicSelector, ...]:
    """Return basic selectors as the API gives them.

    Raises:
      InvalidEventSelectorsException: their number, their combination or a value is not allowed.
    """
    if not 1 <= len(chosen) <= BASIC_MAX:
        raise InvalidEventSelectorsException(
            f"Specify a valid number of selectors (1 to {BASIC_MAX}) for your trail."
        )
    selectors = tuple(_basic(one) for one in chosen)
    if sum(len(data.values) for one in selectors for data in one.data) > DATA_VALUES_MAX:
        raise InvalidEventSelectorsException(
            f"Specify a valid number of DataResources.Values (0 to {DATA_VALUES_MAX}) "
            "for all your selectors."
        )
    return selectors


def _basic(one: Mapping[str, Any]) -> BasicSelector:
    excluded = tuple(one.get("ExcludeManagementEventSources") or ())
    for source in excluded:
        if source not in EXCLUDABLE:
            raise InvalidEventSelectorsException(
                f"Invalid value for ExcludeManagementEventSources: {source}"
            )
    data = tuple(_data(resource) for resource in one.get("DataResources") or ())
    management = one.get("IncludeManagementEvents", True)
    if not management and not data:
        raise InvalidEventSelectorsException(
            "Invalid combination of parameters in EventSelectors. "
            "When includeManagementEvents is false, DataResources must not be empty."
        )
    kind = one.get("ReadWriteType", "All")
    return BasicSelector(
        read=kind != "WriteOnly",
        write=kind != "ReadOnly",
        management=management,
        excluded_sources=excluded,
        data=data,
    )


def _data(resource: Mapping[str, Any]) -> DataResource:
    kind, values = resource.get("Type", ""), tuple(resource.get("Values") or ())
    patterns = _DATA_TYPES.get(kind)
    if patterns is None:
        raise InvalidEventSelectorsException(f"Value {kind} for DataResources.Type is invalid.")
    for value in values:
        if not any(pattern.fullmatch(value) for pattern in patterns):
            raise InvalidEventSelectorsException(
                f"Value {value} for DataResources.Values is invalid."
            )
    return DataResource(kind=kind, values=values)


def read_advanced(
    chosen: Sequence[Mapping[str, Any]], rules: Mapping[str, FieldRules] = TRAIL_FIELDS
) -> tuple[AdvancedSelector, ...]:
    """Return advanced selectors as the API gives them.

    Args:
      chosen: AdvancedEventSelectors of a request.
      rules: event category to what its selectors may say; a trail's own unless given.

    Raises:
      InvalidEventSelectorsException: a field, an operator or a value is not allowed, a required
        field is missing, or there are more than 500 values.
    """
    if not chosen:
        raise InvalidEventSelectorsException("Specify at least one advanced event selector.")
    selectors = tuple(
        AdvancedSelector(
            name=one.get("Name", ""), fields=tuple(_field(f) for f in one["FieldSelectors"])
        )
        for one in chosen
    )
    count = sum(
        len(getattr(f, operator))
        for one in selectors
        for f in one.fields
        for operator in OPERATORS.values()
    )
    if count > ADVANCED_VALUES_MAX:
        raise InvalidEventSelectorsException(
            f"Specify a valid number of values (1 to {ADVANCED_VALUES_MAX}) "
            "for all conditions of your advanced event selectors."
        )
    for one in selectors:
        _check_advanced(one, rules)
    return selectors


def _field(condition: Mapping[str, Any]) -> FieldSelector:
    values = {ours: tuple(condition.get(member) or ()) for member, ours in OPERATORS.items()}
    if not any(values.values()):
        raise InvalidEventSelectorsException(
            f"Field {condition['Field']} needs at least one operator with a value."
        )
    return FieldSelector(field=condition["Field"], **values)


def _check_advanced(selector: AdvancedSelector, rules: Mapping[str, FieldRules]) -> None:
    named = [one.field for one in selector.fields]
    for field in named:
        if named.count(field) > 1:
            raise InvalidEventSelectorsException(
                f"Field {field} stands more than once in one advanced event selector."
            )
    category = selector.category
    if category not in rules:
        allowed = ", ".join(sorted(rules))
        raise InvalidEventSelectorsException(
            "Every advanced event selector must have the field eventCategory with Equals "
            f"and one of these values: {allowed}."
        )
    rule = rules[category]
    for missing in sorted(rule.required.difference(named)):
        raise InvalidEventSelectorsException(
            f"Field {missing} is required in advanced event selectors of category {category}."
        )
    for one in selector.fields:
        if one.field not in rule.fields:
            raise InvalidEventSelectorsException(
                f"Field {one.field} is not valid in advanced event selectors "
                f"of category {category}."
            )
        _check_operators(one)
    if rule.leaves_out:
        _check_left_out(selector)


def _check_operators(one: FieldSelector) -> None:
    used = {ours for ours in OPERATORS.values() if getattr(one, ours)}
    if one.field in _EQUALS_ONLY and used != {"equals"}:
        raise InvalidEventSelectorsException(
            f"Equals is the only valid operator of the field {one.field}."
        )
    allowed = _VALUES.get(one.field)
    if allowed is None:
        return
    for value in (*one.equals, *one.not_equals):
        if value not in allowed:
            raise InvalidEventSelectorsException(
                f"Value {value} of the field {one.field} is not one of: "
                f"{', '.join(sorted(allowed))}."
            )


def _check_left_out(selector: AdvancedSelector) -> None:
    """Refuse conditions on sources of management events other than leaving out the two that may be.

    Source: API Reference, AdvancedFieldSelector, eventSource.
    """
    for one in selector.fields:
        if one.field != "eventSource":
            continue
        used = {ours for ours in OPERATORS.values() if getattr(one, ours)}
        if used != {"not_equals"} or not set(one.not_equals) <= set(EXCLUDABLE):
            raise InvalidEventSelectorsException(
                "Field eventSource of management events takes NotEquals with "
                f"{' or '.join(EXCLUDABLE)} only."
            )


def shown_basic(one: BasicSelector) -> dict[str, Any]:
    """Return a basic selector as the API shows it."""
    kind = "All" if one.read and one.write else "ReadOnly"
    if not one.read:
        kind = "WriteOnly"
    return {
        "ReadWriteType": kind,
        "IncludeManagementEvents": one.management,
        "DataResources": [{"Type": d.kind, "Values": list(d.values)} for d in one.data],
        "ExcludeManagementEventSources": list(one.excluded_sources),
    }


def shown_advanced(one: AdvancedSelector) -> dict[str, Any]:
    """Return an advanced selector as the API shows it."""
    fields = [
        {"Field": f.field}
        | {m: list(getattr(f, ours)) for m, ours in OPERATORS.items() if getattr(f, ours)}
        for f in one.fields
    ]
    name = {"Name": one.name} if one.name else {}
    return {**name, "FieldSelectors": fields}
