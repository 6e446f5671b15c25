"""The store and the endpoint as actors in a region: durable, encrypted, recorded, global in names."""

import json
from typing import Any

import pytest
from regional import booted
from shop import ACCOUNT, NOBODY, OTHER, PART, ROOT, STRANGER
from town import EAST, STORE, WEST, bodies, call, get, records, restart, small

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import AccessDeniedException, ServiceError
from regions.s3.errors import NoSuchKey as NoSuchS3Key
from regions.s3.errors import PermanentRedirect, StoreFailure
from regions.s3.store import Store
from scenarios.arena import Arena
from sim.actor import Actor
from sim.disk import DiskFault
from sim.graph import undeclared_asks
from sim.units import days, hours, minutes, ms, seconds


class Short(DiskFault):
    short = True


def begin(arena: Arena, action: str, outcomes: list[Any], **parameters: Any) -> None:
    """Begin a call; its outcome is appended when it comes."""
    asked = ApiCall(
        service="s3", region=EAST, action=action, principal=ROOT,
        parameters={"Bucket": "logs", **parameters},
        source_ip="192.0.2.1", user_agent="test", request_id="",
    )  # fmt: skip
    kernel = arena.world.kernel
    kernel.begin_ask(
        kernel.cells["host"], f"{EAST}/s3", asked, None, outcomes.append, seconds(5), None
    )


# What is kept.


def test_what_was_acknowledged_is_there_after_a_power_cut() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"2" * 3_000_000)
        upload = call(arena, "CreateMultipartUpload", Bucket="logs", Key="b")["UploadId"]
        part = call(
            arena, "UploadPart", Bucket="logs", Key="b", UploadId=upload, PartNumber=1, Body=PART
        )
        restart(arena)
        assert get(arena, "a") == b"2" * 3_000_000
        listed = [{"PartNumber": 1, "ETag": part["ETag"]}]
        call(
            arena, "CompleteMultipartUpload", Bucket="logs", Key="b", UploadId=upload,
            MultipartUpload={"Parts": listed},
        )  # fmt: skip
        restart(arena)
        assert get(arena, "b", Range="bytes=0-9") == PART[:10]


def test_a_power_cut_in_a_put_leaves_the_old_object_or_the_new_one() -> None:
    kept = set()
    for seed in range(12):
        with small(seed=seed) as arena:
            call(arena, "CreateBucket", Bucket="logs")
            call(arena, "PutObject", Bucket="logs", Key="a", Body=b"old")
            begin(arena, "PutObject", [], Key="a", Body=b"new")
            arena.world.run_for(ms(0.3 + 0.2 * seed))
            restart(arena)
            kept.add(get(arena, "a"))
            assert len(bodies(arena)) == 1
    assert kept == {b"old", b"new"}


def test_a_file_goes_when_nothing_speaks_of_it_any_more() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        for body in (b"1", b"2"):
            call(arena, "PutObject", Bucket="logs", Key="a", Body=body)
        assert bodies(arena) == ["body:2"]
        call(arena, "DeleteObject", Bucket="logs", Key="a")
        assert bodies(arena) == []
        with pytest.raises(NoSuchS3Key):
            get(arena, "a")


def test_a_refused_put_leaves_no_file() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        outcomes: list[Any] = []
        for _ in range(5):
            begin(arena, "PutObject", outcomes, Key="b", Body=b"x", IfNoneMatch="*")
        arena.world.run_for(seconds(1))
        assert sum(isinstance(outcome, ApiAnswer) for outcome in outcomes) == 1
        assert sorted({type(o).__name__ for o in outcomes}) == ["ApiAnswer", "PreconditionFailed"]
        assert len(bodies(arena)) == 2


