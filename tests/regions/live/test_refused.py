"""What is refused before a service hears of it gets AWS's own error, and is recorded."""

import datetime as dt
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from serving import PATIENCE_S, REGION, Running, serving

from regions.kms.operations import OPERATIONS

BODY = b"{}"
Request = Callable[[Running], AWSRequest]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("refused") / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as running:
        yield running


def keys(server: Running) -> Credentials:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return Credentials(*(server.exports[name] for name in names))


def plain(server: Running, body: bytes = BODY, action: str = "ListKeys") -> AWSRequest:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"TrentService.{action}",
        "User-Agent": "refused/1",
    }
    return AWSRequest("POST", server.url + "/", data=body, headers=headers)


def signed(server: Running, service: str = "kms", region: str = REGION) -> AWSRequest:
    request = plain(server)
    SigV4Auth(keys(server), service, region).add_auth(request)
    return request


def unsigned(server: Running) -> AWSRequest:
    return plain(server)


def wrongly_signed(server: Running) -> AWSRequest:
    request = plain(server)
    wrong = Credentials(keys(server).access_key, "wrong")
    SigV4Auth(wrong, "kms", REGION).add_auth(request)
    return request


def by_an_unknown_key(server: Running) -> AWSRequest:
    request = plain(server)
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "wrong"), "kms", REGION).add_auth(request)
    return request


def with_another_body(server: Running) -> AWSRequest:
    request = signed(server)
    request.data = b'{"Limit": 1}'
    return request


def by_a_late_clock(server: Running) -> AWSRequest:
    """Signed as if an hour ago."""
    request = plain(server)
    auth = SigV4Auth(keys(server), "kms", REGION)
    then = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    request.context["timestamp"] = then.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return request


def for_another_region(server: Running) -> AWSRequest:
    """Signed for a region that is not the one of the host that it is sent to."""
    return signed(server, region="eu-west-1")


def presigned_and_expired(server: Running) -> AWSRequest:
    """An S3 URL whose second is over."""
    request = AWSRequest("GET", server.url + "/bucket/key", headers={"User-Agent": "refused/1"})
    client = boto3.client(
        "s3", region_name=REGION, endpoint_url=server.url,
        aws_access_key_id=keys(server).access_key, aws_secret_access_key=keys(server).secret_key,
        config=Config(signature_version="s3v4"),
    )  # fmt: skip
    request.url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "bucket", "Key": "key"}, ExpiresIn=1
    )
    time.sleep(2.1)
    return request


def presigned_as_long_ago(server: Running) -> AWSRequest:
    """A URL of Signature Version 2, which nothing here can check."""
    url = f"{server.url}/bucket/key?AWSAccessKeyId={keys(server).access_key}"
    agent = {"User-Agent": "refused/1"}
    return AWSRequest("GET", f"{url}&Signature=c2lnbmVk&Expires=4102444800", headers=agent)


def send(request: AWSRequest) -> tuple[int, str, str]:
    """Return status, error code and request id of an answer."""
    ready = urllib.request.Request(
        request.url, method=request.method, data=request.data or None,
        headers=dict(request.headers.items()),
    )  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(ready, timeout=PATIENCE_S)
    with refused.value as error:
        text = error.read().decode()
        request_id = error.headers["x-amzn-requestid"] or error.headers["x-amz-request-id"]
    found = re.search(r'"__type": ?"([^"]+)"|<Code>([^<]+)</Code>', text)
    assert found is not None, text
    return error.code, (found[1] or found[2]).rpartition("#")[2], request_id


def record_of(server: Running, request_id: str) -> dict[str, Any]:
    """Return the record of one request, once it is in event history."""
    trail = boto3.client(
        "cloudtrail", region_name=REGION, endpoint_url=server.url,
        aws_access_key_id=keys(server).access_key, aws_secret_access_key=keys(server).secret_key,
    )  # fmt: skip
    for page in trail.get_paginator("lookup_events").paginate():
        for event in page["Events"]:
            record: dict[str, Any] = json.loads(event["CloudTrailEvent"])
            if record.get("requestID") == request_id:
                return record
    raise AssertionError(f"no record of request {request_id}")


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (unsigned, 400, "MissingAuthenticationTokenException"),
        (wrongly_signed, 400, "InvalidSignatureException"),
        (by_an_unknown_key, 400, "UnrecognizedClientException"),
        (with_another_body, 400, "InvalidSignatureException"),
        (by_a_late_clock, 400, "InvalidSignatureException"),
        (presigned_and_expired, 403, "AccessDenied"),
        (presigned_as_long_ago, 400, "InvalidRequest"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_who_cannot_be_believed_gets_awss_error_and_a_record(
    server: Running, make: Request, status: int, code: str
) -> None:
    request = make(server)
    found = send(request)
    assert found[:2] == (status, code)
    record = record_of(server, found[2])
    assert (record["errorCode"], record["sourceIPAddress"]) == (code, "127.0.0.1")
    assert record["userAgent"] == "refused/1"
    assert record["eventName"] == ("GetObject" if "/bucket/" in request.url else "ListKeys")


def test_a_region_that_is_not_served_says_which_ones_are(server: Running) -> None:
    status, code, _ = send(for_another_region(server))
    assert (status, code) == (400, "UnknownEndpoint")


#: An action of the model that is not built, while there is one; and one that nobody has.
MODEL = botocore.session.get_session().get_service_model("kms")
UNBUILT = [*sorted(set(MODEL.operation_names) - set(OPERATIONS))[:1], "FlyToTheMoon"]


@pytest.mark.parametrize("action", UNBUILT)
def test_an_operation_that_is_not_built_is_unknown_and_said_to_be_not_modelled(
    server: Running, action: str
) -> None:
    request = plain(server, action=action)
    SigV4Auth(keys(server), "kms", REGION).add_auth(request)
    ready = urllib.request.Request(
        request.url, data=request.data, headers=dict(request.headers.items())
    )
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        urllib.request.urlopen(ready, timeout=PATIENCE_S)
    with refused.value as error:
        answer = json.loads(error.read())
    assert answer["__type"].endswith("UnknownOperationException")
    assert "not modelled" in (answer.get("message") or answer.get("Message"))


def test_a_presigned_query_is_as_good_as_a_header(server: Running) -> None:
    url = f"{server.url}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url)
    SigV4QueryAuth(keys(server), "sts", REGION, expires=60).add_auth(request)
    with urllib.request.urlopen(request.url, timeout=PATIENCE_S) as answer:
        assert b"<Arn>arn:aws:iam::123456789012:root</Arn>" in answer.read()
    moved = request.url.replace("GetCallerIdentity", "GetSessionToken")
    assert moved != request.url
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(moved, timeout=PATIENCE_S)
    refused.value.close()
