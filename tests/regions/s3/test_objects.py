"""Objects: what is put comes back, whole and in parts, under conditions, copied and encrypted."""

import hashlib
import json
from base64 import b64decode, b64encode
from itertools import pairwise
from typing import Any

import pytest
from shop import NOBODY, NOON_NS, PART, Shop

from regions.api.checksums import checksum
from regions.s3 import digests
from regions.s3.errors import S3Error

NOON_S = NOON_NS / 10**9


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.bucket()
    return made


def tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def test_an_object_comes_back_with_all_that_was_said_of_it(shop: Shop) -> None:
    said = {
        "CacheControl": "no-store", "ContentDisposition": "inline", "ContentEncoding": "gzip",
        "ContentLanguage": "en", "ContentType": "text/plain", "Expires": 2e9,
        "Metadata": {"colour": "blue"},
    }  # fmt: skip
    assert shop.put("a", b"body", **said) == {
        "ETag": tag(b"body"),
        "ServerSideEncryption": "AES256",
    }
    head = {
        "AcceptRanges": "bytes", "LastModified": NOON_S, "ETag": tag(b"body"),
        "ContentLength": 4, "ServerSideEncryption": "AES256", **said,
    }  # fmt: skip
    wanted = {"Bucket": "logs", "Key": "a"}
    assert shop.call("HeadObject", **wanted) == head
    assert shop.call("GetObject", **wanted) == {**head, "Body": b"body"}
    assert shop.call("GetObject", **wanted, ResponseContentType="x/y")["ContentType"] == "x/y"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes=0-0", (b"0", "bytes 0-0/10")),
        ("bytes=2-4", (b"234", "bytes 2-4/10")),
        ("bytes=7-", (b"789", "bytes 7-9/10")),
        ("bytes=7-99", (b"789", "bytes 7-9/10")),
        ("bytes=-3", (b"789", "bytes 7-9/10")),
        ("bytes=-99", (b"0123456789", "bytes 0-9/10")),
        ("bytes=4-2", (b"0123456789", None)),
        ("bytes=0-1,3-4", (b"0123456789", None)),
        ("words=0-1", (b"0123456789", None)),
        ("bytes=-", (b"0123456789", None)),
    ],
)
def test_a_range_gives_its_bytes_and_what_is_none_gives_all(
    shop: Shop, text: str, expected: tuple[bytes, str | None]
) -> None:
    shop.put("a", b"0123456789")
    found = shop.call("GetObject", Bucket="logs", Key="a", Range=text)
    assert (found["Body"], found.get("ContentRange")) == expected
    assert found["ContentLength"] == len(expected[0])


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_outside_of_the_object_is_refused(shop: Shop, text: str) -> None:
    shop.put("a", b"0123456789")
    error = shop.refusal("GetObject", Bucket="logs", Key="a", Range=text)
    assert isinstance(error, S3Error)
    assert (error.code, error.status) == ("InvalidRange", 416)
    assert error.headers == (("Content-Range", "bytes */10"),)


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({"IfMatch": tag(b"body")}, 200),
        ({"IfMatch": "*"}, 200),
        ({"IfMatch": '"other"'}, 412),
        ({"IfNoneMatch": tag(b"body")}, 304),
        ({"IfNoneMatch": '"other"'}, 200),
        ({"IfModifiedSince": NOON_S}, 304),
        ({"IfModifiedSince": NOON_S - 1}, 200),
        ({"IfUnmodifiedSince": NOON_S}, 200),
        ({"IfUnmodifiedSince": NOON_S - 1}, 412),
        ({"IfMatch": tag(b"body"), "IfUnmodifiedSince": NOON_S - 1}, 200),
        ({"IfNoneMatch": tag(b"body"), "IfModifiedSince": NOON_S - 1}, 304),
        ({"IfNoneMatch": '"other"', "IfModifiedSince": NOON_S}, 200),
    ],
)
def test_conditions_of_reads(shop: Shop, conditions: dict[str, Any], outcome: int) -> None:
    shop.put("a", b"body")
    for action in ("GetObject", "HeadObject"):
        if outcome == 200:
            shop.call(action, Bucket="logs", Key="a", **conditions)
        else:
            assert shop.refusal(action, Bucket="logs", Key="a", **conditions).status == outcome


