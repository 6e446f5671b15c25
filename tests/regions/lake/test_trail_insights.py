"""Insights of a trail: delivered, looked up, listed; and the whole of LookupEvents (CT-12)."""

import json
from typing import Any

import pytest
from lakeside import ACCOUNT, HOME, Lakeside

from regions.bucket import GetObject, ListObjects
from regions.errors import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidMaxResultsException,
    InvalidNextTokenException,
    InvalidParameterException,
    InvalidTimeRangeException,
)
from regions.trail.record import Resource
from sim.units import NS_PER_SECOND, days, minutes, seconds


def watched(lake: Lakeside) -> None:
    """Make a trail with Insights, and let enough of a baseline pass."""
    lake.bucket("logs")
    lake.call("CreateTrail", Name="audit", S3BucketName="logs")
    lake.call("StartLogging", Name="audit")
    lake.call(
        "PutInsightSelectors", TrailName="audit",
        InsightSelectors=[
            {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"},
        ],
    )  # fmt: skip
    lake.world.run_for(days(2))


def burst(lake: Lakeside, count: int = 20, **members: Any) -> None:
    records = (lake.record("CreateGrant", read_only=False, **members) for _ in range(count))
    lake.publish(*records)


def insights(lake: Lakeside, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.call("LookupEvents", EventCategory="insight", **query)[
        "Events"
    ]
    return found


def test_insights_of_a_trail_are_looked_up_listed_and_delivered(lake: Lakeside) -> None:
    watched(lake)
    burst(lake, error_code="AccessDenied")
    lake.world.run_for(minutes(30))
    found = insights(lake)
    states = [
        (each["EventName"], json.loads(each["CloudTrailEvent"])["insightDetails"]["state"])
        for each in found
    ]
    assert sorted(states) == [("CreateGrant", "End")] * 2 + [("CreateGrant", "Start")] * 2
    arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/audit"
    listed = lake.call("ListInsightsData", InsightSource=arn, DataType="InsightsEvents")["Events"]
    assert listed == found
    assert lake.call(
        "ListInsightsData", InsightSource=arn, DataType="InsightsEvents",
        Dimensions={"EventName": "Nothing"},
    )["Events"] == []  # fmt: skip
    prefix = f"AWSLogs/{ACCOUNT}/CloudTrail-Insight/{HOME}/"
    keys = lake.world.ask(f"{HOME}/bucket", ListObjects(bucket="logs", prefix=prefix)).objects
    records = [
        record
        for entry in keys
        for record in json.loads(
            lake.world.ask(f"{HOME}/bucket", GetObject(bucket="logs", key=entry.key)).body
        )["Records"]
    ]
    assert sorted(record["eventID"] for record in records) == sorted(e["EventId"] for e in found)
    plain = lake.call("LookupEvents", LookupAttributes=[
        {"AttributeKey": "EventName", "AttributeValue": "CreateGrant"}
    ])["Events"]  # fmt: skip
    assert {json.loads(each["CloudTrailEvent"])["eventCategory"] for each in plain} == {
        "Management"
    }


def test_a_trail_with_error_insights_alone_gets_no_others(lake: Lakeside) -> None:
    watched(lake)
    lake.call(
        "PutInsightSelectors", TrailName="audit",
        InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}],
    )  # fmt: skip
    lake.world.run_for(minutes(2))
    burst(lake)
    lake.world.run_for(minutes(30))
    prefix = f"AWSLogs/{ACCOUNT}/CloudTrail-Insight/"
    assert lake.world.ask(f"{HOME}/bucket", ListObjects(bucket="logs", prefix=prefix)).objects == ()
    assert insights(lake) == []


