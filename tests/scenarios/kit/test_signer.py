"""Requests inside a cloud carry the signatures that botocore itself would have made."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from scenarios import Cloud
from scenarios.kit import signer
from scenarios.kit.signer import Signer


def request(**how: Any) -> AWSRequest:
    found = AWSRequest(**{"method": "POST", "url": "https://kms.us-east-1.amazonaws.com/", **how})
    found.context["client_config"] = None
    return found


def by(kind: type[Any], token: str | None = None) -> Any:
    return kind(Credentials("AKIAIOSFODNN7EXAMPLE", "a secret", token), "kms", "us-east-1")


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEXAMPLE"])
@pytest.mark.parametrize(
    "how",
    [
        {"data": b'{"KeyId": "k"}', "headers": {"X-Amz-Target": "TrentService.Encrypt"}},
        {"data": b"", "headers": {"X-Long": "  two   words ", "User-Agent": "not signed"}},
    ],
    ids=["json", "blanks"],
)
def test_a_signature_is_the_one_that_botocore_makes(
    monkeypatch: pytest.MonkeyPatch, token: str | None, how: dict[str, Any]
) -> None:
    theirs, ours = request(**how), request(**how)
    by(auth.SigV4Auth, token).add_auth(theirs)
    at = datetime.strptime(theirs.headers["X-Amz-Date"], auth.SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    monkeypatch.setattr(signer, "now", lambda: at)
    for _ in range(2):  # A retry signs the same request again.
        by(Signer, token).add_auth(ours)
    assert sorted(ours.headers.raw_items()) == sorted(theirs.headers.raw_items())


@pytest.mark.parametrize(
    "how",
    [
        {"data": b"", "headers": {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}},
        {"data": {"Action": "ListUsers", "Version": "2010-05-08"}},
        {"data": b"", "params": {"versions": "1"}},
        {"data": b"", "url": "https://kms.us-east-1.amazonaws.com/path"},
        {"data": b"", "url": "http://kms.us-east-1.amazonaws.com/"},
    ],
    ids=["date", "form", "query", "path", "plain http"],
)
def test_what_is_no_plain_request_goes_to_botocore(
    monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    asked: list[AWSRequest] = []
    monkeypatch.setattr(auth.SigV4Auth, "add_auth", lambda _, given: asked.append(given))
    given = request(**how)
    by(Signer).add_auth(given)
    assert asked == [given]


def test_a_presigned_url_is_made_by_botocore() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        url = cloud.boto3_client("sts").generate_presigned_url("get_caller_identity")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