def test_conditions_of_writes(shop: Shop) -> None:
    assert (
        shop.refusal("PutObject", Bucket="logs", Key="a", Body=b"", IfMatch='"x"').code
        == "NoSuchKey"
    )
    shop.put("a", b"1", IfNoneMatch="*")
    assert shop.said("PutObject", Bucket="logs", Key="a", Body=b"2", IfNoneMatch="*") == (
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold",
    )  # fmt: skip
    assert shop.refusal("PutObject", Bucket="logs", Key="a", Body=b"2", IfMatch='"x"').status == 412
    shop.put("a", b"2", IfMatch=tag(b"1"))
    assert shop.refusal("DeleteObject", Bucket="logs", Key="a", IfMatch=tag(b"1")).status == 412
    shop.call("DeleteObject", Bucket="logs", Key="a", IfMatch=tag(b"2"))
    assert shop.refusal("GetObject", Bucket="logs", Key="a").code == "NoSuchKey"


def test_a_delete_marker_hides_an_object_and_is_none_itself(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    first = shop.put("a", b"1")["VersionId"]
    marker = shop.call("DeleteObject", Bucket="logs", Key="a")["VersionId"]
    about = (("x-amz-delete-marker", "true"), ("x-amz-version-id", marker))
    for action in ("GetObject", "HeadObject"):
        hidden = shop.refusal(action, Bucket="logs", Key="a")
        assert isinstance(hidden, S3Error)
        assert (hidden.code, hidden.headers) == ("NoSuchKey", about)
        itself = shop.refusal(action, Bucket="logs", Key="a", VersionId=marker)
        assert isinstance(itself, S3Error)
        assert (itself.code, itself.status) == ("MethodNotAllowed", 405)
        assert itself.headers == (
            *about, ("Last-Modified", "Thu, 01 Jan 2026 12:00:00 GMT"), ("Allow", "DELETE"),
        )  # fmt: skip
    assert shop.get("a", VersionId=first) == b"1"
    assert shop.call("DeleteObject", Bucket="logs", Key="a", VersionId=marker) == {
        "VersionId": marker,
        "DeleteMarker": True,
    }
    assert shop.get("a") == b"1"


def test_many_deletions_have_an_outcome_each(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    first = shop.put("a")["VersionId"]
    shop.put("b")
    text = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::logs/b"},
    ]})  # fmt: skip
    shop.call("PutBucketPolicy", Bucket="logs", Policy=text)
    wanted = [{"Key": "a", "VersionId": first}, {"Key": "b"}, {"Key": "c"}]
    found = shop.call("DeleteObjects", Bucket="logs", Delete={"Objects": wanted})
    marker = found["Deleted"][1].pop("DeleteMarkerVersionId")
    assert len(marker) == 32
    assert found["Deleted"] == [
        {"Key": "a", "VersionId": first},
        {"Key": "c", "DeleteMarker": True},
    ]
    (error,) = found["Errors"]
    assert (error["Key"], error["Code"]) == ("b", "AccessDenied")
    quiet = {"Objects": [{"Key": "c"}], "Quiet": True}
    assert shop.call("DeleteObjects", Bucket="logs", Delete=quiet) == {}
    many = {"Objects": [{"Key": "x"}] * 1001}
    assert shop.refusal("DeleteObjects", Bucket="logs", Delete=many).code == "MalformedXML"


# Uploads in parts.


def test_an_upload_becomes_one_object_of_its_parts(shop: Shop) -> None:
    said = {"ContentType": "text/plain", "Metadata": {"a": "b"}}
    answer = shop.upload("a", PART, b"end", **said)
    md5s = hashlib.md5(PART).digest() + hashlib.md5(b"end").digest()
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-2"'
    found = shop.call("GetObject", Bucket="logs", Key="a")
    assert found["Body"] == PART + b"end"
    assert {name: found[name] for name in said} == said
    edge = f"bytes={len(PART) - 1}-{len(PART)}"
    assert shop.get("a", Range=edge) == b"pe"
    part = shop.call("GetObject", Bucket="logs", Key="a", PartNumber=2)
    assert (part["Body"], part["PartsCount"]) == (b"end", 2)
    assert part["ContentRange"] == f"bytes {len(PART)}-{len(PART) + 2}/{len(PART) + 3}"
    error = shop.refusal("GetObject", Bucket="logs", Key="a", PartNumber=3)
    assert (error.code, error.status) == ("InvalidPartNumber", 416)
    assert shop.call("ListMultipartUploads", Bucket="logs").get("Uploads") is None