def test_calls_in_each_period_are_counted_from_history(lake: Lakeside) -> None:
    watched(lake)
    begin = lake.world.calendar_ns // NS_PER_SECOND // 60 * 60 + 60
    lake.world.run_for(begin * NS_PER_SECOND - lake.world.calendar_ns)
    burst(lake, 3)
    lake.world.run_for(minutes(2))
    burst(lake, 2)
    query = {
        "EventSource": "kms.amazonaws.com", "EventName": "CreateGrant",
        "InsightType": "ApiCallRateInsight", "StartTime": begin, "EndTime": begin + 180,
    }  # fmt: skip
    found = lake.call("ListInsightsMetricData", **query)
    assert (found["Timestamps"], found["Values"]) == ([begin, begin + 120], [3.0, 2.0])
    filled = lake.call(
        "ListInsightsMetricData", TrailName="audit", DataType="FillWithZeros", **query
    )
    assert (filled["Values"], filled["TrailARN"].rpartition("/")[2]) == ([3.0, 0.0, 2.0], "audit")
    with pytest.raises(InvalidParameterException, match="ApiErrorRateInsight needs an ErrorCode"):
        lake.call("ListInsightsMetricData", **{**query, "InsightType": "ApiErrorRateInsight"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("EventName", "Encrypt"),
        ("ReadOnly", "false"),
        ("Username", "eve"),
        ("ResourceType", "AWS::S3::Bucket"),
        ("ResourceName", "arn:aws:s3:::b"),
        ("EventSource", "s3.amazonaws.com"),
        ("AccessKeyId", "AKIAEVE"),
        ("EventId", "00000000-0000-4000-8000-000000000002"),
    ],
)
def test_each_of_eight_attributes_finds_its_events(lake: Lakeside, key: str, value: str) -> None:
    # CT-12: search.
    first = lake.record("Encrypt")
    other = lake.record("CreateBucket")
    eve = type(other.principal)(
        kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/eve", user_name="eve",
        access_key_id="AKIAEVE",
    )  # fmt: skip
    thing = Resource(arn="arn:aws:s3:::b", account=ACCOUNT, kind="AWS::S3::Bucket")
    second = lake.record(
        "CreateBucket", event_id=other.event_id, source="s3.amazonaws.com", read_only=False,
        principal=eve, resources=(thing,),
    )  # fmt: skip
    lake.publish(first, second)
    found = lake.call(
        "LookupEvents", LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}]
    )["Events"]
    expected = first if key == "EventName" else second
    assert [each["EventId"] for each in found] == [expected.event_id]


def test_pages_of_history_go_back_in_time_without_gaps(lake: Lakeside) -> None:
    lake.publish(*(lake.record(f"N{number:03}") for number in range(120)))
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = lake.call("LookupEvents", LookupAttributes=[
            {"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"}
        ], **token)  # fmt: skip
        assert len(page["Events"]) <= 50
        names += [each["EventName"] for each in page["Events"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [f"N{number:03}" for number in reversed(range(120))]


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        (
            {"MaxResults": 51}, InvalidMaxResultsException,
            "A max results value of 51 is invalid. Specify max results between 1 and 50.",
        ),
        (
            {"MaxResults": 0}, InvalidMaxResultsException,
            "A max results value of 0 is invalid. Specify max results between 1 and 50.",
        ),
        (
            {"EventCategory": "data"}, InvalidEventCategoryException,
            "Event category data is invalid. The only valid value is insight.",
        ),
        (
            {"StartTime": 2, "EndTime": 1}, InvalidTimeRangeException,
            "The start time must be earlier than the end time.",
        ),
        (
            {"LookupAttributes": [{"AttributeKey": "EventId", "AttributeValue": "x"}] * 2},
            InvalidLookupAttributesException,
            "You can specify only one lookup attribute at a time.",
        ),
        ({"NextToken": "zzzz"}, InvalidNextTokenException, "Invalid pagination token."),
    ],
)  # fmt: skip
def test_a_look_up_that_makes_no_sense_is_refused(
    lake: Lakeside, parameters: dict[str, Any], error: type[Any], text: str
) -> None:
    with pytest.raises(error) as caught:
        lake.call("LookupEvents", **parameters)
    assert caught.value.message == text


def test_an_event_is_found_for_ninety_days_to_the_second(lake: Lakeside) -> None:
    # CT-15: view, search and download, past 90 days.
    lake.publish(lake.record("Encrypt"))
    sought = [{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}]
    (event,) = lake.call("LookupEvents", LookupAttributes=sought)["Events"]
    end_ns = (event["EventTime"] + 90 * 86_400) * NS_PER_SECOND
    lake.world.run_for(end_ns - lake.world.calendar_ns)
    assert len(lake.call("LookupEvents", LookupAttributes=sought)["Events"]) == 1
    lake.world.run_for(seconds(1))
    assert lake.call("LookupEvents", LookupAttributes=sought)["Events"] == []
