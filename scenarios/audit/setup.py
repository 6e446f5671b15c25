"""Finds the trails of an account: from a file, from an endpoint, from a run, or from log files.

What does not belong here: what is said of them (advice.py).
Source: CloudTrail API Reference, DescribeTrails, GetTrailStatus and GetEventSelectors; S3 API
Reference, GetBucketLifecycleConfiguration and GetBucketVersioning.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from scenarios.audit.advice import BucketSettings, Setup, TrailSettings
from scenarios.audit.changes import Change
from scenarios.audit.key_changes import ABSENT

EXPECTED: Final = "what `aws cloudtrail describe-trails` prints"
#: Asks one action of a service in a region, and returns the answer; None when it was refused.
Ask = Callable[[str, str, str, Mapping[str, Any]], Mapping[str, Any] | None]


class SetupError(ValueError):
    """Trails that cannot be found; one line."""


def of_file(path: Path) -> Setup:
    """Return the trails of an answer to DescribeTrails.

    Raises:
      SetupError: the file cannot be read, or is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["trailList"]
        return Setup(trails=tuple(_described(one) for one in found))
    except OSError as error:
        raise SetupError(
            f"file {str(path)!r} cannot be read ({error.strerror}); expected {EXPECTED}"
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SetupError(f"file {str(path)!r} has no trailList; expected {EXPECTED}") from error


def _described(
    said: Mapping[str, Any],
    status: Mapping[str, Any] | None = None,
    selectors: Mapping[str, Any] | None = None,
) -> TrailSettings:
    return TrailSettings(
        name=said["Name"],
        arn=said.get("TrailARN", ""),
        home=said.get("HomeRegion", ""),
        bucket=said.get("S3BucketName", ""),
        multi_region=said.get("IsMultiRegionTrail"),
        validation=said.get("LogFileValidationEnabled"),
        kms_key=said.get("KmsKeyId", ""),
        log_group=said.get("CloudWatchLogsLogGroupArn", ""),
        topic=said.get("SnsTopicARN", ""),
        logging=None if status is None else status.get("IsLogging"),
        delivery_error=None if status is None else status.get("LatestDeliveryError", ""),
        selectors=selectors,
    )


def of_endpoint(ask: Ask, regions: Iterable[str]) -> Setup:
    """Return the trails that an endpoint tells of, with their state, selectors and buckets.

    Raises:
      SetupError: no region answered.
    """
    asked, trails = list(regions), dict[str, TrailSettings]()
    for region in asked:
        answer = ask("cloudtrail", region, "DescribeTrails", {"includeShadowTrails": True})
        for said in (answer or {}).get("trailList", ()):
            name, home = said["TrailARN"], said.get("HomeRegion", region)
            if name not in trails:
                status = ask("cloudtrail", home, "GetTrailStatus", {"Name": name})
                selectors = ask("cloudtrail", home, "GetEventSelectors", {"TrailName": name})
                trails[name] = _described(said, status, selectors)
    names = {trail.bucket: trail.home for trail in trails.values() if trail.bucket}
    buckets = tuple(_bucket(ask, name, home) for name, home in sorted(names.items()))
    found = tuple(trails[name] for name in sorted(trails))
    return Setup(trails=found, buckets=buckets, regions=tuple(asked))


def _bucket(ask: Ask, name: str, region: str) -> BucketSettings:
    rules = ask("s3", region, "GetBucketLifecycleConfiguration", {"Bucket": name})
    versions = ask("s3", region, "GetBucketVersioning", {"Bucket": name})
    expiry = [
        rule["Expiration"]["Days"]
        for rule in (rules or {}).get("Rules", ())
        if rule.get("Status") == "Enabled" and "Days" in rule.get("Expiration", {})
    ]
    return BucketSettings(
        name=name,
        expires_days=None if rules is None else min(expiry, default=0),
        lifecycle=None if rules is None else bool(rules.get("Rules")),
        versions=None if versions is None else versions.get("Status") == "Enabled",
    )


def of_changes(changes: Iterable[Change]) -> Setup:
    """Return the trails as the events in log files left them; what no event told is not known."""
    states: dict[str, dict[str, Any]] = {}
    for change in changes:
        state = states.setdefault(change.subject, {})
        if not change.error:
            state |= {what: after for what, _, after in change.values}
    trails = []
    for arn, state in sorted(states.items()):
        if state and state.get("trail") != ABSENT:
            trails.append(_told(arn, state))
    return Setup(trails=tuple(trails))


def _told(arn: str, state: Mapping[str, Any]) -> TrailSettings:
    made = state.get("trail") == "there"
    selectors = state.get("event selectors")
    advanced = isinstance(selectors, list) and any("fieldSelectors" in one for one in selectors)
    member = "advancedEventSelectors" if advanced else "eventSelectors"
    logging = state.get("logging")
    return TrailSettings(
        name=arn.rpartition("/")[2],
        arn=arn,
        home=arn.split(":")[3],
        bucket=str(state.get("s3BucketName", "")),
        multi_region=state.get("isMultiRegionTrail"),
        validation=state.get("logFileValidationEnabled", False if made else None),
        kms_key=state.get("kmsKeyId", "" if made else None),
        log_group=state.get("cloudWatchLogsLogGroupArn", "" if made else None),
        topic=state.get("snsTopicName", "" if made else None),
        logging=None if logging is None else logging == "on",
        selectors={member: selectors} if selectors else None,
    )
