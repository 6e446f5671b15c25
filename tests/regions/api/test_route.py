"""Which service, region and bucket a request is for."""

import pytest

from regions.api.http_values import HttpRequest
from regions.api.protocols.s3_actions import bucket_of_host
from regions.api.route import Route, route

LOCAL = "127.0.0.1:4599"


def request(
    host: str = LOCAL,
    target: str = "/",
    body: bytes = b"",
    scope: str = "",
    **headers: str,
) -> HttpRequest:
    fields = [("host", host)]
    if scope:
        credential = f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/{scope}/aws4_request"
        fields.append(("authorization", f"{credential}, SignedHeaders=host, Signature=0"))
    fields += [(name.replace("_", "-"), value) for name, value in headers.items()]
    return HttpRequest("POST", target, tuple(fields), body, "127.0.0.1")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("us-east-1/kms", Route("kms", "us-east-1")),
        ("eu-west-1/cloudtrail", Route("cloudtrail", "eu-west-1")),
        ("eu-west-1/s3", Route("s3", "eu-west-1")),
        ("eu-west-1/sts", Route("sts", "eu-west-1")),
        ("us-east-1/iam", Route("iam", "us-east-1")),
        ("eu-west-1/iam", Route("iam", "us-east-1")),
        ("aws-global/sts", Route("sts", "us-east-1")),
        ("mars-north-1/logs", Route("logs", "mars-north-1")),
        ("us-east-1/dynamodb", Route("dynamodb", "us-east-1")),
    ],
)
def test_the_credential_scope_tells_service_and_region(scope: str, expected: Route) -> None:
    assert route(request(scope=scope)) == expected
    day, region_and_service = "20260101", scope.replace("/", "%2F")
    presigned = f"/?X-Amz-Credential=AKIDEXAMPLE%2F{day}%2F{region_and_service}%2Faws4_request"
    assert route(request(target=presigned)) == expected


def test_the_scope_counts_more_than_the_host() -> None:
    host = "kms.us-east-1.amazonaws.com"
    assert route(request(host=host, scope="eu-west-1/logs")) == Route("logs", "eu-west-1")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("kms.us-east-1.amazonaws.com", Route("kms", "us-east-1")),
        ("KMS.eu-west-1.amazonaws.com:443", Route("kms", "eu-west-1")),
        ("kms-fips.us-gov-west-1.amazonaws.com", Route("kms", "us-gov-west-1")),
        ("kms.cn-north-1.amazonaws.com.cn", Route("kms", "cn-north-1")),
        ("kms.eu-west-1.localhost:4599", Route("kms", "eu-west-1")),
        ("kms.eu-west-1.example.org", Route("kms", "eu-west-1")),
        ("vpce-1.kms.eu-west-1.vpce.amazonaws.com", Route("kms", "eu-west-1")),
        ("logs.localhost", Route("logs", "us-east-1")),
        ("sts.amazonaws.com", Route("sts", "us-east-1")),
        ("sts.eu-west-1.amazonaws.com", Route("sts", "eu-west-1")),
        ("iam.amazonaws.com", Route("iam", "us-east-1")),
        ("s3.amazonaws.com", Route("s3", "us-east-1")),
        ("s3.eu-west-1.amazonaws.com", Route("s3", "eu-west-1")),
        ("s3-eu-west-1.amazonaws.com", Route("s3", "eu-west-1")),
        ("b.s3.eu-west-1.amazonaws.com", Route("s3", "eu-west-1", "b")),
        ("b.s3.amazonaws.com", Route("s3", "us-east-1", "b")),
        ("my.s3.logs.s3.dualstack.eu-west-1.amazonaws.com", Route("s3", "eu-west-1", "my.s3.logs")),
        ("b.s3.localhost:4599", Route("s3", "us-east-1", "b")),
        ("b.c.localhost:4599", Route("s3", "us-east-1", "b.c")),
        ("localhost:4599", Route("s3", "us-east-1")),
        ("[::1]:4599", Route("s3", "us-east-1")),
        ("::1", Route("s3", "us-east-1")),
        (LOCAL, Route("s3", "us-east-1")),
        ("", Route("s3", "us-east-1")),
    ],
)
def test_an_unsigned_request_goes_where_its_host_says(host: str, expected: Route) -> None:
    assert route(request(host=host)) == expected


def test_a_signed_s3_request_may_have_a_bucket_that_is_called_like_a_service() -> None:
    signed = request(host="logs.localhost:4599", scope="eu-west-1/s3")
    assert route(signed) == Route("s3", "eu-west-1", "logs")
    assert bucket_of_host("kms.s3.eu-west-1.amazonaws.com") == "kms"


@pytest.mark.parametrize(
    ("target", "service"),
    [
        ("TrentService.Encrypt", "kms"),
        ("TrentService.Unheard", "kms"),
        ("CloudTrail_20131101.LookupEvents", "cloudtrail"),
        ("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", "cloudtrail"),
        ("Logs_20140328.CreateLogGroup", "logs"),
        ("AWSEvents.PutRule", "events"),
        ("DynamoDB_20120810.PutItem", "s3"),
        ("Encrypt", "s3"),
    ],
)
def test_without_scope_and_host_the_target_tells(target: str, service: str) -> None:
    assert route(request(x_amz_target=target)) == Route(service, "us-east-1")


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Action=GetCallerIdentity&Version=2011-06-15", "sts"),
        ("Version=2010-05-08&Action=Unheard", "iam"),
        ("Action=CreateTopic", "sns"),
        ("Action=CreateUser&Version=", "iam"),
        ("Action=Unheard", "s3"),
        ("Action=%FF", "s3"),
    ],
)
def test_a_form_or_query_string_tells_by_version_or_action(text: str, service: str) -> None:
    form = request(body=text.encode(), content_type="application/x-www-form-urlencoded")
    assert route(form).service == service
    assert route(request(target=f"/?{text}")).service == service


def test_a_request_that_tells_no_region_gets_the_default() -> None:
    assert route(request(), default_region="eu-west-1") == Route("s3", "eu-west-1")
    assert route(request(host="iam.amazonaws.com"), "eu-west-1") == Route("iam", "us-east-1")


@pytest.mark.parametrize("scope", ["kms", "us-east-1"])
def test_a_scope_with_too_few_parts_tells_nothing(scope: str) -> None:
    odd = request(host="kms.eu-west-1.amazonaws.com", scope=scope)
    assert route(odd) == Route("kms", "eu-west-1")
