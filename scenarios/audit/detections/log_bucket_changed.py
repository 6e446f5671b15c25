"""The bucket of a trail was changed so that log files go away or can be changed."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scenarios.audit.detections.detection import (
    HIGH,
    Detection,
    Finding,
    Group,
    Period,
    many,
    tried,
)
from scenarios.audit.event import Event, rows, table, text

#: Event of the object store -> what it does to log files.
_HARMS: Final = {
    "DeleteBucket": "bucket deleted",
    "DeleteBucketEncryption": "default encryption of the bucket removed",
    "DeleteBucketPolicy": "bucket policy removed",
    "DeleteObject": "log file deleted",
    "DeleteObjects": "log files deleted",
    "PutBucketAcl": "access list of the bucket changed",
    "PutBucketLifecycle": "log files expire",
    "PutBucketLifecycleConfiguration": "log files expire",
    "PutBucketPolicy": "bucket policy changed",
    "PutBucketVersioning": "versioning of the bucket changed",
    "PutObject": "log file written by somebody else",
}
_LOGS: Final = "AWSLogs/"
#: Lifecycle rules that keep log files at least so long are nobody's concern; chosen, as long as
#: event history keeps events.
KEPT_DAYS: Final = 90


class LogBucketChanged(Detection):
    """Something happened to the bucket of a trail that log files should be safe from."""

    name = "log-bucket-changed"
    summary = "log files of a trail, or the bucket they lie in, were changed"
    severity = HIGH

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._made: dict[str, str] = {}  #: bucket -> time of the first CreateTrail for it
        self._harms: list[Event] = []

    def see(self, event: Event) -> None:
        """Remember buckets of trails, and what was done to buckets."""
        if event.service == "cloudtrail":
            for part in (event.parameters, event.response):
                if bucket := text(part, "s3BucketName"):
                    self._made[bucket] = min(self._made.get(bucket, event.time), event.time)
        elif event.service == "s3" and event.name in _HARMS:
            # Services put log files there, which is what the bucket is for.
            if event.kind == "AWSService" or not self.period.judged(event.time):
                return
            self._harms.append(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each event that harms the bucket of a known trail."""
        for event in sorted(self._harms, key=lambda event: (event.time, event.id)):
            bucket = text(event.parameters, "bucketName")
            words = self._words(event, bucket)
            if words:
                yield self.finding(Group([event]), f"{words}{tried(event)}", subject=bucket)

    def _words(self, event: Event, bucket: str) -> str:
        made = self._made.get(bucket)
        key = text(event.parameters, "key")
        if event.name in {"PutObject", "DeleteObject"}:
            return _HARMS[event.name] if made and key.find(_LOGS) >= 0 else ""
        if event.name.startswith("PutBucketLifecycle"):
            days = _expiry(event.parameters)
            if not made or days is None or days >= KEPT_DAYS:
                return ""
            return f"{_HARMS[event.name]} after {many(days, 'day')}"
        # What was set up before the trail was made for it belongs to setting it up.
        return _HARMS[event.name] if made and event.time > made else ""


def _expiry(parameters: Mapping[str, Any]) -> int | None:
    """Return after how many days the first rule expires objects."""
    found = []
    configuration = table(parameters, "LifecycleConfiguration")
    rules = rows(configuration, "Rule") or [table(configuration, "Rule")]
    for rule in rules:
        days = table(rule, "Expiration").get("Days")
        if isinstance(days, int | float) and rule.get("Status", "Enabled") == "Enabled":
            found.append(int(days))
    return min(found, default=None)
