"""Which event selectors a trail may have, and how they are shown again."""

from typing import Any

import pytest

from regions.api.shapes import check_request
from regions.errors import InvalidEventSelectorsException
from regions.trail.selector_rules import (
    read_advanced,
    read_basic,
    shown_advanced,
    shown_basic,
)
from regions.trail.selectors import AdvancedSelector, BasicSelector, DataResource, FieldSelector

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:shop"
TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"


def data(kind: str, *values: str) -> dict[str, Any]:
    return {"Type": kind, "Values": list(values)}


def fields(*conditions: tuple[str, dict[str, list[str]]]) -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": name, **operators} for name, operators in conditions]}


def category(name: str) -> tuple[str, dict[str, list[str]]]:
    return ("eventCategory", {"Equals": [name]})


OBJECTS = ("resources.type", {"Equals": ["AWS::S3::Object"]})


def refused_basic(*chosen: dict[str, Any]) -> str:
    with pytest.raises(InvalidEventSelectorsException) as caught:
        read_basic(chosen)
    return caught.value.message


def refused_advanced(*chosen: dict[str, Any]) -> str:
    check_request("cloudtrail", "PutEventSelectors", {"TrailName": "a", **_request(chosen)})
    with pytest.raises(InvalidEventSelectorsException) as caught:
        read_advanced(chosen)
    return caught.value.message


def _request(chosen: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": tuple(chosen)}


def test_basic_selectors_are_read_and_shown_whole() -> None:
    given = {
        "ReadWriteType": "WriteOnly",
        "IncludeManagementEvents": False,
        "DataResources": [
            data("AWS::S3::Object", "arn:aws:s3:::photos/", "arn:aws:s3:::photos/2026"),
            data("AWS::Lambda::Function", "arn:aws:lambda", FUNCTION),
            data("AWS::DynamoDB::Table", TABLE),
        ],
        "ExcludeManagementEventSources": ["rdsdata.amazonaws.com"],
    }
    (made,) = read_basic([given])
    assert made == BasicSelector(
        read=False,
        write=True,
        management=False,
        excluded_sources=("rdsdata.amazonaws.com",),
        data=(
            DataResource(
                kind="AWS::S3::Object",
                values=("arn:aws:s3:::photos/", "arn:aws:s3:::photos/2026"),
            ),
            DataResource(kind="AWS::Lambda::Function", values=("arn:aws:lambda", FUNCTION)),
            DataResource(kind="AWS::DynamoDB::Table", values=(TABLE,)),
        ),
    )
    assert shown_basic(made) == given


def test_an_empty_basic_selector_is_the_default() -> None:
    assert read_basic([{}]) == (BasicSelector(),)
    assert shown_basic(BasicSelector(write=False))["ReadWriteType"] == "ReadOnly"


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:s3:::*",
        "arn:aws:s3:::photos",
        "arn:aws:s3:::*/*",
        "arn:aws:lambda",
        "photos/2026",
    ],
)
def test_a_data_resource_needs_an_arn_of_its_type(value: str) -> None:
    given = {"DataResources": [data("AWS::S3::Object", value)]}
    assert refused_basic(given) == f"Value {value} for DataResources.Values is invalid."


def test_a_trail_has_one_to_five_basic_selectors() -> None:
    text = "Specify a valid number of selectors (1 to 5) for your trail."
    assert refused_basic() == text
    assert refused_basic(*[{}] * 6) == text
    assert len(read_basic([{}] * 5)) == 5


def test_all_basic_selectors_together_have_at_most_250_data_resources() -> None:
    values = [f"arn:aws:s3:::photos/{n}" for n in range(126)]
    half = {"DataResources": [data("AWS::S3::Object", *values[:125])]}
    more = {"DataResources": [data("AWS::S3::Object", *values)]}
    assert len(read_basic([half, half])) == 2
    assert refused_basic(half, more) == (
        "Specify a valid number of DataResources.Values (0 to 250) for all your selectors."
    )


def test_a_basic_selector_that_selects_nothing_is_refused() -> None:
    assert refused_basic({"IncludeManagementEvents": False}) == (
        "Invalid combination of parameters in EventSelectors. "
        "When includeManagementEvents is false, DataResources must not be empty."
    )