def test_an_upload_is_completed_with_the_parts_that_were_uploaded(shop: Shop) -> None:
    upload = shop.call("CreateMultipartUpload", Bucket="logs", Key="a")["UploadId"]
    tags = [shop.part(upload, "a", number, b"small")["ETag"] for number in (1, 2)]

    def said(*parts: tuple[int, str], key: str = "a") -> str:
        listed = [{"PartNumber": number, "ETag": etag} for number, etag in parts]
        return shop.refusal(
            "CompleteMultipartUpload", Bucket="logs", Key=key, UploadId=upload,
            MultipartUpload={"Parts": listed},
        ).code  # fmt: skip

    assert said() == "MalformedXML"
    assert said((2, tags[1]), (1, tags[0])) == "InvalidPartOrder"
    assert said((1, tags[0]), (1, tags[0])) == "InvalidPartOrder"
    assert said((1, '"0123"')) == "InvalidPart"
    assert said((3, tags[0])) == "InvalidPart"
    assert said((1, tags[0]), (2, tags[1])) == "EntityTooSmall"
    assert said((1, tags[0]), key="b") == "NoSuchUpload"
    shop.call("AbortMultipartUpload", Bucket="logs", Key="a", UploadId=upload)
    assert said((1, tags[0])) == "NoSuchUpload"
    for number in (0, 10_001):
        error = shop.refusal(
            "UploadPart", Bucket="logs", Key="a", UploadId=upload, PartNumber=number, Body=b""
        )
        assert error.message == "Part number must be an integer between 1 and 10000, inclusive"