def test_nothing_readable_lies_on_the_disk_and_a_rotted_body_is_mended_or_refused() -> None:
    with small() as arena:
        body = b"attack at dawn " * 1_000
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=body)
        disk, (file,) = arena.world.disk(STORE), bodies(arena)
        assert all(b"dawn" not in disk.load(name) for name in disk.files())
        healthy = disk.load(file)
        disk.lose_sector(file, 3)
        assert get(arena, "a") == body
        assert disk.load(file) == healthy
        for sector in range(disk.size(file) // 512):
            disk.lose_sector(file, sector)
        with pytest.raises(StoreFailure, match=r"^InternalError: We encountered an internal error"):
            get(arena, "a")


def test_rules_end_things_by_the_calendar_and_also_after_a_restart() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        rule = {
            "ID": "one",
            "Status": "Enabled",
            "Filter": {"Prefix": "tmp/"},
            "Expiration": {"Days": 1},
        }
        call(
            arena, "PutBucketLifecycleConfiguration", Bucket="logs",
            LifecycleConfiguration={"Rules": [rule]},
        )  # fmt: skip
        for key in ("tmp/a", "kept"):
            call(arena, "PutObject", Bucket="logs", Key=key, Body=b"1")
        arena.world.run_for(hours(20))
        assert len(bodies(arena)) == 2
        restart(arena)
        arena.world.run_for(days(2))
        assert bodies(arena) == ["body:2"]
        call(arena, "PutObject", Bucket="logs", Key="tmp/b", Body=b"1")
        arena.world.run_for(days(3))
        assert bodies(arena) == ["body:2"]


def test_a_store_without_rules_and_calls_does_nothing() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        arena.world.run_for(minutes(1))
        before = arena.world.disk(STORE).statistics()
        arena.world.run_for(days(40))
        assert arena.world.disk(STORE).statistics() == before


def test_a_full_disk_refuses_bodies_and_goes_on_reading() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        disk = arena.world.disk(STORE)
        fault = Short()
        disk.faults.append(fault)
        refused = r"^ServiceUnavailableException: There is no room left for objects\.$"
        with pytest.raises(ServiceError, match=refused):
            call(arena, "PutObject", Bucket="logs", Key="b", Body=b"1")
        assert get(arena, "a") == b"1"
        call(arena, "DeleteObject", Bucket="logs", Key="a")
        disk.faults.remove(fault)
        call(arena, "PutObject", Bucket="logs", Key="b", Body=b"1")


def test_a_body_is_read_to_its_end_though_it_is_deleted_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def slow(self: Store, _: int) -> None:
        await Actor.sleep(self, ms(5))

    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        body = bytes(range(256)) * 16_384  # 4 MiB: four chunks
        call(arena, "PutObject", Bucket="logs", Key="a", Body=body)
        monkeypatch.setattr(Store, "sleep", slow)
        outcomes: list[Any] = []
        begin(arena, "GetObject", outcomes, Key="a")
        arena.world.run_for(ms(3))
        call(arena, "DeleteObject", Bucket="logs", Key="a")
        assert (outcomes, bodies(arena)) == ([], ["body:1"])
        arena.world.run_for(ms(50))
        (answer,) = outcomes
        assert answer.body["Body"] == body
        assert bodies(arena) == []


def test_what_somebody_has_read_is_there_after_a_power_cut() -> None:
    # Goal: a read of something that is not durable yet waits. Method: on a disk that flushes
    # slowly, cut the power soon after a read that arrives at each half millisecond of a put.
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        arena.world.disk(STORE).flush_ns = ms(5)
        seen = set()
        for step in range(60):
            written, read = b"%d" % step, list[Any]()
            begin(arena, "PutObject", [], Key="a", Body=written)
            arena.world.run_for(ms(0.5 * step))
            begin(arena, "GetObject", read, Key="a")
            arena.world.run_for(ms(3))
            restart(arena)
            was_read = [each.body["Body"] for each in read if isinstance(each, ApiAnswer)]
            if was_read == [written]:
                assert get(arena, "a") == written
            seen.add(was_read == [written])
        assert seen == {True, False}


# KMS.


def test_an_object_under_kms_needs_its_key_and_its_callers_permission() -> None:
    with booted(s3=True) as arena:
        key = arena.api(EAST, "CreateKey", {}, ROOT)["KeyMetadata"]
        arena.world.run_for(seconds(1))
        call(arena, "CreateBucket", Bucket="logs")
        said = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["KeyId"]}
        answer = call(arena, "PutObject", Bucket="logs", Key="a", Body=b"body", **said)
        assert answer["SSEKMSKeyId"] == key["Arn"]
        restart(arena)
        assert get(arena, "a") == b"body"
        may = json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
        })  # fmt: skip
        eve = Principal(
            kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/eve", policies=(may,)
        )
        with pytest.raises(AccessDeniedException, match="kms:Decrypt"):
            call(arena, "GetObject", eve, Bucket="logs", Key="a")
        assert call(arena, "HeadObject", eve, Bucket="logs", Key="a")["ContentLength"] == 4
        arena.api(EAST, "DisableKey", {"KeyId": key["KeyId"]}, ROOT)
        arena.world.run_for(seconds(1))
        with pytest.raises(ServiceError, match=r"^KMS.DisabledException: .* is disabled\.$"):
            get(arena, "a")
        with pytest.raises(ServiceError, match=r"^KMS.NotFoundException"):
            call(
                arena, "PutObject", Bucket="logs", Key="b", Body=b"x",
                ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/none",
            )  # fmt: skip


