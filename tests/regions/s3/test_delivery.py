"""Trails that deliver into buckets with policies, and the messages of a store without the API."""

import gzip
import json

import pytest
from shop import ACCOUNT
from town import EAST, STORE, WEST, bodies, call, cloudtrail, small

from regions.bucket import (
    BucketReady,
    CreateBucket,
    GetObject,
    HeadBucket,
    ListObjects,
    NoSuchBucket,
    NoSuchKey,
    ObjectDamaged,
    PutObject,
)
from regions.errors import InsufficientS3BucketPolicyException, S3BucketDoesNotExistException
from regions.faults import FAULTS
from sim.plan import Plan
from sim.units import minutes


def trail_policy(trail: str, bucket: str = "logs", region: str = EAST) -> str:
    """The policy of the CloudTrail User Guide."""
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{trail}"}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [
            {**service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}",
             "Condition": {"StringEquals": source}},
            {**service, "Action": "s3:PutObject",
             "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*",
             "Condition": {"StringEquals": {**acl, **source}}},
        ],
    })  # fmt: skip


def test_a_trail_needs_a_bucket_whose_policy_lets_it_in() -> None:
    with small() as arena:
        wanted = {"Name": "main", "S3BucketName": "logs"}
        with pytest.raises(S3BucketDoesNotExistException, match="S3 bucket logs does not exist!"):
            cloudtrail(arena, "CreateTrail", **wanted)
        call(arena, "CreateBucket", Bucket="logs")
        refused = (
            r"^InsufficientS3BucketPolicyException: "
            r"Incorrect S3 bucket policy is detected for bucket: logs$"
        )
        with pytest.raises(InsufficientS3BucketPolicyException, match=refused):
            cloudtrail(arena, "CreateTrail", **wanted)
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("other"))
        with pytest.raises(InsufficientS3BucketPolicyException, match=refused):
            cloudtrail(arena, "CreateTrail", **wanted)
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("main"))
        with pytest.raises(InsufficientS3BucketPolicyException, match=refused):
            cloudtrail(arena, "CreateTrail", **wanted, S3KeyPrefix="elsewhere")
        cloudtrail(arena, "CreateTrail", **wanted)
        call(arena, "DeleteBucketPolicy", Bucket="logs")
        with pytest.raises(InsufficientS3BucketPolicyException, match=refused):
            cloudtrail(arena, "UpdateTrail", **wanted)


def test_delivered_files_are_read_as_those_of_a_real_trail() -> None:
    with small(EAST, WEST) as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("main"))
        cloudtrail(arena, "CreateTrail", Name="main", S3BucketName="logs", IsMultiRegionTrail=True)
        cloudtrail(arena, "StartLogging", Name="main")
        cloudtrail(arena, "DescribeTrails", WEST)
        arena.world.run_for(minutes(30))
        listed = call(arena, "ListObjectsV2", Bucket="logs", Prefix=f"AWSLogs/{ACCOUNT}/")
        found = [call(arena, "GetObject", Bucket="logs", Key=o["Key"]) for o in listed["Contents"]]
        assert {(each["ContentType"], each["ContentEncoding"]) for each in found} == {
            ("application/json", "gzip")
        }
        assert [each["ContentLength"] for each in found] == [o["Size"] for o in listed["Contents"]]
        events = [
            (event["awsRegion"], event["eventName"])
            for each in found
            for event in json.loads(gzip.decompress(each["Body"]))["Records"]
        ]
        assert (WEST, "DescribeTrails") in events
        assert (EAST, "StartLogging") in events
        key = listed["Contents"][0]["Key"]
        plain = arena.world.ask(STORE, GetObject(bucket="logs", key=key)).body
        assert plain == gzip.decompress(found[0]["Body"])


def test_a_trail_waits_while_the_policy_does_not_let_it_in() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("main"))
        cloudtrail(arena, "CreateTrail", Name="main", S3BucketName="logs")
        cloudtrail(arena, "StartLogging", Name="main")
        call(arena, "DeleteBucketPolicy", Bucket="logs")
        arena.world.run_for(minutes(30))
        status = cloudtrail(arena, "GetTrailStatus", Name="main")
        assert status["LatestDeliveryError"] == "AccessDenied"
        assert call(arena, "ListObjectsV2", Bucket="logs")["KeyCount"] == 0
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("main"))
        arena.world.run_for(minutes(30))
        assert call(arena, "ListObjectsV2", Bucket="logs")["KeyCount"] > 0


def test_the_fault_that_removes_a_policy_works_on_this_store_too() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=trail_policy("main"))
        cloudtrail(arena, "CreateTrail", Name="main", S3BucketName="logs")
        cloudtrail(arena, "StartLogging", Name="main")
        world = arena.world
        line = f"bucket-policy-removed {EAST} for 30m with bucket=logs"
        Plan.parse([line], FAULTS).schedule(world, world.now_ns, minutes(60), FAULTS)
        world.run_for(minutes(25))
        assert call(arena, "ListObjectsV2", Bucket="logs")["KeyCount"] == 0
        world.run_for(minutes(30))
        assert call(arena, "ListObjectsV2", Bucket="logs")["KeyCount"] > 0


# The messages of a plain store.


def test_it_answers_the_messages_of_a_plain_store() -> None:
    with small() as arena:
        ask = arena.world.ask
        assert ask(STORE, CreateBucket(bucket="logs", owner=ACCOUNT)) == BucketReady(owner=ACCOUNT)
        assert ask(STORE, HeadBucket(bucket="logs")) == BucketReady(owner=ACCOUNT)
        for key in ("b", "a"):
            ask(STORE, PutObject(bucket="logs", key=key, body=b"body", encoding="gzip"))
        found = ask(STORE, GetObject(bucket="logs", key="a"))
        assert (found.body, found.encoding) == (b"body", "gzip")
        page = ask(STORE, ListObjects(bucket="logs", after="a"))
        assert ([entry.key for entry in page.objects], page.truncated) == (["b"], False)
        with pytest.raises(NoSuchKey, match=r"^the bucket 'logs' has no object 'c'$"):
            ask(STORE, GetObject(bucket="logs", key="c"))
        with pytest.raises(NoSuchBucket, match=r"^the bucket 'gone' does not exist$"):
            ask(STORE, PutObject(bucket="gone", key="k", body=b""))
        cloudtrail(arena, "CreateTrail", Name="main", S3BucketName="logs")
        disk = arena.world.disk(STORE)
        for file in bodies(arena):
            for sector in range(disk.size(file) // 512):
                disk.lose_sector(file, sector)
        with pytest.raises(ObjectDamaged, match=r"^object 'a' of 'logs' is damaged$"):
            ask(STORE, GetObject(bucket="logs", key="a"))
