"""A whole client of S3 against the pure parts: its requests come back from its own parser.

Goal: what the client's handlers do beyond the serializer (bucket in the host, checksums, the odd
answer of GetBucketLocation, keys that are URL-encoded) fits. Method: botocore's own client, whose
requests are answered before they are sent.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from regions.api.http_values import HttpRequest
from regions.api.protocols import Parsed, protocol_of
from regions.api.route import Route, route
from regions.errors import AccessDeniedException, ServiceError

Answering = Callable[[Parsed], dict[str, Any]]
SESSION = botocore.session.Session()  # It reads the models once.
#: Endpoint and addressing style, and what the route should say of bucket "my-bucket".
STYLES = [
    ("http://localhost:4599", "path", ""),
    ("http://localhost:4599", "virtual", "my-bucket"),
    ("http://s3.localhost:4599", "virtual", "my-bucket"),
    (None, "virtual", "my-bucket"),
    (None, "path", ""),
]


class Raw(BytesIO):
    """A body as the client wants to have it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class Wire:
    """One client, and what of its last request was read."""

    def __init__(
        self, service: str, endpoint: str | None, style: str, answering: Answering
    ) -> None:
        self.service, self.answering = service, answering
        self.client = SESSION.create_client(
            service,
            region_name="eu-west-1",
            endpoint_url=endpoint,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(s3={"addressing_style": style}, retries={"max_attempts": 1}),
        )
        self.client.meta.events.register("before-send", self.send)
        self.route, self.parsed = Route("", ""), Parsed("", {})

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        split = urlsplit(request.url)
        fields = [("host", split.netloc)]
        for name, value in request.headers.items():
            text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            fields.append((name.lower(), text))
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        body = body.read() if hasattr(body, "read") else body
        target = split.path + (f"?{split.query}" if split.query else "")
        received = HttpRequest(request.method, target, tuple(fields), bytes(body), "127.0.0.1")
        self.route = route(received)
        protocol = protocol_of(self.route.service)
        try:
            self.parsed = protocol.parse(received)
            answer = protocol.answer(self.parsed.action, self.answering(self.parsed), "request-1")
        except ServiceError as error:
            answer = protocol.error(error, "request-1", None, received)
        headers = dict(answer.headers)
        headers.setdefault("content-length", str(len(answer.body)))
        return AWSResponse(request.url, answer.status, headers, Raw(answer.body))


@pytest.mark.parametrize(("endpoint", "style", "bucket"), STYLES)
def test_a_bucket_is_found_in_path_or_host(endpoint: str | None, style: str, bucket: str) -> None:
    wire = Wire("s3", endpoint, style, lambda _: {"Body": b"hello", "ETag": '"e"'})
    got = wire.client.get_object(Bucket="my-bucket", Key="a/../b//c é+?")
    assert (got["Body"].read(), got["ETag"]) == (b"hello", '"e"')
    assert wire.route == Route("s3", "eu-west-1", bucket)
    assert wire.parsed.parameters == {
        "Bucket": "my-bucket",
        "Key": "a/../b//c é+?",
        "ChecksumMode": "ENABLED",
    }


def test_what_the_client_adds_to_an_object_is_read() -> None:
    wire = Wire("s3", "http://localhost:4599", "path", lambda _: {"ETag": '"e"'})
    wire.client.put_object(Bucket="my-bucket", Key="k", Body=b"hello", Metadata={"a": "b"})
    assert wire.parsed.parameters == {
        "Bucket": "my-bucket",
        "Key": "k",
        "Body": b"hello",
        "Metadata": {"a": "b"},
        "ChecksumAlgorithm": "CRC32",
        "ChecksumCRC32": "NhCmhg==",
        "ContentLength": 5,
    }


def test_a_region_and_none_are_read_by_the_client() -> None:
    there = Wire("s3", None, "path", lambda _: {"LocationConstraint": "eu-west-1"})
    here = Wire("s3", None, "path", lambda _: {})
    assert there.client.get_bucket_location(Bucket="abc")["LocationConstraint"] == "eu-west-1"
    assert here.client.get_bucket_location(Bucket="abc")["LocationConstraint"] is None


@pytest.mark.parametrize("key", ["a b/é~(1)+%2F.txt", "\x01\r\n\ud7ff\uffff", "*&<'\">"])
def test_the_client_reads_url_encoded_keys_of_any_characters(key: str) -> None:
    def listing(parsed: Parsed) -> dict[str, Any]:
        entries = [{"Key": key}]
        prefix = {"Prefix": parsed.parameters["Prefix"], "CommonPrefixes": [{"Prefix": key}]}
        shared = {**prefix, "EncodingType": parsed.parameters["EncodingType"]}
        if parsed.action == "ListObjectVersions":
            return {**shared, "Versions": entries, "DeleteMarkers": entries, "NextKeyMarker": key}
        return {**shared, "Contents": entries, "NextMarker": key, "StartAfter": key}

    wire = Wire("s3", None, "path", listing)
    one = wire.client.list_objects(Bucket="my-bucket", Prefix=key)
    two = wire.client.list_objects_v2(Bucket="my-bucket", Prefix=key)
    versions = wire.client.list_object_versions(Bucket="my-bucket", Prefix=key)
    assert two["Prefix"] == versions["Prefix"] == key  # The client leaves ListObjects' as it is.
    for answer in (one, two, versions):
        assert answer["CommonPrefixes"] == [{"Prefix": key}]
    assert (one["Contents"], one["NextMarker"]) == ([{"Key": key}], key)
    assert (two["Contents"], two["StartAfter"]) == ([{"Key": key}], key)
    assert (versions["Versions"], versions["DeleteMarkers"]) == ([{"Key": key}], [{"Key": key}])
    assert versions["NextKeyMarker"] == key


def test_errors_of_every_protocol_are_read_by_the_client() -> None:
    def refuse(_: Parsed) -> dict[str, Any]:
        raise AccessDeniedException("no <& way>")

    calls = {
        "kms": lambda client: client.list_keys(),
        "cloudtrail": lambda client: client.describe_trails(),
        "logs": lambda client: client.describe_log_groups(),
        "events": lambda client: client.list_rules(),
        "sts": lambda client: client.get_caller_identity(),
        "sns": lambda client: client.list_topics(),
        "iam": lambda client: client.list_users(),
        "s3": lambda client: client.list_buckets(),
    }
    seen = {}
    for service, call in calls.items():
        wire = Wire(service, None, "path", refuse)
        with pytest.raises(ClientError) as failed:
            call(wire.client)
        response = failed.value.response
        metadata = response["ResponseMetadata"]
        assert (response["Error"]["Message"], metadata["RequestId"]) == ("no <& way>", "request-1")
        assert wire.route.service == service
        seen[service] = (response["Error"]["Code"], metadata["HTTPStatusCode"])
    json, xml = ("AccessDeniedException", 400), ("AccessDenied", 403)
    assert seen == {
        **dict.fromkeys(("kms", "cloudtrail", "logs", "events"), json),
        **dict.fromkeys(("sts", "sns", "iam", "s3"), xml),
    }
