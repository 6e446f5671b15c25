"""Notifications of delivered files: every one reaches the one topic, whatever happens meanwhile."""

import pytest
from outlets import WEST, Outlets, outlets

from regions.faults import FAULTS
from regions.trail.sinks import sns
from regions.trail.sinks.sns import KEYS_MAX, NotificationDone, NotificationOwed, Owed
from sim.plan import Plan
from sim.units import days, minutes

EAST = "us-east-1"


def keys_told(town: Outlets) -> list[str]:
    return sorted(key for message in town.told() for key in message["s3ObjectKey"])


def strike(town: Outlets, line: str) -> None:
    world = town.world
    Plan.parse([line], FAULTS).schedule(world, world.now_ns, days(60), FAULTS)


def test_one_topic_hears_of_every_file_of_every_region() -> None:
    """CT-33: every delivered file of any region is listed in notifications on the one topic."""
    with outlets(EAST, WEST) as town:
        town.trail(bucket=town.bucket(), SnsTopicName=town.topic())
        town.call("cloudtrail", "DescribeTrails", WEST)
        town.world.run_for(minutes(30))
        assert keys_told(town) == town.files()
        assert {key.split("/")[3] for key in keys_told(town)} == {EAST, WEST}
        assert {message["s3Bucket"] for message in town.told()} == {"logs"}
        assert "LatestNotificationTime" in town.status()


def test_what_was_delivered_while_the_topic_was_cut_off_is_told_in_one_message() -> None:
    """CT-33: a topic whose region cannot be reached hears of everything later."""
    with outlets(EAST, WEST) as town:
        town.trail(bucket=town.bucket(), SnsTopicName=town.topic(region=WEST))
        strike(town, f"partition {EAST}<->{WEST} for 40m")
        for _ in range(4):
            town.call("cloudtrail", "DescribeTrails")
            town.world.run_for(minutes(8))
        assert town.status()["LatestNotificationError"] == "RequestTimeout"
        assert town.told() == []
        town.world.run_for(minutes(30))
        assert keys_told(town) == [key for key in town.files() if f"/{EAST}/" in key]
        assert max(len(message["s3ObjectKey"]) for message in town.told()) > 1
        assert "LatestNotificationError" not in town.status()


def test_a_topic_whose_policy_does_not_let_cloudtrail_in_hears_later() -> None:
    with outlets() as town:
        topic = town.topic()
        town.trail(bucket=town.bucket(), SnsTopicName=topic)
        town.let_publish(topic)
        town.world.run_for(minutes(20))
        assert town.status()["LatestNotificationError"] == "AuthorizationError"
        assert (town.told(), len(town.files())) == ([], 1)
        town.let_publish(topic, "cloudtrail.amazonaws.com")
        town.world.run_for(minutes(20))
        assert keys_told(town) == town.files()


def test_what_is_owed_survives_a_power_cut() -> None:
    with outlets() as town:
        topic = town.topic()
        town.trail(bucket=town.bucket(), SnsTopicName=topic)
        town.let_publish(topic)
        town.world.run_for(minutes(20))
        files = town.files()
        town.world.crash(f"{EAST}/trail")
        town.world.restart(f"{EAST}/trail")
        town.let_publish(topic, "cloudtrail.amazonaws.com")
        town.world.run_for(minutes(1))
        assert (keys_told(town), len(files)) == (files, 1)


def test_a_trail_without_its_topic_owes_nothing() -> None:
    with outlets() as town:
        topic = town.topic()
        arn = town.trail(bucket=town.bucket(), SnsTopicName=topic)
        town.let_publish(topic)
        town.world.run_for(minutes(20))
        town.amend(arn, SnsTopicName="")
        town.let_publish(topic, "cloudtrail.amazonaws.com")
        town.world.run_for(minutes(30))
        assert town.told() == []


def test_a_topic_that_is_shut_for_more_than_30_days_never_hears_of_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A month of failures takes few tries, for the sake of the clock on the wall.
    monkeypatch.setattr(sns, "pause_ns", lambda _failures: minutes(720))
    with outlets() as town:
        given_up: list[str] = []
        town.world.trace.watch("notification-given-up", lambda event: given_up.append(event.subject))
        topic = town.topic()
        town.trail(bucket=town.bucket(), SnsTopicName=topic)
        town.let_publish(topic)
        town.world.run_for(minutes(20))
        first = town.files()
        town.world.run_for(days(31))
        town.let_publish(topic, "cloudtrail.amazonaws.com")
        town.world.run_for(minutes(800))
        assert given_up == [f"{EAST}/trail"]
        assert not set(first) & set(keys_told(town))


def test_a_message_names_files_of_one_bucket_and_not_too_many() -> None:
    owed = Owed()
    for number in range(KEYS_MAX + 5):
        owed.apply(NotificationOwed(arn="t", bucket="a", key=f"{number:03}", time_ns=1))
    owed.apply(NotificationOwed(arn="t", bucket="b", key="last", time_ns=1))
    first = [file.key for file in owed.batch("t")]
    assert first == [f"{number:03}" for number in range(KEYS_MAX)]
    owed.apply(NotificationDone(arn="t", keys=tuple(first)))
    assert [file.key for file in owed.batch("t")] == [f"{KEYS_MAX + n:03}" for n in range(5)]
