"""boto3's own S3 client against a running server: both styles, parts, pages, presigned, kill -9."""

import gzip
import hashlib
import io
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from serving import ACCOUNT, PATIENCE_S, REGION, Running, serving

WEST = "eu-west-1"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("s3") / "data"
    with serving(data, "--regions", f"{REGION},{WEST}") as running:
        yield running


@pytest.fixture(autouse=True)
def _local_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names below localhost are this machine, as RFC 6761 has it; not every resolver knows."""
    real: Callable[..., Any] = socket.getaddrinfo

    def lookup(host: Any, *more: Any, **options: Any) -> Any:
        is_local = isinstance(host, str) and host.endswith(".localhost")
        return real("127.0.0.1" if is_local else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def s3(server: Running, region: str = REGION, style: str = "path", account: str = ACCOUNT) -> Any:
    port = server.url.rpartition(":")[2]
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=f"http://localhost:{port}" if style == "virtual" else server.url,
        aws_access_key_id=account,
        aws_secret_access_key="unchecked",
        config=Config(
            s3={"addressing_style": style}, signature_version="s3v4",
            retries={"total_max_attempts": 1}, read_timeout=PATIENCE_S,
        ),
    )  # fmt: skip


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    found = caught.value.response
    return found["Error"]["Code"], found["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_an_object_goes_there_and_back_in_both_styles(server: Running, style: str) -> None:
    client, name = s3(server, style=style), f"style-{style}"
    client.create_bucket(Bucket=name)
    key, body = "a b/ü+?&=%.txt", os.urandom(100_000)
    put = client.put_object(
        Bucket=name, Key=key, Body=body, ContentType="text/plain", Metadata={"colour": "blue"}
    )
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    found = client.get_object(Bucket=name, Key=key)
    assert found["Body"].read() == body
    assert (found["ContentType"], found["Metadata"]) == ("text/plain", {"colour": "blue"})
    assert client.get_object(Bucket=name, Key=key, Range="bytes=5-9")["Body"].read() == body[5:10]
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=name)["Contents"]] == [key]
    client.delete_object(Bucket=name, Key=key)
    assert refused(client.head_object, Bucket=name, Key=key) == ("404", 404)
    client.delete_bucket(Bucket=name)
    assert refused(client.head_bucket, Bucket=name) == ("404", 404)


def test_a_file_is_uploaded_in_parts_with_the_checksums_that_the_client_sends(
    server: Running,
) -> None:
    client, body = s3(server), os.urandom(17 * MIB + 5)
    client.create_bucket(Bucket="parts")
    in_parts = TransferConfig(multipart_threshold=MIB, multipart_chunksize=5 * MIB)
    client.upload_fileobj(io.BytesIO(body), "parts", "big", Config=in_parts)
    head = client.head_object(Bucket="parts", Key="big", ChecksumMode="ENABLED")
    assert head["ContentLength"] == len(body)
    assert head["ETag"].endswith('-4"')
    assert head["ChecksumCRC32"].endswith("-4")
    got = io.BytesIO()
    client.download_fileobj("parts", "big", got, Config=in_parts)
    assert got.getvalue() == body
    client.copy({"Bucket": "parts", "Key": "big"}, "parts", "copy", Config=in_parts)
    assert client.get_object(Bucket="parts", Key="copy")["Body"].read() == body
    assert client.get_object(Bucket="parts", Key="copy", PartNumber=4)["PartsCount"] == 4


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_compared_kept_and_shown(server: Running, algorithm: str) -> None:
    if algorithm in {"CRC32C", "CRC64NVME"}:
        pytest.importorskip("awscrt", reason="the client needs awscrt for this checksum")
    client = s3(server)
    client.create_bucket(Bucket="sums")
    put = client.put_object(Bucket="sums", Key="a", Body=b"body", ChecksumAlgorithm=algorithm)
    name = f"Checksum{algorithm}"
    head = client.head_object(Bucket="sums", Key="a", ChecksumMode="ENABLED")
    assert head[name] == put[name]
    given = {name: put[name]}
    assert refused(client.put_object, Bucket="sums", Key="a", Body=b"other", **given) == (
        "BadDigest",
        400,
    )


def test_pages_go_on_where_the_last_one_ended(server: Running) -> None:
    client = s3(server)
    client.create_bucket(Bucket="pages")
    keys = sorted(f"{place % 4}/{place:03} ü" for place in range(25))
    for key in keys:
        client.put_object(Bucket="pages", Key=key, Body=b"")
    for action in ("list_objects", "list_objects_v2"):
        pages = client.get_paginator(action).paginate(
            Bucket="pages", PaginationConfig={"PageSize": 7}
        )
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
        pages = client.get_paginator(action).paginate(
            Bucket="pages", Delimiter="/", PaginationConfig={"PageSize": 3}
        )
        found = [entry["Prefix"] for page in pages for entry in page["CommonPrefixes"]]
        assert found == ["0/", "1/", "2/", "3/"]


def test_versions_and_markers_are_listed_read_and_removed(server: Running) -> None:
    client = s3(server)
    client.create_bucket(Bucket="versions")
    client.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    ids = [
        client.put_object(Bucket="versions", Key="a", Body=b"%d" % place)["VersionId"]
        for place in range(5)
    ]
    marker = client.delete_object(Bucket="versions", Key="a")
    assert marker["DeleteMarker"]
    with pytest.raises(ClientError) as caught:
        client.get_object(Bucket="versions", Key="a")
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    wanted = {"Bucket": "versions", "Key": "a", "VersionId": marker["VersionId"]}
    assert refused(client.get_object, **wanted) == ("MethodNotAllowed", 405)
    body = client.get_object(Bucket="versions", Key="a", VersionId=ids[1])["Body"].read()
    assert body == b"1"
    pages = list(
        client.get_paginator("list_object_versions").paginate(
            Bucket="versions", PaginationConfig={"PageSize": 2}
        )
    )
    assert [each["VersionId"] for page in pages for each in page.get("Versions", [])] == ids[::-1]
    every = [
        {"Key": each["Key"], "VersionId": each["VersionId"]}
        for page in pages
        for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    ]
    found = client.delete_objects(Bucket="versions", Delete={"Objects": every})
    assert len(found["Deleted"]) == 6
    client.delete_bucket(Bucket="versions")


def test_conditions_reach_the_client_as_statuses(server: Running) -> None:
    client = s3(server)
    client.create_bucket(Bucket="conditions")
    etag = client.put_object(Bucket="conditions", Key="a", Body=b"body")["ETag"]
    wanted = {"Bucket": "conditions", "Key": "a"}
    assert refused(client.get_object, **wanted, IfNoneMatch=etag) == ("304", 304)
    assert refused(client.get_object, **wanted, IfMatch='"x"') == ("PreconditionFailed", 412)
    assert refused(client.get_object, **wanted, Range="bytes=9-") == ("InvalidRange", 416)
    assert refused(client.put_object, **wanted, Body=b"", IfNoneMatch="*") == (
        "PreconditionFailed",
        412,
    )


def test_presigned_urls_work_without_a_client(server: Running) -> None:
    client = s3(server)
    client.create_bucket(Bucket="presigned")
    wanted = {"Bucket": "presigned", "Key": "a b"}
    url = client.generate_presigned_url("put_object", Params=wanted)
    request = urllib.request.Request(url, data=b"body", method="PUT")
    request.add_header("Content-Type", "")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        assert answer.status == 200
    url = client.generate_presigned_url("get_object", Params=wanted)
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        assert answer.read() == b"body"


def test_a_client_of_the_wrong_region_is_led_to_the_bucket(server: Running) -> None:
    client = s3(server, WEST)
    client.create_bucket(Bucket="western", CreateBucketConfiguration={"LocationConstraint": WEST})
    client.put_object(Bucket="western", Key="a", Body=b"body")
    eastern = s3(server)
    assert eastern.get_object(Bucket="western", Key="a")["Body"].read() == b"body"
    assert eastern.head_bucket(Bucket="western")["BucketRegion"] == WEST
    assert eastern.get_bucket_location(Bucket="western")["LocationConstraint"] == WEST
    assert refused(client.create_bucket, Bucket="other") == (
        "IllegalLocationConstraintException",
        400,
    )
    signed = client.generate_presigned_url("get_object", Params={"Bucket": "western", "Key": "a"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(signed.replace(WEST, REGION), timeout=PATIENCE_S)
    with caught.value as answer:
        assert answer.code == 301
        assert answer.headers["x-amz-bucket-region"] == WEST
        assert b"<Code>PermanentRedirect</Code>" in answer.read()


def test_a_policy_lets_another_account_in(server: Running) -> None:
    client, other = s3(server), s3(server, account="444455556666")
    client.create_bucket(Bucket="shared")
    client.put_object(Bucket="shared", Key="a", Body=b"body")
    assert refused(client.get_bucket_policy, Bucket="shared") == ("NoSuchBucketPolicy", 404)
    assert refused(other.get_object, Bucket="shared", Key="a") == ("AccessDenied", 403)
    statement = {
        "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::shared/*",
    }  # fmt: skip
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_bucket_policy(Bucket="shared", Policy=text)
    assert other.get_object(Bucket="shared", Key="a")["Body"].read() == b"body"
    assert client.get_bucket_policy(Bucket="shared")["Policy"] == text
    assert not client.get_bucket_policy_status(Bucket="shared")["PolicyStatus"]["IsPublic"]
    assert refused(client.put_bucket_policy, Bucket="shared", Policy="{}") == (
        "MalformedPolicy",
        400,
    )
    assert refused(other.create_bucket, Bucket="shared") == ("BucketAlreadyExists", 409)


def test_settings_of_a_bucket_come_back(server: Running) -> None:
    client = s3(server)
    client.create_bucket(Bucket="settings")
    rules = [
        {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    ]
    lifecycle = {"Rules": rules}
    client.put_bucket_lifecycle_configuration(Bucket="settings", LifecycleConfiguration=lifecycle)
    assert client.get_bucket_lifecycle_configuration(Bucket="settings")["Rules"] == rules
    client.delete_bucket_lifecycle(Bucket="settings")
    assert refused(client.get_bucket_lifecycle_configuration, Bucket="settings") == (
        "NoSuchLifecycleConfiguration",
        404,
    )
    kms = server.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    chosen = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    encryption = {
        "Rules": [{"ApplyServerSideEncryptionByDefault": chosen, "BucketKeyEnabled": True}]
    }
    client.put_bucket_encryption(Bucket="settings", ServerSideEncryptionConfiguration=encryption)
    found = client.get_bucket_encryption(Bucket="settings")["ServerSideEncryptionConfiguration"]
    assert found == encryption
    put = client.put_object(Bucket="settings", Key="a", Body=b"body")
    assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (key, True)
    assert client.get_object(Bucket="settings", Key="a")["Body"].read() == b"body"
    grants = client.get_bucket_acl(Bucket="settings")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


def test_a_trail_delivers_into_a_bucket_that_real_readers_read(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION) as server:
        client, trails = s3(server), server.client("cloudtrail")
        client.create_bucket(Bucket="logs")
        wanted = {"Name": "main", "S3BucketName": "logs"}
        assert refused(trails.create_trail, **wanted) == (
            "InsufficientS3BucketPolicyException",
            400,
        )
        service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
        statements = [
            {**service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs"},
            {
                **service,
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::logs/AWSLogs/{ACCOUNT}/*",
            },
        ]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        client.put_bucket_policy(Bucket="logs", Policy=text)
        trails.create_trail(**wanted)
        trails.start_logging(Name="main")
        client.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
        assert server.nines("advance", "30m").returncode == 0
        listed = client.list_objects_v2(Bucket="logs")["Contents"]
        found = client.get_object(Bucket="logs", Key=listed[0]["Key"])
        assert (found["ContentType"], found["ContentEncoding"]) == ("application/json", "gzip")
        events = json.loads(gzip.decompress(found["Body"].read()))["Records"]
        assert {"StartLogging", "PutBucketVersioning"} <= {each["eventName"] for each in events}


@pytest.mark.parametrize("fsync", ["always", "batch"])
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, fsync: str) -> None:
    data = tmp_path / "data"
    options = ("--regions", REGION, "--fsync", fsync)
    acknowledged: dict[str, bytes] = {}
    with serving(data, *options) as server:
        client = s3(server)
        client.create_bucket(Bucket="kept")
        kms = {"ServerSideEncryption": "aws:kms"}
        for place in range(30):
            key, body = f"k{place % 20}", os.urandom(5_000 * place)
            client.put_object(Bucket="kept", Key=key, Body=body, **(kms if place % 7 == 0 else {}))
            acknowledged[key] = body
        upload = client.create_multipart_upload(Bucket="kept", Key="parts")["UploadId"]
        wanted = {"Bucket": "kept", "Key": "parts", "UploadId": upload}
        etag = client.upload_part(**wanted, PartNumber=1, Body=b"part")["ETag"]
        server.kill()
    with serving(data, *options) as server:
        client = s3(server)
        client.complete_multipart_upload(
            **wanted, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
        )
        acknowledged["parts"] = b"part"
        for key, body in acknowledged.items():
            assert client.get_object(Bucket="kept", Key=key)["Body"].read() == body
        listed = client.list_objects_v2(Bucket="kept")["Contents"]
        assert [entry["Key"] for entry in listed] == sorted(acknowledged)


def test_whoever_does_not_sign_is_let_in_by_a_policy_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION, auth="sigv4") as server:
        client = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=server.url,
            aws_access_key_id=server.exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=server.exports["AWS_SECRET_ACCESS_KEY"],
            config=Config(signature_version="s3v4"),  # else URLs are presigned the old way
        )
        client.create_bucket(Bucket="open")
        client.put_object(Bucket="open", Key="a", Body=b"body")
        url = f"{server.url}/open/a"
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url, timeout=PATIENCE_S)
        with caught.value as answer:
            assert (answer.code, b"<Code>AccessDenied</Code>" in answer.read()) == (403, True)
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::open/*",
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        client.put_bucket_policy(Bucket="open", Policy=text)
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            assert answer.read() == b"body"
        upload = urllib.request.Request(url, data=b"x", method="PUT")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(upload, timeout=PATIENCE_S)
        with caught.value as answer:
            assert answer.code == 403
        url = client.generate_presigned_url("get_object", Params={"Bucket": "open", "Key": "a"})
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            assert answer.read() == b"body"
        in_parts = TransferConfig(multipart_threshold=MIB, multipart_chunksize=5 * MIB)
        body = os.urandom(11 * MIB)
        client.upload_fileobj(io.BytesIO(body), "open", "big", Config=in_parts)
        assert client.get_object(Bucket="open", Key="big")["Body"].read() == body


def test_a_cleared_server_has_no_buckets_and_takes_new_ones(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION, "--allow-reset") as server:
        client = s3(server)
        client.create_bucket(Bucket="gone")
        client.put_object(Bucket="gone", Key="a", Body=b"body")
        reset = urllib.request.Request(f"{server.url}/moto-api/reset", data=b"", method="POST")
        with urllib.request.urlopen(reset, timeout=PATIENCE_S) as answer:
            assert answer.status == 200
        assert client.list_buckets()["Buckets"] == []
        client.create_bucket(Bucket="gone")
        assert refused(client.get_object, Bucket="gone", Key="a") == ("NoSuchKey", 404)
