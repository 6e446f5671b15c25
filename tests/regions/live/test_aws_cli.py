"""The AWS CLI, as a user types it: keys, files sealed and opened, who did what, copies to s3."""

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from serving import PATIENCE_S, Running, environment
from stand import Stand

from scenarios.kit import console_trail


def aws(server: Running, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder, with the four lines that the server printed and nothing else."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "awscli", *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
        env=environment() | server.exports | {"HOME": str(folder), "AWS_PAGER": ""},
    )  # fmt: skip


def said(server: Running, folder: Path, *words: str) -> Any:
    """Return what a command that must succeed said."""
    done = aws(server, folder, *words, "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout) if done.stdout else None


@pytest.fixture(scope="module")
def sealed(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A key's ARN, and a folder with a file that the CLI has sealed under it."""
    folder = tmp_path_factory.mktemp("cli")
    key = said(shared, folder, "kms", "create-key", "--description", "of the cli")["KeyMetadata"]
    (folder / "plain").write_bytes(bytes(range(256)))
    answer = said(
        shared, folder, "kms", "encrypt", "--key-id", key["KeyId"], "--plaintext", "fileb://plain",
        "--encryption-context", "tenant=7",
    )  # fmt: skip
    (folder / "sealed").write_bytes(base64.b64decode(answer["CiphertextBlob"]))
    return key["Arn"], folder


def test_a_file_that_the_cli_sealed_is_opened_by_it(
    shared: Running, sealed: tuple[str, Path]
) -> None:
    arn, folder = sealed
    opened = said(
        shared, folder, "kms", "decrypt", "--ciphertext-blob", "fileb://sealed",
        "--encryption-context", "tenant=7",
    )  # fmt: skip
    assert (opened["KeyId"], base64.b64decode(opened["Plaintext"])) == (arn, bytes(range(256)))


def test_the_cli_is_told_who_it_is(shared: Running, tmp_path: Path) -> None:
    assert said(shared, tmp_path, "sts", "get-caller-identity") == {
        "UserId": "123456789012",
        "Account": "123456789012",
        "Arn": "arn:aws:iam::123456789012:root",
    }


def test_an_error_is_what_the_cli_shows_of_it(shared: Running, tmp_path: Path) -> None:
    refused = aws(shared, tmp_path, "kms", "describe-key", "--key-id", "alias/nobody")
    assert refused.returncode == 255
    assert refused.stderr.strip().endswith(
        "An error occurred (NotFoundException) when calling the DescribeKey operation: "
        "Alias arn:aws:kms:us-east-1:123456789012:alias/nobody is not found."
    )


def test_console_command_line_and_api_make_the_same_kind_of_trail(
    shared: Running, tmp_path: Path
) -> None:
    """CT-21, CT-22: what differs is the defaults; IsMultiRegionTrail alone makes the type."""
    stand = Stand(shared)
    bucket = stand.bucket
    words = ("--s3-bucket-name", bucket, "--is-multi-region-trail", "--enable-log-file-validation")
    said(shared, tmp_path, "cloudtrail", "create-trail", "--name", "by-cli", *words)
    said(shared, tmp_path, "cloudtrail", "start-logging", "--name", "by-cli")
    given = {"S3BucketName": bucket, "IsMultiRegionTrail": True, "EnableLogFileValidation": True}
    stand.cloudtrail.create_trail(Name="by-api", **given)
    stand.cloudtrail.start_logging(Name="by-api")
    console_trail.create_trail(stand.client, "by-console", bucket=bucket, kms_key="")
    kinds = []
    for name in ("by-cli", "by-api", "by-console"):
        found = stand.cloudtrail.get_trail(Name=name)["Trail"]
        logs = stand.cloudtrail.get_trail_status(Name=name)["IsLogging"]
        stand.cloudtrail.delete_trail(Name=name)
        assert (found.pop("Name"), found.pop("TrailARN").rpartition("/")[2]) == (name, name)
        kinds.append((found, logs))
    assert kinds[0] == kinds[1] == kinds[2]
    assert kinds[0][0]["IsMultiRegionTrail"] is True


def test_a_trail_of_the_command_line_is_single_region_unless_it_is_asked_for(
    shared: Running, tmp_path: Path
) -> None:
    """CT-36."""
    stand = Stand(shared)
    words = ("--name", "plain", "--s3-bucket-name", stand.bucket)
    made = said(shared, tmp_path, "cloudtrail", "create-trail", *words)
    stand.cloudtrail.delete_trail(Name="plain")
    assert (made["IsMultiRegionTrail"], made["LogFileValidationEnabled"]) == (False, False)


def test_the_cli_copies_files_to_a_bucket_and_back(shared: Running, tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000  # Ten megabytes go in parts.
    (tmp_path / "large").write_bytes(content)
    for words in (
        ("s3", "mb", "s3://of-the-cli"),
        ("s3", "cp", "large", "s3://of-the-cli/a/large"),
        ("s3", "cp", "s3://of-the-cli/a/large", "back"),
    ):
        done = aws(shared, tmp_path, *words)
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "back").read_bytes() == content
    assert "a/large" in aws(shared, tmp_path, "s3", "ls", "--recursive", "s3://of-the-cli").stdout


def test_the_cli_looks_up_what_was_done_with_a_key(
    shared: Running, sealed: tuple[str, Path]
) -> None:
    # Last in this file: records are handed on some seconds after their calls.
    arn, folder = sealed
    names: set[str] = set()
    for _ in range(300):
        found = said(
            shared, folder, "cloudtrail", "lookup-events",
            "--lookup-attributes", f"AttributeKey=ResourceName,AttributeValue={arn}",
        )  # fmt: skip
        names = {event["EventName"] for event in found["Events"]}
        if names >= {"CreateKey", "Encrypt"}:
            break
        time.sleep(0.2)
    assert {"CreateKey", "Encrypt"} <= names <= {"CreateKey", "Encrypt", "Decrypt"}
