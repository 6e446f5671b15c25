"""Every detection finds what is planted for it, and none of them cries on a quiet day."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from records import ACCOUNT, OTHER_ACCOUNT, at, event, key_arn, user

from scenarios.audit.collect import collect, span_of
from scenarios.audit.detections import DETECTIONS
from scenarios.audit.detections.detection import Finding, Period
from scenarios.audit.event import Event
from scenarios.audit.source import files_below
from scenarios.audit.watch import Watch, half_way

KEY = key_arn(1)
HOUR, DAY = 60, 1_440
#: Half of the day shows what is usual; the other half is judged.
NOON = at(DAY / 2)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1",
    "accountId": ACCOUNT,
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
}
STRANGER = user(f"arn:aws:iam::{OTHER_ACCOUNT}:user/eve")
ROOT = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}


def policy(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"keyId": KEY, "policyName": "default", "policy": json.dumps(document), **more}


OWN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}


@cache
def quiet_day() -> list[Event]:
    """Two applications and a person at work, before noon and after, and a mistake now and then."""
    day = []
    for minute in range(0, DAY, 10):
        context = {"encryptionContext": {"tenant": str(minute % 7)}}
        day.append(
            event(
                "GenerateDataKey",
                minute,
                key=KEY,
                who=SESSION,
                requestParameters={"keyId": "alias/orders", **context},
            )
        )
        day += [
            event("Decrypt", minute + second / 60, key=KEY, who=SESSION) for second in range(20)
        ]
        day.append(event("DescribeKey", minute, key=KEY))
    for hour in (1, 14):
        denied = {"errorCode": "AccessDenied"}
        day += [event("Decrypt", hour * HOUR + try_, key=KEY, **denied) for try_ in range(4)]
        day.append(event("PutKeyPolicy", hour * HOUR, key=KEY, requestParameters=policy(OWN)))
        day.append(event("CreateKey", hour * HOUR, key=key_arn(hour), requestParameters={}))
        day.append(
            event(
                "CreateGrant",
                hour * HOUR,
                key=KEY,
                requestParameters={
                    "keyId": KEY,
                    "granteePrincipal": ROLE,
                    "operations": ["Decrypt"],
                },
            )
        )
        day.append(event("EnableKeyRotation", hour * HOUR, key=KEY))
        day.append(event("DisableKey", hour * HOUR, key=KEY, **denied))
        day.append(event("Decrypt", hour * HOUR, key=key_arn(7, OTHER_ACCOUNT)))
        day.append(
            event(
                "StartLogging", hour * HOUR, service="cloudtrail", requestParameters={"name": "all"}
            )
        )
        day.append(
            event(
                "PutEventSelectors",
                hour * HOUR,
                service="cloudtrail",
                requestParameters={
                    "trailName": "all",
                    "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": True}],
                },
            )
        )
        day.append(
            event(
                "PutBucketPolicy",
                hour * HOUR - 1,
                service="s3",
                requestParameters={"bucketName": "logs"},
            )
        )
        day.append(
            event(
                "CreateTrail",
                14 * HOUR,
                service="cloudtrail",
                requestParameters={"name": "all", "s3BucketName": "logs"},
            )
        )
        day.append(
            event(
                "PutBucketLifecycle",
                hour * HOUR,
                service="s3",
                requestParameters=expiring("logs", 400),
            )
        )
        day.append(event("ListKeys", hour * HOUR, awsRegion="eu-west-1"))
    # Services look around everywhere, and call from their own name.
    service = {"type": "AWSService", "invokedBy": "config.amazonaws.com"}
    day.append(event("DescribeKey", DAY - 5, who=service, awsRegion="sa-east-1"))
    day.append(
        event(
            "Decrypt",
            DAY - 5,
            key=KEY,
            who=SESSION | {"invokedBy": "s3.amazonaws.com"},
            sourceIPAddress="s3.amazonaws.com",
        )
    )
    return day


def expiring(bucket: str, days: int) -> dict[str, Any]:
    rule = {"Status": "Enabled", "Expiration": {"Days": days}, "Filter": {"Prefix": ""}}
    return {"bucketName": bucket, "LifecycleConfiguration": {"Rule": rule}}


TRAIL = {"service": "cloudtrail"}
EVENING = 20 * HOUR

#: Detection -> what is planted in the evening, and what is said of it.
PLANTED: dict[str, list[tuple[list[Event], str]]] = {
    "denied-again": [
        (
            [event("Decrypt", EVENING + 10 * n, key=KEY, who=SESSION, errorCode="AccessDenied")
             for n in range(5)],
            "Decrypt denied 5 times within an hour",
        ),
        (
            [event("Sign", EVENING + n, key=key_arn(n), errorCode="AccessDenied")
             for n in range(6)],
            "Sign denied 6 times within an hour, on 6 keys",
        ),
    ],
    "bulk-decrypt": [
        (
            [event("Decrypt", EVENING + n / 60, key=KEY) for n in range(150)],
            "opened 150 blobs in one hour, 1 is usual",
        ),
        (
            [event("Decrypt", EVENING + n / 60, key=KEY, who=STRANGER) for n in range(100)],
            "opened 100 blobs in one hour, and none in any other hour",
        ),
    ],
    "key-disabled": [([event("DisableKey", EVENING, key=KEY)], "key disabled")],
    "key-deletion": [
        (
            [event("ScheduleKeyDeletion", EVENING, key=KEY,
                   requestParameters={"keyId": KEY, "pendingWindowInDays": 7})],
            "deletion scheduled, in 7 days",
        ),
        (
            [event("DeleteImportedKeyMaterial", EVENING, key=KEY)],
            "imported key material deleted",
        ),
    ],
    "rotation-off": [
        ([event("DisableKeyRotation", EVENING, key=KEY)], "automatic rotation switched off")
    ],
    "alias-moved": [
        (
            [event("UpdateAlias", EVENING, key=KEY,
                   requestParameters={"aliasName": "alias/a", "targetKeyId": KEY})],
            "alias/a points to another key now",
        )
    ],
    "policy-widened": [
        (
            [event("PutKeyPolicy", EVENING, key=KEY, requestParameters=policy(
                OWN, {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}))],
            "key policy allows everybody",
        ),
        (
            [event("PutKeyPolicy", EVENING, key=KEY, requestParameters=policy(
                {"Effect": "Allow", "Principal": {"AWS": [OTHER_ACCOUNT, ROLE]}, "Action": "*",
                 "Condition": {"Bool": {"aws:SecureTransport": "true"}}}))],
            f"key policy allows {OTHER_ACCOUNT} under conditions",
        ),
        (
            [event("PutKeyPolicy", EVENING, key=KEY, requestParameters=policy(
                OWN, bypassPolicyLockoutSafetyCheck=True))],
            "key policy was put without the lockout safety check",
        ),
        (
            [event("PutKeyPolicy", EVENING, key=KEY, requestParameters={"keyId": KEY})],
            "key policy is not in the record",
        ),
        (
            [event("CreateKey", EVENING, key=KEY, requestParameters=policy(
                {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "*"}))],
            "key policy allows everybody but a few",
        ),
    ],
    "foreign-grant": [
        (
            [event("CreateGrant", EVENING, key=KEY, requestParameters={
                "keyId": KEY, "granteePrincipal": STRANGER["arn"],
                "operations": ["Decrypt", "Encrypt"]})],
            f"granted to {STRANGER['arn']}: Decrypt, Encrypt",
        )
    ],
    "cross-account-use": [
        (
            [event("Decrypt", EVENING + n, key=KEY, who=STRANGER) for n in range(2)],
            f"2 uses of a key of account {ACCOUNT}: kms:Decrypt",
        )
    ],
    "root-used": [
        ([event("ListKeys", EVENING, who=ROOT)], "1 call by root: kms:ListKeys"),
    ],
    "new-address": [
        (
            [event("DescribeKey", EVENING, key=KEY, sourceIPAddress="203.0.113.99")],
            "1 call from 203.0.113.99; known from 198.51.100.7: kms:DescribeKey",
        )
    ],
    "idle-region": [
        (
            [event("CreateKey", EVENING + n, key=key_arn(n, region="sa-east-1"),
                   awsRegion="sa-east-1") for n in range(2)],
            "2 calls in sa-east-1, idle before: kms:CreateKey",
        )
    ],
    "keys-enumerated": [
        (
            [event("GetKeyPolicy", EVENING + n / 2, key=key_arn(n)) for n in range(12)],
            "looked at 12 keys within ten minutes",
        )
    ],
    "trail-blinded": [
        ([event("StopLogging", EVENING, **TRAIL, requestParameters={"name": "all"})],
         "logging stopped"),
        (
            [event("DeleteTrail", EVENING, **TRAIL, requestParameters={"name": "all"},
                   errorCode="TrailNotFoundException")],
            "trail deleted (refused: TrailNotFoundException)",
        ),
        (
            [event("PutEventSelectors", EVENING, **TRAIL, requestParameters={
                "trailName": "all", "eventSelectors": [
                    {"readWriteType": "All", "includeManagementEvents": False}]})],
            "management events left out",
        ),
        (
            [event("PutEventSelectors", EVENING, **TRAIL, requestParameters={
                "trailName": "all", "eventSelectors": [
                    {"excludeManagementEventSources": ["kms.amazonaws.com"]}]})],
            "kms.amazonaws.com left out",
        ),
        (
            [event("PutEventSelectors", EVENING, **TRAIL, requestParameters={
                "trailName": "all", "eventSelectors": [{"readWriteType": "ReadOnly"}]})],
            "management events that write left out",
        ),
        (
            [event("PutEventSelectors", EVENING, **TRAIL, requestParameters={
                "trailName": "all", "advancedEventSelectors": [{"fieldSelectors": [
                    {"field": "eventCategory", "equals": ["Data"]}]}]})],
            "management events left out, at least some",
        ),
        (
            [event("UpdateTrail", EVENING, **TRAIL, requestParameters={
                "name": "all", "isMultiRegionTrail": False, "s3BucketName": "mine"})],
            "other regions left out, moved to bucket mine",
        ),
    ],
    "log-bucket-changed": [
        (
            [event("PutBucketLifecycle", EVENING, service="s3",
                   requestParameters=expiring("logs", 1))],
            "log files expire after 1 day",
        ),
        (
            [event("DeleteBucketPolicy", EVENING, service="s3",
                   requestParameters={"bucketName": "logs"})],
            "bucket policy removed",
        ),
        (
            [event("DeleteObject", EVENING, service="s3", requestParameters={
                "bucketName": "logs", "key": "AWSLogs/1/CloudTrail/x.json.gz"})],
            "log file deleted",
        ),
    ],
}  # fmt: skip


def found_in(events: list[Event], watch_from: str = NOON) -> list[Finding]:
    watch = Watch(Period(watch_from=watch_from))
    # Files are in no order; neither may detections need one.
    for one in reversed(events):
        watch.see(one)
    return watch.findings()


def test_nothing_is_found_on_a_quiet_day() -> None:
    assert found_in(quiet_day()) == []


def test_every_detection_has_a_planted_case() -> None:
    assert list(DETECTIONS) == sorted(PLANTED, key=list(DETECTIONS).index)


CASES = [(name, number) for name in PLANTED for number in range(len(PLANTED[name]))]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_ct_11_what_is_planted_is_found(name: str, number: int) -> None:
    planted, text = PLANTED[name][number]
    found = [one for one in found_in([*quiet_day(), *planted]) if one.detection == name]
    assert [one.text for one in found] == [text]
    assert (found[0].first, found[0].severity) == (planted[0].time, DETECTIONS[name].severity)
    assert set(found[0].events) & {one.id for one in planted}


@pytest.mark.parametrize(("name", "number"), CASES)
def test_what_was_before_the_time_that_is_judged_is_not_found(name: str, number: int) -> None:
    planted, _ = PLANTED[name][number]
    found = found_in([*quiet_day(), *planted], watch_from=at(DAY))
    assert found == []


def test_a_session_is_known_by_its_role() -> None:
    denied = [
        event("Decrypt", EVENING + n, key=KEY, errorCode="AccessDenied",
              who=SESSION | {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-{n}"})
        for n in range(5)
    ]  # fmt: skip
    assert [one.who for one in found_in(denied)] == [ROLE]


def test_grave_findings_come_first_then_early_ones() -> None:
    planted = [
        one for name in ("key-disabled", "root-used", "rotation-off") for one in PLANTED[name][0][0]
    ]
    early = event("ScheduleKeyDeletion", EVENING - 5, key=KEY)
    names = [one.detection for one in found_in([*quiet_day(), *planted, early])]
    assert names == ["key-deletion", "root-used", "key-disabled", "rotation-off"]


REAL = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"


@pytest.mark.skipif(not REAL.is_dir(), reason="real log files are not beside this checkout")
def test_the_attacks_in_real_log_files_are_found() -> None:
    """CT-11: the files were recorded while somebody tried to blind trails and took secrets."""
    files = files_below(REAL)
    watch = Watch(Period(watch_from=half_way(*span_of(files))))
    collect(files, [watch])
    found = [(one.first[11:], one.detection, one.text) for one in watch.findings()]
    refused = "(refused: TrailNotFoundException)"
    assert found == [
        ("11:57:50Z", "bulk-decrypt",
         "opened 124 blobs in one hour, and none in any other hour"),
        ("11:59:02Z", "trail-blinded", f"trail deleted {refused}"),
        ("12:00:08Z", "trail-blinded", "management events left out"),
        ("12:00:35Z", "log-bucket-changed", "log files expire after 1 day"),
        ("12:00:42Z", "trail-blinded", f"logging stopped {refused}"),
        ("12:01:23Z", "trail-blinded", f"logging stopped {refused}"),
        ("12:01:27Z", "trail-blinded", f"logging stopped {refused}"),
    ]  # fmt: skip
    assert {one.who for one in watch.findings()} == {"arn:aws:iam::123837392027:user/bert-jan"}
