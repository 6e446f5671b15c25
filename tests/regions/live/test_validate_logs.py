"""The AWS CLI validates what a served trail has delivered, and finds whatever was tampered with."""

import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import ACCOUNT, PATIENCE_S, Running, environment, serving

from scenarios.log_chain import Answer, Verdict, validate
from scenarios.log_objects import Place
from scenarios.log_service import ask

ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"
BUCKET = "logs-of-audit"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        }
    ],
}
#: As the CloudTrail User Guide has it.
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
        },
    ],
}


@dataclass
class Vault:
    """A trail's bucket with the files of some hours, each of them under a KMS key."""

    server: Running
    s3: Any
    begin: str
    end: str
    objects: dict[str, tuple[bytes, dict[str, str]]]  #: key -> content and metadata

    def keys(self, part: str) -> list[str]:
        return sorted(key for key in self.objects if f"/{part}/" in key)

    def put(self, key: str, body: bytes, metadata: dict[str, str]) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)

    def restore(self) -> None:
        found = self.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
        for each in found:
            if each["Key"] not in self.objects:
                self.s3.delete_object(Bucket=BUCKET, Key=each["Key"])
        for key, (body, metadata) in self.objects.items():
            self.put(key, body, metadata)

    @property
    def logs(self) -> list[str]:
        """Return the log files that digests name; a later one may lie in the bucket already."""
        bodies = [self.objects[key][0] for key in self.keys("CloudTrail-Digest")]
        said = [json.loads(gzip.decompress(body)) for body in bodies]
        return [log["s3Object"] for each in said for log in each["logFiles"]]

    def ours(self) -> Answer:
        """Return what our own validation finds on the running server."""
        with surroundings(self.server):
            return validate(ask(ARN, since=0, until=None, region=None))

    def nines(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Return exit status and answer of our own command."""
        done = subprocess.run(
            [sys.executable, "-m", "scenarios", "validate-logs", *words, "--json"],
            capture_output=True, text=True, check=False, timeout=PATIENCE_S,
            env=environment() | self.server.exports | {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"},
        )  # fmt: skip
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)

    def aws(self) -> tuple[int, str, list[str]]:
        """Return exit status, closing lines and complaints of the AWS CLI."""
        import awscli
        from awscli.clidriver import create_clidriver

        data = Path(awscli.__file__).with_name("data")
        out, err = io.StringIO(), io.StringIO()
        words = ["cloudtrail", "validate-logs", "--trail-arn", ARN]
        words += ["--start-time", self.begin, "--end-time", self.end]
        with (
            surroundings(self.server),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            os.environ["AWS_DATA_PATH"] = str(data)
            status = create_clidriver().main(words)
        said = [line for line in err.getvalue().splitlines() if line]
        return status, out.getvalue(), said


@contextlib.contextmanager
def surroundings(server: Running) -> Iterator[None]:
    """Set the environment variables that a client of a server needs, and no others of AWS."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment() | server.exports)
    os.environ |= {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "unchecked"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    data = tmp_path_factory.mktemp("validate") / "data"
    with serving(data, "--regions", "us-east-1") as server:
        s3, cloudtrail = server.client("s3"), server.client("cloudtrail")
        key = server.client("kms").create_key(Policy=json.dumps(KEY_POLICY))["KeyMetadata"]["Arn"]
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
        cloudtrail.create_trail(
            Name="audit", S3BucketName=BUCKET, EnableLogFileValidation=True, KmsKeyId=key
        )
        cloudtrail.start_logging(Name="audit")
        for _ in range(4):
            cloudtrail.list_trails()
            done = server.nines("advance", "1h")
            assert (done.returncode, done.stderr) == (0, "")
        status = cloudtrail.get_trail_status(Name="audit")
        begin = status["StartLoggingTime"].astimezone(UTC)
        end = status["LatestDigestDeliveryTime"].astimezone(UTC)
        objects = {}
        for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
            found = s3.get_object(Bucket=BUCKET, Key=each["Key"])
            assert found["SSEKMSKeyId"] == key
            objects[each["Key"]] = (found["Body"].read(), found["Metadata"])
        yield Vault(server, s3, _text(begin), _text(end), objects)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_clean_chain_is_valid(vault: Vault) -> None:
    """CT-13: the real client accepts every digest and every log file."""
    digests, logs = len(vault.keys("CloudTrail-Digest")), len(vault.logs)
    assert digests >= 3
    assert logs >= 3
    status, said, complaints = vault.aws()
    assert (status, complaints) == (0, [])
    assert f"{digests}/{digests} digest files valid" in said
    assert f"{logs}/{logs} log files valid" in said
    assert vault.ours().valid


def _changed(vault: Vault, key: str) -> None:
    body, metadata = vault.objects[key]
    content = gzip.decompress(body).replace(b"SHA-256", b"SHA-512")
    content = content.replace(b"ListTrails", b"ListOthers")
    vault.put(key, gzip.compress(content), metadata)


def _missing(vault: Vault, key: str) -> None:
    vault.s3.delete_object(Bucket=BUCKET, Key=key)


def _moved(vault: Vault, key: str) -> None:
    body, metadata = vault.objects[vault.keys("CloudTrail-Digest")[0]]
    vault.put(key, body, metadata)


def _unsigned(vault: Vault, key: str) -> None:
    body, metadata = vault.objects[key]
    vault.put(key, body, metadata | {"signature": metadata["signature"][::-1]})


@pytest.mark.parametrize(
    ("part", "tamper", "verdict"),
    [
        ("CloudTrail", _changed, "INVALID: hash value doesn't match"),
        ("CloudTrail", _missing, "INVALID: not found"),
        ("CloudTrail-Digest", _changed, "INVALID: signature verification failed"),
        ("CloudTrail-Digest", _missing, "INVALID: not found"),
        ("CloudTrail-Digest", _moved, "INVALID: has been moved from its original location"),
        ("CloudTrail-Digest", _unsigned, "INVALID: signature verification failed"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)).strip("_"),
)
def test_what_was_tampered_with_is_named(
    vault: Vault, part: str, tamper: Callable[[Vault, str], None], verdict: str
) -> None:
    """CT-13: with the client's own words and exit status; ours finds the same."""
    key = (vault.logs if part == "CloudTrail" else vault.keys(part))[1]
    try:
        tamper(vault, key)
        status, said, complaints = vault.aws()
        kind = "Log" if part == "CloudTrail" else "Digest"
        assert (status, complaints) == (1, [f"{kind} file\ts3://{BUCKET}/{key}\t{verdict}"])
        assert f"{kind.lower()} files INVALID" in said
        (chain,) = vault.ours().reports
        assert Verdict(kind.lower(), Place(BUCKET, key), verdict) in chain.verdicts
    finally:
        vault.restore()


def test_a_missing_end_is_what_the_trail_itself_tells_of(vault: Vault) -> None:
    """CT-13: the AWS CLI does not see that the newest digest is gone."""
    key = vault.keys("CloudTrail-Digest")[-1]
    try:
        _missing(vault, key)
        assert vault.aws()[0] == 0
        status, answer = vault.nines(ARN)
        found = [each for each in answer["chains"][0]["files"] if each["key"] == key]
        assert (status, [each["verdict"] for each in found]) == (1, ["INVALID: not found"])
    finally:
        vault.restore()


def test_a_copied_folder_is_validated_offline(vault: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    for key, (body, _) in vault.objects.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(body)
    client = vault.server.client("cloudtrail")
    listed = client.list_public_keys(StartTime=vault.begin, EndTime=vault.end)["PublicKeyList"]
    shown = [key | {"Value": b64encode(key["Value"]).decode()} for key in listed]
    (tmp_path / "keys.json").write_text(json.dumps({"PublicKeyList": shown}, default=str))
    words = (str(folder), "--public-keys", str(tmp_path / "keys.json"))
    status, answer = vault.nines(*words)
    count = len(vault.keys("CloudTrail-Digest"))
    (chain,) = answer["chains"]
    # Of the newest one only its own metadata would tell the signature.
    assert (status, chain["digests"]) == (0, {"valid": count - 1, "invalid": 0, "unchecked": 1})
    assert chain["logs"] == {"valid": len(vault.logs), "invalid": 0, "unchecked": 0}
    (folder / vault.keys("CloudTrail-Digest")[1]).unlink()
    status, answer = vault.nines(*words)
    assert (status, answer["chains"][0]["digests"]["invalid"]) == (1, 1)
