"""Records of objects: made where a trail wants them, and nowhere else."""

import json
from typing import Any

import pytest
from regional import CODEC
from shop import ACCOUNT, OTHER, STRANGER
from town import EAST, call, cloudtrail, get, records, small

from regions.bucket import GetObject, ListObjects
from regions.errors import AccessDeniedException
from regions.s3.access import delivery_policy
from regions.trail.json_shape import to_json
from scenarios.arena import Arena
from sim.units import hours, seconds

DATA = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::logs/"]}]


def watched(arena: Arena) -> None:
    """Make a bucket whose objects a trail watches, and one for that trail's files."""
    for bucket in ("logs", "other", "files"):
        call(arena, "CreateBucket", Bucket=bucket)
    policy = delivery_policy(EAST, "files")
    call(arena, "PutBucketPolicy", Bucket="files", Policy=policy)
    cloudtrail(arena, "CreateTrail", Name="watch", S3BucketName="files")
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": DATA}]
    cloudtrail(arena, "PutEventSelectors", TrailName="watch", EventSelectors=selectors)
    cloudtrail(arena, "StartLogging", Name="watch")
    arena.world.run_for(seconds(1))


def delivered(arena: Arena) -> list[dict[str, Any]]:
    """Return every record in the files of the trail, oldest first."""
    arena.world.run_for(hours(1))
    store = f"{EAST}/bucket"
    listed = arena.world.ask(store, ListObjects(bucket="files")).objects
    bodies = [arena.world.ask(store, GetObject(bucket="files", key=o.key)).body for o in listed]
    found = [event for body in bodies for event in json.loads(body)["Records"]]
    return sorted(found, key=lambda event: event["eventTime"])


def test_object_level_calls_are_delivered_where_selected_and_never_in_history() -> None:
    """CT-02, CT-09: a data event names the object and its bucket."""
    with small() as arena:
        watched(arena)
        call(arena, "PutObject", Bucket="logs", Key="a/b", Body=b"12345")
        arena.world.run_for(seconds(1))
        get(arena, "a/b")
        arena.world.run_for(seconds(1))
        call(arena, "PutObject", Bucket="other", Key="c", Body=b"1")
        with pytest.raises(AccessDeniedException):
            call(arena, "DeleteObject", STRANGER, Bucket="logs", Key="a/b")
        put, got = delivered(arena)
        assert [event["eventName"] for event in (put, got)] == ["PutObject", "GetObject"]
        assert (put["eventCategory"], put["managementEvent"]) == ("Data", False)
        assert (put["readOnly"], got["readOnly"]) == (False, True)
        assert put["resources"] == [
            {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::logs/a/b"},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::logs"},
        ]
        host = "logs.s3.us-east-1.amazonaws.com"
        assert put["requestParameters"] == {"bucketName": "logs", "Host": host, "key": "a/b"}
        assert put["responseElements"] == {"x-amz-server-side-encryption": "AES256"}
        sizes = ("bytesTransferredIn", "bytesTransferredOut")
        assert [put["additionalEventData"][size] for size in sizes] == [5, 0]
        assert [got["additionalEventData"][size] for size in sizes] == [0, 5]
        assert put["additionalEventData"]["SSEApplied"] == "Default_SSE_S3"
        assert got["responseElements"] is None
        assert {record.category for record in records(arena)} == {"Management"}
        shown = cloudtrail(arena, "LookupEvents")["Events"]
        assert {"PutObject", "GetObject"}.isdisjoint(event["EventName"] for event in shown)


def test_a_stranger_who_may_read_leaves_a_record_with_the_owner_as_well() -> None:
    with small() as arena:
        watched(arena)
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        statement = {
            "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::logs/*",
        }  # fmt: skip
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=text)
        arena.world.run_for(seconds(1))
        call(arena, "GetObject", STRANGER, Bucket="logs", Key="a")
        event = delivered(arena)[-1]
        assert (event["eventName"], event["recipientAccountId"]) == ("GetObject", ACCOUNT)
        assert event["userIdentity"]["type"] == "AWSAccount"
        assert event["userIdentity"]["accountId"] == OTHER
        assert event["sharedEventID"]


def test_without_a_trail_that_asks_objects_cost_one_question_and_no_record() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        told: list[str] = []
        arena.world.tap_frames(lambda *sent: told.append(type(CODEC.decode(sent[2])).__name__))
        for number in range(20):
            call(arena, "PutObject", Bucket="logs", Key=f"{number}", Body=b"1")
        assert told.count("AskDataEvents") == 1
        assert told.count("Publish") == 0


def test_a_change_of_the_trails_is_heard_at_once() -> None:
    with small() as arena:
        watched(arena)
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        arena.world.run_for(seconds(1))
        cloudtrail(arena, "StopLogging", Name="watch")
        arena.world.run_for(seconds(1))
        call(arena, "PutObject", Bucket="logs", Key="b", Body=b"1")
        cloudtrail(arena, "StartLogging", Name="watch")
        arena.world.run_for(seconds(1))
        call(arena, "PutObject", Bucket="logs", Key="c", Body=b"1")
        keys = [event["requestParameters"]["key"] for event in delivered(arena)]
        assert keys == ["a", "c"]


def test_a_management_record_of_s3_has_the_members_of_real_ones() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "GetBucketAcl", Bucket="logs")
        event = to_json(records(arena)[-1])
        assert list(event["additionalEventData"]) == [
            *("SignatureVersion", "CipherSuite", "bytesTransferredIn", "AuthenticationMethod"),
            *("x-amz-id-2", "bytesTransferredOut"),
        ]
        host = "logs.s3.us-east-1.amazonaws.com"
        assert event["requestParameters"] == {"bucketName": "logs", "Host": host, "acl": ""}
        assert event["userAgent"] == "[test]"
        assert event["tlsDetails"]["clientProvidedHostHeader"] == host