def test_parts_and_copies_of_objects_under_kms_are_opened_and_sealed_with_their_own_keys() -> None:
    with booted(s3=True) as arena:
        call(arena, "CreateBucket", Bucket="logs")
        said = {"ServerSideEncryption": "aws:kms"}
        upload = call(arena, "CreateMultipartUpload", Bucket="logs", Key="a", **said)["UploadId"]
        wanted = {"Bucket": "logs", "Key": "a", "UploadId": upload}
        parts = [
            call(arena, "UploadPart", **wanted, PartNumber=number, Body=body)
            for number, body in ((1, PART), (2, b"end"))
        ]
        listed = [{"PartNumber": n, "ETag": p["ETag"]} for n, p in enumerate(parts, 1)]
        call(arena, "CompleteMultipartUpload", **wanted, MultipartUpload={"Parts": listed})
        call(arena, "CopyObject", Bucket="logs", Key="b", CopySource="logs/a", **said)
        call(arena, "CopyObject", Bucket="logs", Key="c", CopySource="logs/b")
        for key in ("a", "b", "c"):
            assert get(arena, key) == PART + b"end"
        assert call(arena, "HeadObject", Bucket="logs", Key="c")["ServerSideEncryption"] == "AES256"
        assert undeclared_asks(arena.world) == []


# Names.


def test_a_name_is_taken_in_all_regions_and_its_bucket_is_called_where_it_lives() -> None:
    with small(EAST, WEST) as arena:
        call(arena, "CreateBucket", Bucket="logs")
        for who, code in ((ROOT, "BucketAlreadyOwnedByYou"), (STRANGER, "BucketAlreadyExists")):
            with pytest.raises(ServiceError, match=f"^{code}: "):
                call(
                    arena, "CreateBucket", who, WEST, Bucket="logs",
                    CreateBucketConfiguration={"LocationConstraint": WEST},
                )  # fmt: skip
        for action in ("HeadBucket", "ListObjectsV2"):
            with pytest.raises(PermanentRedirect) as caught:
                call(arena, action, region=WEST, Bucket="logs")
            assert caught.value.headers == (("x-amz-bucket-region", EAST),)
        with pytest.raises(ServiceError, match=r"^NoSuchBucket: "):
            call(arena, "HeadBucket", region=WEST, Bucket="none")


def test_us_east_1_makes_buckets_in_other_regions_and_every_region_lists_them_all() -> None:
    with small(EAST, WEST) as arena:
        call(arena, "CreateBucket", Bucket="bbb")
        call(
            arena, "CreateBucket", Bucket="aaa",
            CreateBucketConfiguration={"LocationConstraint": WEST},
        )  # fmt: skip
        assert call(arena, "HeadBucket", region=WEST, Bucket="aaa")["BucketRegion"] == WEST
        for region in (EAST, WEST):
            found = call(arena, "ListBuckets", region=region)["Buckets"]
            assert [(each["Name"], each["BucketRegion"]) for each in found] == [
                ("aaa", WEST),
                ("bbb", EAST),
            ]
        page = call(arena, "ListBuckets", MaxBuckets=1)
        rest = call(arena, "ListBuckets", ContinuationToken=page["ContinuationToken"])
        assert [each["Name"] for each in (*page["Buckets"], *rest["Buckets"])] == ["aaa", "bbb"]
        with pytest.raises(ServiceError, match=r"^InvalidLocationConstraint: "):
            call(
                arena, "CreateBucket", Bucket="ccc",
                CreateBucketConfiguration={"LocationConstraint": "us-west-2"},
            )  # fmt: skip


