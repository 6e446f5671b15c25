"""The log group of a trail: each record once by event id, in the name of a role."""

import json
from dataclasses import replace

import pytest
from outlets import ACCOUNT, ROLE, ROOT, WEST, Outlets, outlets

from regions.faults import FAULTS
from regions.trail.kept import Kept, kept
from regions.trail.messages import RECORD_CODEC
from regions.trail.record import AuditRecord
from regions.trail.sinks import logs
from regions.trail.sinks.logs import BATCH_EVENTS_MAX, fit, stream_name
from regions.trail.trails import TrailSettings
from sim.plan import Plan
from sim.units import NS_PER_SECOND, days, minutes

EAST = "us-east-1"
START_NS = 1_767_225_600 * NS_PER_SECOND


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a month of failures take few tries, for the sake of the clock on the wall."""
    monkeypatch.setattr(logs, "pause_ns", lambda _failures: minutes(720))


def logged(town: Outlets, **more: str) -> str:
    """Make a trail with a log group; return its ARN."""
    return town.trail(
        bucket=town.bucket(), CloudWatchLogsLogGroupArn=town.group(), CloudWatchLogsRoleArn=ROLE, **more
    )


def test_one_group_takes_the_events_of_all_regions() -> None:
    """CT-29: one bucket and one log group of the home region take the events of all regions."""
    with outlets(EAST, WEST) as town:
        town.role()
        logged(town)
        town.call("cloudtrail", "DescribeTrails", WEST)
        town.world.run_for(minutes(40))
        delivered, written = town.in_bucket(), town.in_group()
        assert written == delivered
        assert {"DescribeTrails", "StartLogging"} <= set(written.values())
        (stream,) = town.call("logs", "DescribeLogStreams", logGroupName="trail")["logStreams"]
        assert stream["logStreamName"] == f"{ACCOUNT}_CloudTrail_{EAST}"


def test_events_are_written_by_a_session_of_the_role() -> None:
    with outlets() as town:
        town.role()
        logged(town)
        town.world.run_for(minutes(10))
        (lent,) = town.recorded(EAST, "AssumeRole")
        assert lent.principal.invoked_by == "cloudtrail.amazonaws.com"
        assert lent.request_parameters == {
            "roleArn": ROLE, "roleSessionName": "CLOUDWATCH_LOGS_DELIVERY_SESSION",
        }  # fmt: skip
        (made,) = town.recorded(EAST, "CreateLogStream")
        assert made.principal.kind == "AssumedRole"
        assert made.principal.issuer_arn == ROLE


def test_a_role_that_may_not_write_shows_in_the_status_and_loses_nothing() -> None:
    with outlets() as town:
        town.role("logs:CreateLogStream")
        logged(town)
        town.world.run_for(minutes(20))
        assert town.status()["LatestCloudWatchLogsDeliveryError"] == "AccessDenied"
        assert town.in_group() == {}
        town.let_write("logs:CreateLogStream", "logs:PutLogEvents")
        town.world.run_for(minutes(40))
        status = town.status()
        assert "LatestCloudWatchLogsDeliveryError" not in status
        assert "LatestCloudWatchLogsDeliveryTime" in status
        assert town.in_bucket().items() <= town.in_group().items()


def test_what_came_before_the_group_was_named_is_not_written() -> None:
    with outlets() as town:
        town.role()
        arn = town.trail(bucket=town.bucket())
        town.call("cloudtrail", "DescribeTrails")
        group = town.group()
        town.world.run_for(minutes(1))
        town.amend(
            arn, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=ROLE
        )
        town.call("cloudtrail", "GetTrailStatus", Name="main")
        town.world.run_for(minutes(20))
        written = list(town.in_group().values())
        assert "GetTrailStatus" in written
        assert "DescribeTrails" not in written


def test_a_power_cut_of_the_trail_loses_nothing_that_waits() -> None:
    with outlets() as town:
        town.role()
        logged(town)
        town.world.run_for(minutes(2))
        town.world.crash(f"{EAST}/trail")
        town.world.restart(f"{EAST}/trail")
        town.world.run_for(minutes(40))
        assert "StartLogging" in town.in_group().values()
        assert town.in_bucket().items() <= town.in_group().items()


@pytest.mark.usefixtures("patient")
def test_events_of_an_outage_of_20_days_are_written_afterwards() -> None:
    # PutLogEvents refuses events of more than 14 days: they come with the time of the attempt.
    with outlets() as town:
        town.role()
        logged(town)
        world = town.world
        Plan.parse([f"crash {EAST}/logs for 20d"], FAULTS).schedule(
            world, world.now_ns, days(20), FAULTS
        )
        world.run_for(days(20) + minutes(800))
        assert "StartLogging" in town.in_group().values()


@pytest.mark.usefixtures("patient")
def test_events_of_more_than_30_days_are_given_up() -> None:
    with outlets() as town:
        given_up: list[str] = []
        town.world.trace.watch("log-events-given-up", lambda event: given_up.append(event.subject))
        town.role("logs:CreateLogStream")
        logged(town)
        town.world.run_for(days(31))
        assert set(given_up) == {f"{EAST}/trail"}
        town.let_write("logs:CreateLogStream", "logs:PutLogEvents")
        town.world.run_for(minutes(800))
        assert town.in_group() != {}
        assert "StartLogging" not in town.in_group().values()


# One batch.


def event(number: int, time_ns: int = START_NS, raw: str = "") -> Kept:
    record = AuditRecord(
        event_id=f"{number:08x}-0000-4000-8000-000000000000", request_id="", time_ns=time_ns,
        source="kms.amazonaws.com", name="Encrypt", region=EAST, principal=ROOT,
        source_ip="192.0.2.1", user_agent="test", raw=raw,
    )  # fmt: skip
    return kept(number, record, RECORD_CODEC.encode(record))


def test_a_batch_is_in_order_of_time_and_spans_a_day_at_most() -> None:
    late, early, next_day = event(0, START_NS + 5 * 10**9), event(1), event(2, START_NS + days(2))
    entries, skipped = fit([late, early, next_day], START_NS + days(2))
    assert [entry.event.sequence for entry in entries] == [1, 0]
    assert [entry.time_ms for entry in entries] == [START_NS // 10**6, START_NS // 10**6 + 5000]
    assert skipped == []


def test_a_batch_has_at_most_a_megabyte_and_ten_thousand_events() -> None:
    raw = json.dumps({"eventID": "x" * 200_000})
    entries, _ = fit([event(number, raw=raw) for number in range(9)], START_NS)
    assert len(entries) == 5
    many = [replace(event(0, raw="{}"), sequence=number) for number in range(BATCH_EVENTS_MAX + 5)]
    assert len(fit(many, START_NS)[0]) == BATCH_EVENTS_MAX


def test_an_event_of_more_than_256_kb_is_left_out() -> None:
    large = event(0, raw=json.dumps({"eventID": "x" * 262_144}))
    entries, skipped = fit([large, event(1)], START_NS)
    assert ([entry.event.sequence for entry in entries], skipped) == ([1], [large])


def test_further_batches_go_into_streams_with_numbers() -> None:
    settings = TrailSettings(
        arn="a", name="main", account=ACCOUNT, home_region=EAST, bucket="b", bucket_site="s",
    )  # fmt: skip
    names = [stream_name(settings, batch) for batch in range(3)]
    base = f"{ACCOUNT}_CloudTrail_{EAST}"
    assert names == [base, f"{base}_2", f"{base}_3"]
