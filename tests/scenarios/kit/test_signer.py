"""Requests inside a cloud carry the signatures that botocore itself would have made."""

from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from scenarios import Cloud
from scenarios.kit.signer import Signer


def signed(kind: type[Any], token: str | None, **how: Any) -> list[tuple[str, str]]:
    request = AWSRequest(**how)
    request.context["client_config"] = None
    signer = kind(Credentials("AKIAIOSFODNN7EXAMPLE", "a secret", token), "kms", "us-east-1")
    for _ in range(2):  # A retry signs the same request again.
        signer.add_auth(request)
    return sorted(request.headers.raw_items())


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEXAMPLE"])
@pytest.mark.parametrize(
    "how",
    [
        {"data": b'{"KeyId": "k"}', "headers": {"X-Amz-Target": "TrentService.Encrypt"}},
        {"data": b"", "headers": {"X-Long": "  two   words ", "User-Agent": "not signed"}},
        {"data": b"", "headers": {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}},
        {"data": {"Action": "ListUsers", "Version": "2010-05-08"}},
        {"data": b"", "params": {"versions": "1"}},
    ],
    ids=["json", "blanks", "date", "form", "query"],
)
def test_a_signature_is_the_one_that_botocore_makes(
    monkeypatch: pytest.MonkeyPatch, token: str | None, how: dict[str, Any]
) -> None:
    at = auth.get_current_datetime()
    monkeypatch.setattr(auth, "get_current_datetime", lambda: at)
    request = {"method": "POST", "url": "https://kms.us-east-1.amazonaws.com/", **how}
    assert signed(Signer, token, **request) == signed(auth.SigV4Auth, token, **request)


def test_a_presigned_url_is_made_by_botocore() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        url = cloud.boto3_client("sts").generate_presigned_url("get_caller_identity")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
