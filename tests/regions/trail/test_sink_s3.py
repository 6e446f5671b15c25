"""Log files under a KMS key: who asks for data keys, and what happens while there are none."""

import gzip
import json
from typing import Any

import pytest
from outlets import ACCOUNT, CLOUDTRAIL, ROOT, WEST, Outlets, outlets, policy

from regions.errors import AccessDeniedException
from regions.faults import FAULTS
from sim.plan import Plan
from sim.units import days, minutes

EAST = "us-east-1"
TRAIL = f"arn:aws:cloudtrail:{EAST}:{ACCOUNT}:trail/main"


def key_policy(*actions: str) -> str:
    """The policy of the CloudTrail User Guide."""
    condition = {"StringLike": {
        "kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"
    }}  # fmt: skip
    root = {"Effect": "Allow", "Principal": {"AWS": ROOT.arn}, "Action": "kms:*", "Resource": "*"}
    service = {"Effect": "Allow", "Principal": CLOUDTRAIL, "Resource": "*"}
    describes = {**service, "Action": "kms:DescribeKey"}
    return policy(root, describes, {**service, "Action": list(actions), "Condition": condition})


GOOD = key_policy("kms:GenerateDataKey*")
BROKEN = key_policy("kms:ReEncrypt*")


def sealed(town: Outlets, region: str = EAST, **more: Any) -> str:
    """Make a trail whose files are under a key of the bucket's region; return the key's ARN."""
    made = town.call("kms", "CreateKey", region, Policy=GOOD)["KeyMetadata"]
    town.world.run_for(10**9)
    town.trail(bucket=town.bucket(region=region), KmsKeyId=made["Arn"], **more)
    arn: str = made["Arn"]
    return arn


def data_keys(town: Outlets, region: str = EAST) -> list[Any]:
    """Return the records of data keys that CloudTrail got; CreateTrail tries whether it could."""
    return [r for r in town.recorded(region, "GenerateDataKey") if not r.error_code]


def in_region(town: Outlets, region: str) -> list[str]:
    return [key for key in town.files(region=region) if f"/{EAST}/" in key]


def test_files_are_encrypted_under_a_data_key_for_each_of_them() -> None:
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False)
        town.world.run_for(minutes(12))
        (file,) = town.files()
        found = town.call("s3", "GetObject", Bucket="logs", Key=file)
        assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)
        context = {"aws:cloudtrail:arn": TRAIL, "aws:s3:arn": f"arn:aws:s3:::logs/{file}"}
        (asked,) = data_keys(town)
        assert asked.request_parameters == {
            "keyId": key, "keySpec": "AES_256", "encryptionContext": context,
        }  # fmt: skip
        who = asked.principal
        assert (who.kind, who.invoked_by, asked.source_ip, asked.user_agent) == (
            "AWSService", *("cloudtrail.amazonaws.com",) * 3,
        )  # fmt: skip
        assert [resource.arn for resource in asked.resources] == [key]
        town.world.run_for(minutes(1))
        (read,) = town.recorded(EAST, "Decrypt")
        assert (read.principal.arn, read.principal.invoked_by) == (ROOT.arn, "AWS Internal")
        assert read.request_parameters["encryptionContext"] == context


def test_without_recursive_logging_a_quiet_trail_under_a_key_stays_quiet() -> None:
    """The data key of each file is asked for in a call that is itself recorded."""
    with outlets(boot=True) as town:
        sealed(town, RecursiveLogging=False)
        town.world.run_for(minutes(120))
        assert len(town.files()) == 1
        assert len(data_keys(town)) == 1


def test_with_recursive_logging_each_file_is_the_reason_for_the_next() -> None:
    with outlets(boot=True) as town:
        sealed(town)
        town.world.run_for(minutes(60))
        assert len(town.files()) > 4


@pytest.mark.parametrize(
    ("how", "undo", "error"),
    [
        (("DisableKey", {}), ("EnableKey", {}), "KMS.DisabledException"),
        (
            ("ScheduleKeyDeletion", {"PendingWindowInDays": 7}), ("CancelKeyDeletion", {}),
            "KMS.KMSInvalidStateException",
        ),
        (
            ("PutKeyPolicy", {"PolicyName": "default", "Policy": BROKEN}),
            ("PutKeyPolicy", {"PolicyName": "default", "Policy": GOOD}),
            "AccessDenied",
        ),
    ],
)  # fmt: skip
def test_a_key_that_gives_no_data_keys_holds_delivery_up_and_loses_nothing(
    how: tuple[str, Any], undo: tuple[str, Any], error: str
) -> None:
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False)
        town.call("kms", how[0], KeyId=key, **how[1])
        town.world.run_for(minutes(30))
        assert town.status()["LatestDeliveryError"] == error
        assert town.files() == []
        town.call("kms", undo[0], KeyId=key, **undo[1])
        if how[0] == "ScheduleKeyDeletion":
            town.call("kms", "EnableKey", KeyId=key)
        town.world.run_for(minutes(40))
        assert "LatestDeliveryError" not in town.status()
        assert {how[0], undo[0]} <= set(town.in_bucket().values())


