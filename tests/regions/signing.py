"""What the tests of signatures share: AWS's example keys, and botocore as the other side."""

from collections.abc import Mapping
from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import urlsplit

from botocore.auth import BaseSigner
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from hypothesis import HealthCheck, settings

from regions.api.edge_errors import EdgeError
from regions.api.http_values import Headers, HttpRequest
from regions.api.sigv4 import verify
from regions.api.sigv4_values import Secret, Verified

KEY_ID, KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TIME, TIME_S = "20150830T123600Z", 1_440_938_160
S3_KEY_ID, S3_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
S3_TIME, S3_TIME_S = "20130524T000000Z", 1_369_353_600
REGION = "us-east-1"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLE=="

#: For drawn tests: how fast they are is the machine's affair.
UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))

SECRETS = {KEY_ID: Secret(KEY), S3_KEY_ID: Secret(S3_KEY)}


def http(
    method: str = "GET", target: str = "/", headers: Headers = (), body: bytes = b""
) -> HttpRequest:
    return HttpRequest(method, target, headers, body, "198.51.100.17")


def check(
    request: HttpRequest,
    service: str = "service",
    now_s: int = TIME_S,
    secrets: Mapping[str, Secret] = SECRETS,
) -> Verified:
    return verify(request, service, REGION, secrets.get, now_s)


def refusal(
    request: HttpRequest,
    service: str = "service",
    now_s: int = TIME_S,
    secrets: Mapping[str, Secret] = SECRETS,
) -> EdgeError:
    """Return the error with which a request is refused."""
    try:
        check(request, service, now_s, secrets)
    except EdgeError as error:
        return error
    raise AssertionError("the request was accepted")


def shown(error: EdgeError) -> tuple[str, int, str]:
    return error.code, error.status, error.message


def received(prepared: AWSPreparedRequest) -> HttpRequest:
    """Return what a server receives of a request that botocore is about to send."""
    parts = urlsplit(prepared.url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value
        for name, value in prepared.headers.items()
    }
    headers.setdefault("host", parts.netloc)
    body = prepared.body or b""
    if not isinstance(body, bytes | bytearray | str):
        body = body.read()
    return HttpRequest(
        prepared.method,
        parts.path + (f"?{parts.query}" if parts.query else ""),
        tuple((name, value.encode().decode("latin-1")) for name, value in headers.items()),
        body.encode() if isinstance(body, str) else bytes(body),
        "198.51.100.17",
    )


def signed(signer: BaseSigner, request: AWSRequest, now_s: int = TIME_S) -> HttpRequest:
    """Return a request as botocore signs it at a time."""
    moment = datetime.fromtimestamp(now_s, UTC)
    with patch("botocore.auth.get_current_datetime", lambda: moment):
        signer.add_auth(request)
    return received(request.prepare())
