"""The AWS CLI, as a user types it: keys, files sealed and opened, who did what, copies to s3."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import REGION, Running, environment, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("cli") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def aws(server: Running, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder, with the four lines that the server printed and nothing else."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "awscli", *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env=environment() | server.exports | {"HOME": str(folder), "AWS_PAGER": ""},
    )  # fmt: skip


def said(server: Running, folder: Path, *words: str) -> Any:
    """Return what a command that must succeed said."""
    done = aws(server, folder, *words, "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout) if done.stdout else None


def test_a_file_that_the_cli_sealed_is_opened_by_it_and_history_tells(
    server: Running, folder: Path
) -> None:
    key = said(server, folder, "kms", "create-key", "--description", "of the cli")["KeyMetadata"]
    (folder / "plain").write_bytes(bytes(range(256)))
    sealed = said(
        server, folder, "kms", "encrypt", "--key-id", key["KeyId"], "--plaintext", "fileb://plain",
        "--encryption-context", "tenant=7",
    )  # fmt: skip
    (folder / "sealed").write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
    opened = said(
        server, folder, "kms", "decrypt", "--ciphertext-blob", "fileb://sealed",
        "--encryption-context", "tenant=7",
    )  # fmt: skip
    assert base64.b64decode(opened["Plaintext"]) == bytes(range(256))
    assert opened["KeyId"] == key["Arn"]
    names: list[str] = []
    for _ in range(60):
        if len(names) == 3:
            break
        time.sleep(0.2)  # Records are handed on in batches.
        found = said(
            server, folder, "cloudtrail", "lookup-events",
            "--lookup-attributes", f"AttributeKey=ResourceName,AttributeValue={key['Arn']}",
        )  # fmt: skip
        names = sorted(event["EventName"] for event in found["Events"])
    assert names == ["CreateKey", "Decrypt", "Encrypt"]


def test_the_cli_is_told_who_it_is(server: Running, folder: Path) -> None:
    assert said(server, folder, "sts", "get-caller-identity") == {
        "UserId": "123456789012",
        "Account": "123456789012",
        "Arn": "arn:aws:iam::123456789012:root",
    }


def test_an_error_is_what_the_cli_shows_of_it(server: Running, folder: Path) -> None:
    refused = aws(server, folder, "kms", "describe-key", "--key-id", "alias/nobody")
    assert refused.returncode == 255
    assert refused.stderr.strip().endswith(
        "An error occurred (NotFoundException) when calling the DescribeKey operation: "
        "Alias arn:aws:kms:us-east-1:123456789012:alias/nobody is not found."
    )


def test_the_cli_copies_files_to_a_bucket_and_back(server: Running, folder: Path) -> None:
    listed = aws(server, folder, "s3api", "list-buckets")
    if "UnknownEndpoint" in listed.stderr:
        pytest.skip("s3 is not served")
    content = bytes(range(256)) * 40_000  # Ten megabytes go in parts.
    (folder / "large").write_bytes(content)
    for words in (
        ("s3", "mb", "s3://of-the-cli"),
        ("s3", "cp", "large", "s3://of-the-cli/a/large"),
        ("s3", "cp", "s3://of-the-cli/a/large", "back"),
    ):
        done = aws(server, folder, *words)
        assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "back").read_bytes() == content
    assert "a/large" in aws(server, folder, "s3", "ls", "--recursive", "s3://of-the-cli").stdout