def test_other_types_and_sources_need_advanced_selectors() -> None:
    kind = "AWS::S3::AccessPoint"
    assert refused_basic({"DataResources": [data(kind, "arn:aws:s3")]}) == (
        "Value AWS::S3::AccessPoint for DataResources.Type is invalid."
    )
    assert refused_basic({"ExcludeManagementEventSources": ["s3.amazonaws.com"]}) == (
        "Invalid value for ExcludeManagementEventSources: s3.amazonaws.com"
    )


def test_advanced_selectors_are_read_and_shown_whole() -> None:
    given = {
        "Name": "photos that were put",
        **fields(
            category("Data"),
            OBJECTS,
            ("eventName", {"StartsWith": ["Put"], "NotEndsWith": ["Acl", "Tagging"]}),
            ("resources.ARN", {"NotStartsWith": ["arn:aws:s3:::private/"]}),
        ),
    }
    (made,) = read_advanced([given])
    assert made == AdvancedSelector(
        name="photos that were put",
        fields=(
            FieldSelector(field="eventCategory", equals=("Data",)),
            FieldSelector(field="resources.type", equals=("AWS::S3::Object",)),
            FieldSelector(
                field="eventName", starts_with=("Put",), not_ends_with=("Acl", "Tagging")
            ),
            FieldSelector(field="resources.ARN", not_starts_with=("arn:aws:s3:::private/",)),
        ),
    )
    assert shown_advanced(made) == given
    nameless = fields(category("Management"))
    assert shown_advanced(read_advanced([nameless])[0]) == nameless


CATEGORIES = (
    "Every advanced event selector must have the field eventCategory with Equals and one of these "
    "values: Data, Management, NetworkActivity."
)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ([OBJECTS], CATEGORIES),
        ([category("Insight")], CATEGORIES),
        ([("eventCategory", {"Equals": ["Data", "Management"]}), OBJECTS], CATEGORIES),
        (
            [category("Data")],
            "Field resources.type is required in advanced event selectors of category Data.",
        ),
        (
            [category("NetworkActivity")],
            (
                "Field eventSource is required in advanced event selectors of category "
                "NetworkActivity."
            ),
        ),
        (
            [category("Management"), ("eventName", {"Equals": ["Encrypt"]})],
            "Field eventName is not valid in advanced event selectors of category Management.",
        ),
        (
            [category("Data"), OBJECTS, ("colour", {"Equals": ["red"]})],
            "Field colour is not valid in advanced event selectors of category Data.",
        ),
        (
            [category("Data"), OBJECTS, ("readOnly", {"NotEquals": ["true"]})],
            "Equals is the only valid operator of the field readOnly.",
        ),
        (
            [category("Data"), ("resources.type", {"StartsWith": ["AWS::S3"]})],
            "Equals is the only valid operator of the field resources.type.",
        ),
        (
            [category("Data"), OBJECTS, ("readOnly", {"Equals": ["yes"]})],
            "Value yes of the field readOnly is not one of: false, true.",
        ),
        (
            [
                category("NetworkActivity"),
                ("eventSource", {"Equals": ["kms.amazonaws.com"]}),
                ("errorCode", {"Equals": ["AccessDenied"]}),
            ],
            "Value AccessDenied of the field errorCode is not one of: VpceAccessDenied.",
        ),
        (
            [category("Management"), ("eventSource", {"Equals": ["kms.amazonaws.com"]})],
            (
                "Field eventSource of management events takes NotEquals with kms.amazonaws.com or "
                "rdsdata.amazonaws.com only."
            ),
        ),
        (
            [category("Management"), category("Management")],
            "Field eventCategory stands more than once in one advanced event selector.",
        ),
        (
            [category("Data"), OBJECTS, ("eventName", {})],
            "Field eventName needs at least one operator with a value.",
        ),
    ],
)
def test_a_bad_condition_is_refused_by_its_field(
    conditions: list[tuple[str, dict[str, list[str]]]], message: str
) -> None:
    assert refused_advanced(fields(*conditions)) == message


def test_all_conditions_of_a_trail_together_have_at_most_500_values() -> None:
    def with_values(count: int) -> dict[str, Any]:
        names = [f"Put{n}" for n in range(count)]
        return fields(category("Data"), OBJECTS, ("eventName", {"Equals": names}))

    assert len(read_advanced([with_values(248), with_values(248)])) == 2
    assert refused_advanced(with_values(248), with_values(249)) == (
        "Specify a valid number of values (1 to 500) for all conditions of your advanced event "
        "selectors."
    )
    assert refused_advanced() == "Specify at least one advanced event selector."