def test_events_of_a_kms_outage_pile_up_and_are_delivered_after_it() -> None:
    # The outage stops the delivery of the very records that tell of it.
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False)
        town.world.run_for(minutes(15))
        before = set(town.files())
        world = town.world
        azs = town.arena.topology.regions[EAST][:2]
        lines = [f"at 1m power-off {EAST}/{az} for 40m" for az in azs]
        Plan.parse(lines, FAULTS).schedule(world, world.now_ns, days(1), FAULTS)
        town.call("kms", "TagResource", KeyId=key, Tags=({"TagKey": "a", "TagValue": "b"},))
        world.run_for(minutes(35))
        assert set(town.files()) == before
        assert town.status()["LatestDeliveryError"] in {"InternalError", "RequestTimeout"}
        world.run_for(minutes(60))
        assert "TagResource" in town.in_bucket().values()


@pytest.mark.parametrize(("home", "place"), [(EAST, EAST), (EAST, WEST)])
def test_a_bucket_of_any_region_gets_the_files_later_if_it_is_cut_off(
    home: str, place: str
) -> None:
    """CT-37: a trail here with a bucket there; delivery waits while there is cut off."""
    with outlets(EAST, WEST, boot=True) as town:
        sealed(town, place, RecursiveLogging=False)
        world = town.world
        Plan.parse([f"partition {EAST}<->{WEST} for 40m"], FAULTS).schedule(
            world, world.now_ns, days(1), FAULTS
        )
        world.run_for(minutes(30))
        there = in_region(town, place)
        assert bool(there) == (home == place)
        world.run_for(minutes(45))
        found = in_region(town, place)
        assert found
        (first, *_) = data_keys(town, place)
        assert first.region == place


def test_who_may_not_use_the_key_cannot_read_a_file() -> None:
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False)
        town.world.run_for(minutes(15))
        deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt",
                "Resource": "*"}  # fmt: skip
        text = json.loads(GOOD)
        text["Statement"].append(deny)
        town.call("kms", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=json.dumps(text))
        (file,) = town.files()
        town.world.run_for(10**9)
        with pytest.raises(AccessDeniedException):
            town.call("s3", "GetObject", Bucket="logs", Key=file)


def test_rules_of_the_bucket_end_old_files_and_the_trail_goes_on() -> None:
    """LIM-05: lifecycle rules archive and delete delivered files; CloudTrail is unaffected."""
    with outlets() as town:
        town.trail(bucket=town.bucket())
        chosen = {"And": {"Prefix": "AWSLogs/", "ObjectSizeGreaterThan": 0}}
        rule = {
            "ID": "old", "Status": "Enabled", "Filter": chosen, "Expiration": {"Days": 3},
            "Transitions": ({"Days": 1, "StorageClass": "GLACIER"},),
        }  # fmt: skip
        configuration = {"Rules": (rule,)}
        town.call("s3", "PutBucketLifecycleConfiguration", Bucket="logs",
                  LifecycleConfiguration=configuration)  # fmt: skip
        town.world.run_for(days(2))
        town.call("cloudtrail", "DescribeTrails")
        town.world.run_for(minutes(20))
        old, *others = town.call("s3", "ListObjectsV2", Bucket="logs")["Contents"]
        assert old["StorageClass"] == "GLACIER"
        assert {entry["StorageClass"] for entry in others} == {"STANDARD"}
        town.world.run_for(days(2))
        assert town.files() == [entry["Key"] for entry in others]
        assert "LatestDeliveryError" not in town.status()


def digests(town: Outlets) -> list[str]:
    return [key for key in town.files() if "/CloudTrail-Digest/" in key]


def test_digests_are_encrypted_under_data_keys_too() -> None:
    """The signature stands in the metadata, in the open; the aws CLI reads it without the key."""
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False, EnableLogFileValidation=True)
        town.world.run_for(minutes(61))
        (file,) = digests(town)
        found = town.call("s3", "GetObject", Bucket="logs", Key=file)
        assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)
        assert sorted(found["Metadata"]) == ["signature", "signature-algorithm"]
        context = {"aws:cloudtrail:arn": TRAIL, "aws:s3:arn": f"arn:aws:s3:::logs/{file}"}
        contexts = [r.request_parameters["encryptionContext"] for r in data_keys(town)]
        assert contexts.count(context) == 1
        body = json.loads(gzip.decompress(found["Body"]))
        assert {log["s3Object"] for log in body["logFiles"]} == set(town.files()) - {file}


def test_a_digest_waits_for_a_key_that_gives_no_data_keys() -> None:
    with outlets(boot=True) as town:
        key = sealed(town, RecursiveLogging=False, EnableLogFileValidation=True)
        town.world.run_for(minutes(30))
        town.call("kms", "DisableKey", KeyId=key)
        town.world.run_for(minutes(90))
        assert digests(town) == []
        assert town.status()["LatestDigestDeliveryError"] == "KMS.DisabledException"
        town.call("kms", "EnableKey", KeyId=key)
        town.world.run_for(minutes(60))
        assert len(digests(town)) == 3
        assert "LatestDigestDeliveryError" not in town.status()
