"""Insights: minutes that stand out from a week of baseline, found with bounded memory."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.trail.insights import (
    ATTRIBUTIONS_MAX,
    BASELINE_MINUTES,
    MINUTE_NS,
    SERIES_MAX,
    Call,
    Insight,
    Watch,
    ids,
    is_unusual,
    to_text,
)
from regions.trail.selectors import CALL_RATE, ERROR_RATE

#: Minute at which the stories begin, at the start of a day.
DAY = 20_000 * 1440


def call(minute: int, name: str = "RunInstances", **members: Any) -> Call:
    usual: dict[str, Any] = {
        "source": "ec2.amazonaws.com", "read_only": False, "error_code": "",
        "principal_arn": "arn:bob", "user_agent": "sdk",
    }  # fmt: skip
    return Call(time_ns=minute * MINUTE_NS, name=name, **{**usual, **members})


def watch(*counts: tuple[int, int], since: int = 0, **members: Any) -> tuple[Watch, list[Insight]]:
    """Return a watch that has seen so many calls in some minutes, and what it has found."""
    made = Watch(since_ns=since * MINUTE_NS)
    found: list[Insight] = []
    for minute, count in counts:
        for _ in range(count):
            made.add(call(minute, **members))
        found += made.judge(minute)
    return made, found


def test_an_insight_starts_with_an_unusual_minute_and_ends_with_a_usual_one() -> None:
    # Goal: the whole of insightDetails of both records. Method: a quiet week, then a burst of two
    # minutes by two callers.
    made = Watch(since_ns=0)
    for hour in range(168):
        made.add(call(DAY + hour * 60))
    burst = DAY + 168 * 60 + 5
    for minute in (burst, burst + 1):
        for number in range(20):
            made.add(call(minute, principal_arn="arn:eve" if number % 4 else "arn:bob"))
    made.add(call(burst + 2))
    start, end = made.judge(burst + 3)
    baseline = round(168 / BASELINE_MINUTES, 10)
    assert (start.minute, end.minute, end.start) == (burst, burst + 2, burst)
    assert start.details == {
        "state": "Start",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "insightType": CALL_RATE,
        "insightContext": {
            "statistics": {
                "baseline": {"average": baseline},
                "insight": {"average": 20.0},
                "baselineDuration": BASELINE_MINUTES,
            },
            "attributions": [
                {
                    "attribute": "userIdentityArn",
                    "insight": [
                        {"value": "arn:eve", "average": 15.0}, {"value": "arn:bob", "average": 5.0},
                    ],
                    "baseline": [{"value": "arn:bob", "average": baseline}],
                },
                {
                    "attribute": "userAgent",
                    "insight": [{"value": "sdk", "average": 20.0}],
                    "baseline": [{"value": "sdk", "average": baseline}],
                },
                {
                    "attribute": "errorCode",
                    "insight": [{"value": "null", "average": 20.0}],
                    "baseline": [{"value": "null", "average": baseline}],
                },
            ],
        },
    }  # fmt: skip
    assert end.details["state"] == "End"
    assert end.details["insightContext"]["statistics"]["insightDuration"] == 2


def test_errors_are_counted_by_code_and_reads_only_by_their_errors() -> None:
    _, found = watch(
        (DAY, 30), (DAY + 2, 1), read_only=True, error_code="AccessDenied", name="DescribeX"
    )
    start, _ = found
    assert (start.subject.kind, start.details["errorCode"]) == (ERROR_RATE, "AccessDenied")
    attributions = start.details["insightContext"]["attributions"]
    assert [each["attribute"] for each in attributions] == ["userIdentityArn", "userAgent"]


def test_the_baseline_is_the_week_before_and_not_what_is_older() -> None:
    # 12 calls a minute are unusual after a quiet week, even if there were many before that.
    week = BASELINE_MINUTES
    old = [(DAY + minute, 12) for minute in range(600)]
    _, found = watch(*old, (DAY + 600 + week + 60, 12), (DAY + 600 + week + 70, 1))
    assert [each.minute for each in found if each.started] == [DAY, DAY + 600 + week + 60]


def test_no_insight_starts_before_there_is_enough_of_a_baseline() -> None:
    _, found = watch((DAY, 50), (DAY + 5, 1), (DAY + 10, 50), (DAY + 15, 1), since=DAY + 10)
    assert [each.minute for each in found if each.started] == [DAY + 10]


def test_records_say_what_the_service_says_of_insights() -> None:
    _, (start, end) = watch((DAY, 30), (DAY + 2, 1))
    event = json.loads(to_text(start, "111122223333", "us-east-1"))
    assert list(event) == [
        "eventVersion", "eventTime", "awsRegion", "eventID", "eventType", "recipientAccountId",
        "sharedEventID", "insightDetails", "eventCategory",
    ]  # fmt: skip
    assert (event["eventType"], event["eventCategory"], event["eventTime"]) == (
        "AwsCloudTrailInsight", "Insight", "2024-10-04T00:00:00Z",
    )  # fmt: skip
    ended = json.loads(to_text(end, "111122223333", "us-east-1"))
    assert ended["sharedEventID"] == event["sharedEventID"]
    assert ended["eventID"] != event["eventID"]


def test_an_insight_that_is_found_again_has_the_same_ids() -> None:
    story = [(DAY, 30), (DAY + 2, 1)]
    first, again = watch(*story)[1], watch(*story)[1]
    made = [[ids(each, "1", "us-east-1") for each in found] for found in (first, again)]
    assert made[0] == made[1]
    assert len({each for pair in made[0] for each in pair}) == 3


def test_attributions_show_the_five_most_frequent() -> None:
    made = Watch(since_ns=0)
    for number in range(9):
        for _ in range(10 + number):
            made.add(call(DAY, principal_arn=f"arn:{number}"))
    (start,) = made.judge(DAY + 1)
    shown = start.details["insightContext"]["attributions"][0]["insight"]
    assert [each["value"] for each in shown] == [f"arn:{n}" for n in (8, 7, 6, 5, 4)]
    assert len(shown) == ATTRIBUTIONS_MAX


def test_more_actions_than_are_watched_are_left_alone() -> None:
    made = Watch(since_ns=0)
    for number in range(SERIES_MAX + 1):
        made.add(call(DAY, name=f"N{number}"))
    for _ in range(50):
        made.add(call(DAY, name=f"N{SERIES_MAX}"))
    assert made.judge(DAY + 1) == []


def test_nothing_is_due_when_all_is_quiet() -> None:
    made, _ = watch((DAY, 5))
    assert made.due() == DAY
    assert made.judge(DAY + 1) == []
    assert made.due() is None
    for _ in range(30):
        made.add(call(DAY + 5))
    made.judge(DAY + 6)
    assert made.due() == DAY + 6
    made.judge(DAY + 7)
    assert made.due() is None


def test_an_event_of_a_judged_minute_counts_for_later_baselines_only() -> None:
    made, _ = watch((DAY, 5))
    made.judge(DAY + 1)
    for _ in range(50):
        made.add(call(DAY))
    assert (made.due(), made.judge(DAY + 10)) == (None, [])


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12),
    st.lists(st.integers(1, 50), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_starts_and_ends_alternate_however_often_one_looks(
    counts: list[tuple[int, int]], looks: list[int]
) -> None:
    # Laws: each Start of an action is followed by its End before its next Start; a Start's minute
    # is unusual; looking more often finds the same.
    story = sorted(counts)
    once, often = Watch(since_ns=0), Watch(since_ns=0)
    for minute, count in story:
        for _ in range(count):
            once.add(call(DAY + minute))
    found = once.judge(DAY + 100)
    seen: list[Insight] = []
    times = sorted(set(looks))
    for minute, count in story:
        while times and times[0] <= minute:
            seen += often.judge(DAY + times.pop(0))
        for _ in range(count):
            often.add(call(DAY + minute))
    seen += often.judge(DAY + 100)
    assert [(each.minute, each.started) for each in seen] == [
        (each.minute, each.started) for each in found
    ]
    assert [each.started for each in found] == [place % 2 == 0 for place in range(len(found))]
    totals: dict[int, int] = {}
    for minute, count in story:
        totals[DAY + minute] = totals.get(DAY + minute, 0) + count
    assert all(is_unusual(totals[each.minute], 0) for each in found if each.started)


@pytest.mark.parametrize(
    ("count", "baseline", "unusual"),
    [(9, 0, False), (10, 0, True), (30, 10, False), (31, 10, True), (4, 0.01, False)],
)
def test_a_minute_is_unusual_by_the_written_rule(
    count: int, baseline: float, unusual: bool
) -> None:
    assert is_unusual(count, baseline) is unusual
