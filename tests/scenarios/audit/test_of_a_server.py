"""Audits and advice of a running server: real clients, a real bucket, the environment of the CLI."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "regions"))

from serving import ACCOUNT, REGION, Running, serving

from scenarios.__main__ import main

BUCKET = "the-logs"
#: CreateKey, CreateAlias and three times Encrypt.
CALLS = 5
#: Jumps of the calendar until all is delivered; one or two do on a machine that is not busy.
TRIES = 50
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
Capture = pytest.CaptureFixture[str]


def statement(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": SERVICE, "Action": action, "Resource": resource}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("audited") / "data"
    with serving(data, "--regions", REGION) as running:
        s3, trails, kms = (running.client(name) for name in ("s3", "cloudtrail", "kms"))
        s3.create_bucket(Bucket=BUCKET)
        here = f"arn:aws:s3:::{BUCKET}"
        allowed = [statement("s3:GetBucketAcl", here), statement("s3:PutObject", f"{here}/*")]
        policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
        trails.create_trail(Name="all", S3BucketName=BUCKET)
        trails.start_logging(Name="all")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
        for _ in range(3):
            kms.encrypt(KeyId="alias/orders", Plaintext=b"x")
        # The trail takes calls in from the region's recorder as it comes to it; a slot that the
        # calendar jumps over publishes what was there by then.
        for _ in range(TRIES):
            assert running.nines("advance", "20m").returncode == 0
            if delivered(s3) >= CALLS:
                break
        yield running


def delivered(s3: Any) -> int:
    """Return how many records of the key service lie in the bucket."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
    records = [one for body in bodies for one in json.loads(gzip.decompress(body))["Records"]]
    return sum(one["eventSource"] == "kms.amazonaws.com" for one in records)


@pytest.fixture(autouse=True)
def environment(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "unchecked")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


def test_a_bucket_is_audited_where_it_lies(capsys: Capture) -> None:
    assert main(["audit", f"s3://{BUCKET}/AWSLogs", "--key", "alias/orders", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["read"]["problems"] == []
    (key,) = found["keys"]
    counts = {one["operation"]: one["accepted"] for one in key["principals"]}
    assert counts == {"CreateAlias": 1, "CreateKey": 1, "Encrypt": 3}


def test_a_bucket_that_cannot_be_read_gets_one_line(capsys: Capture) -> None:
    assert main(["audit", "s3://not-there"]) == 2
    assert main(["audit", f"s3://{BUCKET}/nowhere/"]) == 2
    missing, empty = capsys.readouterr().err.splitlines()
    assert missing.startswith("nines: source 's3://not-there' cannot be listed (An error occurred")
    assert empty == (
        f"nines: source 's3://{BUCKET}/nowhere/' holds no .json or .json.gz object; expected"
        " CloudTrail log files"
    )


def test_ct_23_a_server_with_a_single_region_trail_is_advised(
    server: Running, capsys: Capture
) -> None:
    assert main(["lint", "--json"]) == 1
    first = json.loads(capsys.readouterr().out)
    (trail,) = first["trails"]
    assert (trail["name"], trail["multi_region"], trail["logging"]) == ("all", False, True)
    assert [one["name"] for one in first["advice"]] == [
        "single-region-only",
        "validation-off",
        "no-kms-key",
        "kept-for-ever",
        "no-versioning",
        "nobody-told",
    ]
    versions = {"Status": "Enabled"}
    server.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versions)
    server.client("cloudtrail").update_trail(Name="all", IsMultiRegionTrail=True)
    server.client("cloudtrail").stop_logging(Name="all")
    assert main(["lint", "--endpoint", server.url, "--region", REGION]) == 1
    out = capsys.readouterr().out
    assert out.startswith("trail all: all regions, not logging\n\nshould  logging-stopped: all: ")
    assert "single-region-only" not in out
    assert "no-versioning" not in out
