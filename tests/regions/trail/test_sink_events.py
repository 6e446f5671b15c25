"""EventBridge as a sink of trails: which events reach a rule, once by event id."""

import json
from dataclasses import replace
from typing import Any

import pytest
from outlets import ACCOUNT, ROLE, ROOT, WEST, Outlets, outlets

from regions.faults import FAULTS
from regions.trail.record import AuditRecord
from regions.trail.sinks.events import service_event
from sim.plan import Plan
from sim.units import days, minutes

EAST = "us-east-1"
RECORD = AuditRecord(
    event_id="00000001-0000-4000-8000-000000000000", request_id="", time_ns=1_767_225_600 * 10**9,
    source="kms.amazonaws.com", name="Encrypt", region=EAST, principal=ROOT,
    source_ip="192.0.2.1", user_agent="test",
)  # fmt: skip


def rule(
    town: Outlets,
    region: str = EAST,
    state: str = "ENABLED",
    source: Any = "aws.cloudtrail",
) -> str:
    """Send what matches to a log group of its own."""
    town.call("logs", "CreateLogGroup", region, logGroupName="/events/seen")
    allow = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*",
        },
    }  # fmt: skip
    given = {"policyName": "events", "policyDocument": json.dumps(allow)}
    town.call("logs", "PutResourcePolicy", region, **given)
    text = json.dumps({"source": [source]})
    town.call("events", "PutRule", region, Name="seen", EventPattern=text, State=state)
    arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/events/seen"
    town.call("events", "PutTargets", region, Rule="seen", Targets=({"Id": "1", "Arn": arn},))
    return "/events/seen"


def seen(town: Outlets, region: str = EAST) -> list[Any]:
    page = town.call("logs", "FilterLogEvents", region, logGroupName="/events/seen")
    return [json.loads(event["message"]) for event in page["events"]]


def names(town: Outlets, region: str = EAST) -> list[str]:
    return [event["detail"]["eventName"] for event in seen(town, region)]


def test_an_event_is_on_the_bus_of_the_region_of_its_call() -> None:
    with outlets(EAST, WEST) as town:
        for region in (EAST, WEST):
            rule(town, region, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
        town.trail(bucket=town.bucket())
        town.call("cloudtrail", "DescribeTrails", WEST)
        town.world.run_for(minutes(3))
        assert names(town) == ["StartLogging"]
        assert names(town, WEST) == ["DescribeTrails"]
        (event,) = seen(town)
        assert event.keys() == {
            "version", "id", "detail-type", "source", "account", "time", "region", "resources",
            "detail",
        }  # fmt: skip
        assert (event["detail-type"], event["source"], event["account"], event["region"]) == (
            "AWS API Call via CloudTrail", "aws.cloudtrail", ACCOUNT, EAST,
        )  # fmt: skip
        assert event["time"] == event["detail"]["eventTime"]


def test_a_rule_sees_events_that_change_nothing_only_if_it_says_so() -> None:
    with outlets() as town:
        rule(town)
        town.trail(bucket=town.bucket())
        town.call("cloudtrail", "DescribeTrails")
        town.world.run_for(minutes(3))
        assert names(town) == ["StartLogging"]
        rule_state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        town.call("events", "PutRule", Name="seen", State=rule_state,
                  EventPattern='{"source": ["aws.cloudtrail"]}')  # fmt: skip
        assert town.call("events", "DescribeRule", Name="seen")["State"] == rule_state
        town.call("cloudtrail", "DescribeTrails")
        town.world.run_for(minutes(3))
        assert names(town) == ["StartLogging", "DescribeTrails"]


def test_there_are_no_events_without_a_trail_that_logs() -> None:
    with outlets() as town:
        rule(town, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
        town.trail(bucket=town.bucket())
        town.call("cloudtrail", "StopLogging", Name="main")
        town.call("cloudtrail", "DescribeTrails")
        town.world.run_for(minutes(3))
        assert names(town) == ["StartLogging", "StopLogging"]


def test_the_same_event_ids_are_in_bucket_group_and_bus() -> None:
    """CT-20: one log group and event rules beside S3; the same event ids in the three sinks."""
    with outlets() as town:
        town.role()
        state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        rule(town, state=state, source={"prefix": "aws."})
        town.trail(bucket=town.bucket(), CloudWatchLogsLogGroupArn=town.group(), CloudWatchLogsRoleArn=ROLE)
        for _ in range(3):
            town.call("cloudtrail", "DescribeTrails")
            town.world.run_for(minutes(4))
        town.world.run_for(minutes(40))
        bused = {event["detail"]["eventID"] for event in seen(town)}
        assert len(bused) >= 4
        assert bused == town.in_bucket().keys() == town.in_group().keys()


def test_events_wait_for_a_bus_that_is_away_and_survive_a_power_cut() -> None:
    with outlets() as town:
        rule(town)
        town.trail(bucket=town.bucket())
        world = town.world
        Plan.parse([f"crash {EAST}/events for 1h", f"at 20m crash {EAST}/trail for 1s"], FAULTS).schedule(
            world, world.now_ns, days(1), FAULTS
        )  # fmt: skip
        world.run_for(minutes(90))
        assert names(town) == ["StartLogging"]


@pytest.mark.parametrize(
    ("event_type", "detail_type", "source"),
    [
        ("AwsApiCall", "AWS API Call via CloudTrail", "aws.kms"),
        ("AwsServiceEvent", "AWS Service Event via CloudTrail", "aws.kms"),
        ("AwsConsoleSignIn", "AWS Console Sign In via CloudTrail", "aws.kms"),
        ("AwsConsoleAction", "AWS Console Action via CloudTrail", "aws.kms"),
        ("AwsCloudTrailInsight", "AWS Insight via CloudTrail", "aws.cloudtrail"),
    ],
)
def test_the_detail_type_says_what_kind_of_event_it_is(
    event_type: str, detail_type: str, source: str
) -> None:
    event = service_event(replace(RECORD, event_type=event_type))
    assert (event.detail_type, event.source) == (detail_type, source)
