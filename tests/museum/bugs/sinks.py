"""Bugs of what a trail delivers to beside its bucket: topics, log groups, event buses.

What does not belong here: log files in buckets (audit.py).
"""

from typing import Final

from museum.bug import Bug

_BASE: Final = """
name = "sinks"
length = "4m"
recovery = "3m"
promises = ["sinks-complete"]
[topology]
services = true
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "2s"
"""


def _with(*plan: str, length: str = "4m") -> str:
    return _BASE.replace("4m", length) + "".join(f'[[fault]]\nplan = "{line}"\n' for line in plan)


BUGS: Final = (
    Bug(
        name="files-are-notified-once",
        summary="a file is forgotten when the topic did not take its notification",
        function="regions.trail.sinks.sns:SnsSink._published",
        old="done = [file for file in batch if now_ns - file.time_ns > REDELIVERY_NS]",
        new="done = batch",
        text=_with("at 1m crash us-east-1/sns for 15m", length="20m"),
        expects=("sinks-complete",),
    ),
    Bug(
        name="log-events-are-put-once",
        summary="records that the log group did not take count as written",
        function="regions.trail.sinks.logs:LogsSink._failed",
        old="if now_ns - e.event.time_ns > REDELIVERY_NS",
        new="",
        text=_with("at 1m crash us-east-1/logs for 15m", length="20m"),
        expects=("sinks-complete",),
    ),
    Bug(
        name="events-are-sent-once",
        summary="records that EventBridge did not take count as sent",
        function="regions.trail.sinks.events:EventsSink._answered",
        old="if now_ns - kept.time_ns > REDELIVERY_NS",
        new="",
        text=_with("at 1m crash us-east-1/events for 2m"),
        expects=("sinks-complete",),
    ),
    Bug(
        name="sinks-get-what-is-left-out",
        summary="the log group gets events that the trail leaves out",
        function="regions.trail.sinks.logs:_wants",
        old="wants(settings, event)",
        new="event.management",
        text=_with(),
        expects=("sinks-complete",),
    ),
)