def test_parts_and_uploads_are_listed_in_pages(shop: Shop) -> None:
    keys = ["a", "a", "b/1", "b/2"]
    uploads = [
        shop.call("CreateMultipartUpload", Bucket="logs", Key=key)["UploadId"] for key in keys
    ]
    for number in (3, 1, 2):
        shop.part(uploads[0], "a", number, b"x" * number)
    wanted = {"Bucket": "logs", "Key": "a", "UploadId": uploads[0]}
    page = shop.call("ListParts", **wanted, MaxParts=2)
    assert [(p["PartNumber"], p["Size"]) for p in page["Parts"]] == [(1, 1), (2, 2)]
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 2)
    page = shop.call("ListParts", **wanted, PartNumberMarker=2)
    assert [p["PartNumber"] for p in page["Parts"]] == [3]
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = shop.call("ListMultipartUploads", Bucket="logs", MaxUploads=1, **more)
        found += [upload["UploadId"] for upload in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert found == [*sorted(uploads[:2]), *uploads[2:]]
    page = shop.call("ListMultipartUploads", Bucket="logs", Delimiter="/", Prefix="b")
    assert page["CommonPrefixes"] == [{"Prefix": "b/"}]


# Checksums.


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_checksum_that_came_with_a_body_is_kept_and_shown_to_who_asks(
    shop: Shop, algorithm: str
) -> None:
    name, value = f"Checksum{algorithm}", checksum(algorithm, b"body").value
    answer = shop.put("a", b"body", **{name: value})
    assert (answer[name], answer["ChecksumType"]) == (value, "FULL_OBJECT")
    assert name not in shop.call("HeadObject", Bucket="logs", Key="a")
    shown = shop.call("HeadObject", Bucket="logs", Key="a", ChecksumMode="ENABLED")
    assert shown[name] == value
    part = shop.call("GetObject", Bucket="logs", Key="a", ChecksumMode="ENABLED", Range="bytes=0-1")
    assert name not in part
    (entry,) = shop.call("ListObjectsV2", Bucket="logs")["Contents"]
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


def test_parts_have_a_checksum_of_their_checksums_or_one_of_the_whole(shop: Shop) -> None:
    body = PART + b"end"
    answer = shop.upload("a", PART, b"end", ChecksumAlgorithm="CRC32")
    values = b"".join(b64decode(checksum("CRC32", part).value) for part in (PART, b"end"))
    assert answer["ChecksumCRC32"] == checksum("CRC32", values).value + "-2"
    assert answer["ChecksumType"] == "COMPOSITE"
    answer = shop.upload("a", PART, b"end", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    assert answer["ChecksumCRC32"] == checksum("CRC32", body).value
    assert answer["ChecksumType"] == "FULL_OBJECT"
    for algorithm, kind in (("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")):
        error = shop.refusal(
            "CreateMultipartUpload", Bucket="logs", Key="a",
            ChecksumAlgorithm=algorithm, ChecksumType=kind,
        )  # fmt: skip
        assert error.code == "InvalidRequest"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_checksums_of_parts_join_to_that_of_the_whole(algorithm: str) -> None:
    whole = bytes(place * 31 % 251 for place in range(2_000))
    for cuts in ([0, 2_000], [0, 1, 2_000], [0, 700, 700, 1_999, 2_000]):
        parts = [whole[begin:end] for begin, end in pairwise(cuts)]
        found = digests.joined(
            algorithm,
            digests.FULL_OBJECT,
            [(digests.computed(algorithm, part), len(part)) for part in parts],
        )
        assert found == digests.computed(algorithm, whole)


# Copies.


def test_a_copy_keeps_or_replaces_what_is_said_of_its_source(shop: Shop) -> None:
    said = {"ContentType": "text/plain", "Metadata": {"a": "b"}}
    shop.put("a", b"body", **said)
    shop.now_ns += 10**9
    answer = shop.call("CopyObject", Bucket="logs", Key="b", CopySource="logs/a")
    assert answer["CopyObjectResult"] == {"ETag": tag(b"body"), "LastModified": NOON_S + 1}
    found = shop.call("GetObject", Bucket="logs", Key="b")
    assert (found["Body"], found["ContentType"], found["Metadata"]) == (
        b"body", "text/plain", {"a": "b"},
    )  # fmt: skip
    shop.call(
        "CopyObject", Bucket="logs", Key="b", CopySource="/logs/a", MetadataDirective="REPLACE",
        ContentType="x/y", Metadata={"c": "d"},
    )  # fmt: skip
    found = shop.call("HeadObject", Bucket="logs", Key="b")
    assert (found["ContentType"], found["Metadata"]) == ("x/y", {"c": "d"})


def test_a_copy_onto_itself_must_change_something(shop: Shop) -> None:
    shop.put("a")
    wanted = {"Bucket": "logs", "Key": "a", "CopySource": "logs/a"}
    assert shop.refusal("CopyObject", **wanted).code == "InvalidRequest"
    shop.call("CopyObject", **wanted, MetadataDirective="REPLACE")
    shop.call("CopyObject", **wanted, StorageClass="STANDARD_IA")


def test_a_copy_finds_versions_and_names_with_any_letters(shop: Shop) -> None:
    shop.version("logs", "Enabled")
    first = shop.put("a b+ü?", b"1")["VersionId"]
    shop.put("a b+ü?", b"2")
    name = "a%20b%2B%C3%BC%3F"
    shop.call("CopyObject", Bucket="logs", Key="new", CopySource=f"logs/{name}")
    shop.call("CopyObject", Bucket="logs", Key="old", CopySource=f"logs/{name}?versionId={first}")
    assert (shop.get("new"), shop.get("old")) == (b"2", b"1")


def test_a_copy_is_refused_with_its_source(shop: Shop) -> None:
    shop.put("a")
    wanted = {"Bucket": "logs", "Key": "b"}
    assert shop.refusal("CopyObject", **wanted, CopySource="logs/none").code == "NoSuchKey"
    assert shop.refusal("CopyObject", **wanted, CopySource="logs").code == "InvalidArgument"
    error = shop.refusal("CopyObject", **wanted, CopySource="logs/a", CopySourceIfMatch='"x"')
    assert error.status == 412
    assert (
        shop.refusal("CopyObject", NOBODY, **wanted, CopySource="logs/a").message == "Access Denied"
    )


def test_a_part_may_be_a_range_of_an_object(shop: Shop) -> None:
    shop.put("a", b"0123456789")
    upload = shop.call("CreateMultipartUpload", Bucket="logs", Key="b")["UploadId"]
    wanted = {"Bucket": "logs", "Key": "b", "UploadId": upload, "CopySource": "logs/a"}
    answer = shop.call("UploadPartCopy", **wanted, PartNumber=1, CopySourceRange="bytes=2-4")
    assert answer["CopyPartResult"]["ETag"] == tag(b"234")
    for text in ("bytes=2-", "bytes=4-2", "2-4", "bytes=8-12"):
        error = shop.refusal("UploadPartCopy", **wanted, PartNumber=1, CopySourceRange=text)
        assert error.code == "InvalidArgument"


# Encryption.


def test_an_object_under_kms_names_its_key_and_tells_no_md5(shop: Shop) -> None:
    said = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/app"}
    answer = shop.put("a", b"body", **said)
    assert answer["ETag"] != tag(b"body")
    del answer["ETag"]
    arn = "arn:aws:kms:us-east-1:111122223333:key/1"
    assert answer == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    assert json.loads(shop.keys[0].context) == {"aws:s3:arn": "arn:aws:s3:::logs/a"}
    found = shop.call("GetObject", Bucket="logs", Key="a")
    assert (found["Body"], found["SSEKMSKeyId"]) == (b"body", arn)
    shop.put("b", b"body", **said)
    assert [json.loads(key.context)["aws:s3:arn"] for key in shop.keys] == [
        "arn:aws:s3:::logs/a",
        "arn:aws:s3:::logs/b",
    ]


def test_a_bucket_key_is_bound_to_the_bucket_and_a_context_may_say_more(shop: Shop) -> None:
    context = b64encode(json.dumps({"team": "blue"}).encode()).decode()
    shop.put(
        "a", ServerSideEncryption="aws:kms", BucketKeyEnabled=True, SSEKMSEncryptionContext=context
    )
    assert shop.keys[0].asked == "alias/aws/s3"
    assert json.loads(shop.keys[0].context) == {"aws:s3:arn": "arn:aws:s3:::logs", "team": "blue"}
    assert shop.call("HeadObject", Bucket="logs", Key="a")["BucketKeyEnabled"]
    for text in ("e30", "W10=", "eyJhIjoxfQ=="):
        error = shop.refusal(
            "PutObject", Bucket="logs", Key="a", Body=b"", ServerSideEncryption="aws:kms",
            SSEKMSEncryptionContext=text,
        )  # fmt: skip
        assert error.code == "InvalidArgument"


def test_the_default_of_a_bucket_encrypts_what_says_nothing(shop: Shop) -> None:
    chosen = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/app"}
    rule = {"ApplyServerSideEncryptionByDefault": chosen}
    shop.call(
        "PutBucketEncryption", Bucket="logs", ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    assert shop.put("a")["ServerSideEncryption"] == "aws:kms"
    assert shop.keys[0].asked == "alias/app"
    assert shop.put("a", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    begun = shop.call("CreateMultipartUpload", Bucket="logs", Key="b")
    assert begun["ServerSideEncryption"] == "aws:kms"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ServerSideEncryption": "rot13"}, "InvalidArgument"),
        ({"ServerSideEncryption": "aws:kms:dsse"}, "NotImplemented"),
        ({"SSEKMSKeyId": "alias/app"}, "InvalidArgument"),
        ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "x"}, "NotImplemented"),
        ({"Tagging": "a=b"}, "NotImplemented"),
        ({"ObjectLockMode": "GOVERNANCE"}, "NotImplemented"),
        ({"StorageClass": "DEEP_ARCHIVE"}, "NotImplemented"),
        ({"StorageClass": "WARM"}, "InvalidStorageClass"),
    ],
)
def test_what_an_object_cannot_be_is_refused(shop: Shop, given: dict[str, str], code: str) -> None:
    assert shop.refusal("PutObject", Bucket="logs", Key="a", Body=b"", **given).code == code
    assert shop.files == {}
