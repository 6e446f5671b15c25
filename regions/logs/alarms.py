"""Alarms on what metric filters count: when one is raised, and what it says.

An alarm adds up each period for itself, from one multiple of its length to the next. It is raised
as soon as the sum reaches the threshold, and again only after a period that did not.
What does not belong here: the message that sets one (messages.py), and who is told (logs.py).
Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms": state, period, statistic, actions;
members of the notification as in real ones. The smallest part of CloudWatch: one period, the sum,
GreaterThanOrEqualToThreshold, and an action on ALARM alone.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from regions.logs.changes import Alarm, AlarmFed, MetricCounted
from regions.logs.state import LogsState
from regions.names import partition
from sim.units import NS_PER_SECOND

#: Who publishes to an alarm's topic.
CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_NEVER: Final = -1


def alarm_arn(region: str, alarm: Alarm) -> str:
    """Return the ARN of an alarm."""
    return f"arn:{partition(region)}:cloudwatch:{region}:{alarm.account}:alarm:{alarm.name}"


def fed(
    state: LogsState, grown: MetricCounted, now_ns: int
) -> Iterator[tuple[Alarm, AlarmFed, bool]]:
    """Yield each alarm that watches a metric, its new level, and whether that raises it."""
    for key, alarm in sorted(state.alarms.items()):
        watched = (alarm.account, alarm.namespace, alarm.metric)
        if watched != (grown.account, grown.namespace, grown.metric):
            continue
        period = now_ns // (alarm.period_s * NS_PER_SECOND)
        level = state.levels.get(key)
        total = grown.total
        raised = _NEVER if level is None else level.raised
        if level is not None and level.period == period:
            total += level.total
        over = total >= alarm.threshold
        # In the next period of one that raised it, it is in the state ALARM still.
        rings = over and raised not in {period, period - 1}
        yield (
            alarm,
            AlarmFed(
                account=alarm.account,
                name=alarm.name,
                period=period,
                total=total,
                raised=period if over else raised,
            ),
            rings,
        )


def notification(region: str, alarm: Alarm, level: AlarmFed, now_ns: int) -> str:
    """Return what a topic is told when an alarm is raised."""
    at = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC)
    trigger: dict[str, Any] = {
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Period": alarm.period_s,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": alarm.threshold,
    }
    reason = (
        f"Threshold Crossed: 1 datapoint [{level.total}] was greater than or equal to the "
        f"threshold ({alarm.threshold})."
    )
    body = {
        "AlarmName": alarm.name,
        "AWSAccountId": alarm.account,
        "NewStateValue": "ALARM",
        "NewStateReason": reason,
        "StateChangeTime": f"{at:%Y-%m-%dT%H:%M:%S}.000+0000",
        "Region": region,
        "AlarmArn": alarm_arn(region, alarm),
        "OldStateValue": "OK",
        "Trigger": trigger,
    }
    return json.dumps(body, separators=(",", ":"))
