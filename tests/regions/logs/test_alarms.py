"""Alarms on metric filters: when they are raised, and whom they tell."""

import json

from outlets import ACCOUNT, Outlets, outlets

from regions.logs.messages import AlarmPut, PutAlarm
from sim.units import minutes

REGION = "us-east-1"


def alarmed(town: Outlets, threshold: float = 2.0) -> None:
    """Set an alarm on what a metric filter of a log group counts."""
    topic = town.topic("alarms")
    town.let_publish(topic, "cloudwatch.amazonaws.com")
    town.call("logs", "CreateLogGroup", logGroupName="app")
    town.call("logs", "CreateLogStream", logGroupName="app", logStreamName="s")
    shape = {"metricName": "errors", "metricNamespace": "App", "metricValue": "1"}
    town.call("logs", "PutMetricFilter", logGroupName="app", filterName="f", filterPattern="ERROR",
              metricTransformations=(shape,))  # fmt: skip
    alarm = PutAlarm(
        account=ACCOUNT, name="many", namespace="App", metric="errors", threshold=threshold,
        period_s=300, topic=topic,
    )  # fmt: skip
    assert town.world.ask(f"{REGION}/logs", alarm) == AlarmPut()


def log(town: Outlets, *messages: str) -> None:
    now_ms = town.world.calendar_ns // 1_000_000
    events = tuple({"timestamp": now_ms, "message": text} for text in messages)
    town.call("logs", "PutLogEvents", logGroupName="app", logStreamName="s", logEvents=events)


def raised(town: Outlets) -> list[float]:
    """Return the sums that alarms were raised at."""
    town.world.run_for(minutes(1))
    return [float(one["NewStateReason"].split("[")[1].split("]")[0]) for one in town.told()]


def test_an_alarm_is_raised_once_when_a_period_reaches_the_threshold() -> None:
    with outlets() as town:
        alarmed(town)
        log(town, "ERROR a", "fine")
        assert raised(town) == []
        log(town, "ERROR b")
        assert raised(town) == [2.0]
        log(town, "ERROR c")
        assert raised(town) == [2.0]


def test_periods_do_not_add_up_and_an_alarm_rings_again_after_a_calm_one() -> None:
    with outlets() as town:
        alarmed(town)
        log(town, "ERROR a")
        town.world.run_for(minutes(5))
        log(town, "ERROR b")
        assert raised(town) == []
        log(town, "ERROR c")
        assert raised(town) == [2.0]
        town.world.run_for(minutes(10))
        log(town, "ERROR d", "ERROR e", "ERROR f")
        assert raised(town) == [2.0, 3.0]


def test_an_alarm_survives_a_power_cut_and_says_what_it_is_about() -> None:
    with outlets() as town:
        alarmed(town)
        log(town, "ERROR a")
        town.world.crash(f"{REGION}/logs")
        town.world.restart(f"{REGION}/logs")
        log(town, "ERROR b")
        assert raised(town) == [2.0]
        (told,) = town.told()
        assert (told["AlarmName"], told["OldStateValue"], told["NewStateValue"]) == (
            "many", "OK", "ALARM",
        )  # fmt: skip
        assert told["Trigger"] == {
            "MetricName": "errors", "Namespace": "App", "StatisticType": "Statistic",
            "Statistic": "SUM", "Period": 300, "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 2.0,
        }  # fmt: skip
        assert json.loads(town.mail[0].body)["Type"] == "Notification"