def test_an_object_is_copied_from_another_region() -> None:
    with small(EAST, WEST) as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(
            arena, "CreateBucket", Bucket="far",
            CreateBucketConfiguration={"LocationConstraint": WEST},
        )  # fmt: skip
        call(arena, "PutObject", region=WEST, Bucket="far", Key="a", Body=b"body")
        call(arena, "CopyObject", Bucket="logs", Key="b", CopySource="far/a")
        assert get(arena, "b") == b"body"
        with pytest.raises(ServiceError, match=r"^NoSuchBucket: "):
            call(arena, "CopyObject", Bucket="logs", Key="b", CopySource="none/a")
        with pytest.raises(ServiceError, match=r"^PreconditionFailed: "):
            call(
                arena, "CopyObject", Bucket="logs", Key="b", CopySource="far/a",
                CopySourceIfNoneMatch="*",
            )  # fmt: skip


def test_no_bucket_is_made_while_a_region_does_not_say_whether_it_has_one() -> None:
    with small(EAST, WEST) as arena:
        arena.world.crash(f"{WEST}/bucket")
        with pytest.raises(
            ServiceError, match=r"^ServiceUnavailableException: Region eu-west-1 does"
        ):
            call(arena, "CreateBucket", Bucket="logs")


# Records.


def test_events_of_buckets_are_recorded_and_those_of_objects_are_not() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(
            arena, "PutBucketVersioning", Bucket="logs",
            VersioningConfiguration={"Status": "Enabled"},
        )  # fmt: skip
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        get(arena, "a")
        call(arena, "GetBucketVersioning", Bucket="logs")
        with pytest.raises(AccessDeniedException):
            call(arena, "DeleteBucket", STRANGER, Bucket="logs")
        found = records(arena)
        assert [(r.name, r.read_only, r.error_code, r.recipient_account) for r in found] == [
            ("CreateBucket", False, "", ACCOUNT),
            ("PutBucketVersioning", False, "", ACCOUNT),
            ("GetBucketVersioning", True, "", ACCOUNT),
            ("DeleteBucket", False, "AccessDenied", OTHER),
        ]
        assert found[1].request_parameters == {
            "bucketName": "logs",
            "Host": "logs.s3.us-east-1.amazonaws.com",
            "versioning": "",
            "VersioningConfiguration": {
                "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/",
                "Status": "Enabled",
            },
        }
        (resource,) = found[1].resources
        assert (resource.arn, resource.account, resource.kind) == (
            "arn:aws:s3:::logs", ACCOUNT, "AWS::S3::Bucket",
        )  # fmt: skip


def test_a_call_whose_record_cannot_be_kept_fails() -> None:
    with small() as arena:
        arena.world.crash(f"{EAST}/trail")
        with pytest.raises(StoreFailure):
            call(arena, "CreateBucket", Bucket="logs")


def test_what_is_not_modelled_is_said_to_be() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        with pytest.raises(
            ServiceError, match=r"^NotImplemented: GetBucketTagging is not modelled.$"
        ):
            call(arena, "GetBucketTagging", Bucket="logs")


def test_nobody_is_answered_as_a_policy_says() -> None:
    with small() as arena:
        call(arena, "CreateBucket", Bucket="logs")
        call(arena, "PutObject", Bucket="logs", Key="a", Body=b"1")
        with pytest.raises(AccessDeniedException, match=r"^AccessDeniedException: Access Denied$"):
            call(arena, "GetObject", NOBODY, Bucket="logs", Key="a")
        statement = {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::logs/*",
        }  # fmt: skip
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        call(arena, "PutBucketPolicy", Bucket="logs", Policy=text)
        assert call(arena, "GetObject", NOBODY, Bucket="logs", Key="a")["Body"] == b"1"
