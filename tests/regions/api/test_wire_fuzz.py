"""Whatever the bytes: reading a request gives parameters or a ServiceError, and errors are written.

Goal: nothing that a client sends reaches a user as a traceback or hangs. Method: bytes are drawn at
random, and from pieces that the protocols give a meaning; what is read must fit into a frame.
"""

import json
from typing import Any

import h11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regions.api.errors import API_ERROR_FRAMES, InvalidBucketName
from regions.api.http_values import HttpRequest
from regions.api.models import model_of
from regions.api.protocols import PROTOCOLS, protocol_of
from regions.api.route import route
from regions.api.shapes import check_request
from regions.calls import CALL_FRAMES, ApiCall, Principal
from regions.errors import AccessDeniedException, ServiceError
from sim.wire import Codec

CODEC = Codec(CALL_FRAMES)
ROOT = Principal(kind="Root", account="123456789012", arn="arn:aws:iam::123456789012:root")
PIECES = st.sampled_from(
    [
        *(b'{"KeyId":', b'"k"', b"{", b"}", b"[", b"]", b":", b",", b"null", b"1e999", b"-0"),
        *(b'"\\ud800"', b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"NaN", b"\xef\xbb\xbf"),
        *(b"Action=AssumeRole", b"&Tags.member.1.Key=", b"&Tags.member.", b"&a" * 20_000),
        *(b"Version=2011-06-15", b"." * 5000, b"%FF", b"%", b"=", b"&PolicyArns.member.1.arn=a"),
        *(b"<Delete>", b"</Delete>", b"<Object>", b"<Key>", b"</Key>", b"<!DOCTYPE a>", b"&a;"),
        *(b"<a>" * 3000, b"<?xml version='1.0' encoding='utf-16'?>", b"<![CDATA[", b"]]>"),
        *(b"<VersioningConfiguration/>", b"\x00", b"\xff", b"<a b='", b"'/>", b"<Days>1</Days>"),
        *(b"<LifecycleConfiguration>", b"<Rule>", b"</Rule>", b"</LifecycleConfiguration>"),
    ]
)
BODIES = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=8).map(b"".join))
HEADER_NAMES = st.sampled_from(
    [
        *("host", "x-amz-target", "content-type", "authorization", "x-amz-copy-source", "range"),
        *("if-modified-since", "content-length", "x-amz-meta-a", "x-amz-meta-", "expires"),
        *("x-amz-object-lock-retain-until-date", "x-amz-object-attributes", "content-encoding"),
        *("x-amz-optional-object-attributes", "x-amz-bypass-governance-retention"),
    ]
)
ACTIONS = [
    (service, action)
    for service, entry in PROTOCOLS.items()
    for action in model_of(service)["operations"]
]
TARGETS = [
    f"{prefix}.{action}"
    for service, action in ACTIONS
    for prefix in PROTOCOLS[service].target_prefixes
]
HEADER_VALUES = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=30),
    st.sampled_from(TARGETS),
    st.sampled_from(
        [
            *("Mon, 99 Foo 0000 99:99:99 GMT", "Thu, 01 Jan 0001 00:00:00 +9959", "1" * 400, '"a'),
            *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "aws-chunked", ",,,", "[:"),
            *("application/x-www-form-urlencoded", "Credential=a/b/c/d/e", "b.s3.amazonaws.com"),
            *("..localhost", "localhost", "a" * 300 + ".localhost", ":", "s3", "kms.us-east-1"),
        ]
    ),
)
QUERY_KEYS = sorted(
    {
        to["locationName"]
        for shape in model_of("s3")["shapes"].values()
        for to in shape.get("members", {}).values()
        if to.get("location") == "querystring"
    }
    | {"acl", "delete", "lifecycle", "policy", "versioning", "versions", "uploads", "encryption"}
)
TARGET_PARTS = st.sampled_from(
    [
        *(
            "/",
            "?",
            "&",
            "=",
            "bucket",
            "%2F",
            "%FF",
            "%",
            "key",
            "*",
            "http://a/b",
            "https://",
            ";",
        ),
        *(
            "Action=GetUser",
            "Version=2010-05-08",
            "\u00e9",
            "+",
            "X-Amz-Credential=a%2Fb%2Fc%2Fd%2Fe",
        ),
        *(f"&{key}=1" for key in QUERY_KEYS),
        *(f"&{key}" for key in QUERY_KEYS),
    ]
)
REQUESTS = st.builds(
    HttpRequest,
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "BREW"]),
    st.one_of(
        st.lists(TARGET_PARTS, max_size=6).map(lambda parts: "/" + "".join(parts)),
        st.lists(TARGET_PARTS, max_size=6).map("".join),
    ),
    st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=6).map(tuple),
    BODIES,
    st.just("127.0.0.1"),
)


def take(service: str, request: HttpRequest) -> None:
    """Read, check and pack a request; whatever is wrong must be a ServiceError that can be told."""
    protocol = protocol_of(service)
    try:
        parsed = protocol.parse(request)
        call = ApiCall(
            service=service,
            region="us-east-1",
            action=parsed.action,
            parameters=parsed.parameters,
            principal=ROOT,
            source_ip=request.source_ip,
            user_agent="",
        )
        CODEC.decode(CODEC.encode(call))
        check_request(service, parsed.action, parsed.parameters)
    except ServiceError as error:
        answer = protocol.error(error, "request-1", None, request)
        assert 300 <= answer.status < 600
        assert (answer.body == b"") == (service == "s3" and request.method == "HEAD")


@given(REQUESTS)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_routed_and_read_or_refused(request: HttpRequest) -> None:
    take(route(request).service, request)


@pytest.mark.parametrize("service", [*PROTOCOLS, "unheard"])
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_addressed_to_a_service_are_read_or_refused(
    service: str, data: st.DataObject
) -> None:
    request = data.draw(REQUESTS)
    if service in PROTOCOLS and PROTOCOLS[service].protocol == "json":
        prefix = PROTOCOLS[service].target_prefixes[0]
        action = data.draw(st.sampled_from(sorted(model_of(service)["operations"])))
        headers = (("x-amz-target", f"{prefix}.{action}"), *request.headers)
        request = HttpRequest("POST", "/", headers, request.body, request.source_ip)
    take(service, request)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values, lists of them and objects of them."""
    objects = st.dictionaries(st.text(max_size=8), inner, max_size=3)
    return st.one_of(inner, st.lists(inner, max_size=3), objects)


JSON = around(around(SCALARS))


@pytest.mark.parametrize("service", [s for s, e in PROTOCOLS.items() if e.protocol == "json"])
@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_in_any_member_is_read_or_refused(service: str, data: st.DataObject) -> None:
    model = model_of(service)
    action = data.draw(st.sampled_from(sorted(model["operations"])))
    members = model["shapes"][model["operations"][action]["input"]["shape"]]["members"]
    value = data.draw(st.dictionaries(st.sampled_from(sorted(members) or ["none"]), JSON))
    body = json.dumps(value).encode()
    target = f"{PROTOCOLS[service].target_prefixes[0]}.{action}"
    take(service, HttpRequest("POST", "/", (("x-amz-target", target),), body, "127.0.0.1"))


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"KeyId":[', b'"[{\\"",' + b"["])
def test_json_is_read_only_a_hundred_deep(opening: bytes) -> None:
    for depth in (101, 100_000):
        body = opening * depth
        fields = (("x-amz-target", "TrentService.ListKeys"),)
        with pytest.raises(ServiceError) as refused:
            protocol_of("kms").parse(HttpRequest("POST", "/", fields, body, "127.0.0.1"))
        assert (refused.value.code, refused.value.message) == ("SerializationException", "")


def test_brackets_in_a_string_are_not_depth() -> None:
    body = b'{"Marker": "' + b"[{" * 3000 + b'\\"[", "Unheard": ' + b"[" * 90 + b"]" * 90 + b"}"
    fields = (("x-amz-target", "TrentService.ListKeys"),)
    parsed = protocol_of("kms").parse(HttpRequest("POST", "/", fields, body, "127.0.0.1"))
    assert parsed.parameters == {"Marker": "[{" * 3000 + '"['}


def test_errors_of_the_wire_travel() -> None:
    codec = Codec(API_ERROR_FRAMES)
    for kind in API_ERROR_FRAMES.values():
        error = codec.decode(codec.encode(kind("text").answering("request-1")))
        assert (type(error), error.message, error.request_id) == (kind, "text", "request-1")
    assert str(InvalidBucketName("text")) == "InvalidBucketName: text"


@given(st.text(), st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), st.text()))
@settings(deadline=None)
def test_no_text_in_a_header_breaks_the_answer(text: str, metadata: dict[str, str]) -> None:
    # Method: h11 refuses header values that HTTP does not carry.
    body = {"Body": b"", "ContentDisposition": text, "Metadata": metadata, "ETag": f'"{text}"'}
    answer = protocol_of("s3").answer("GetObject", body, "request-1")
    h11.Response(status_code=answer.status, headers=list(answer.headers))


@pytest.mark.parametrize("service", [*PROTOCOLS, "unheard"])
def test_no_error_text_breaks_its_answer(service: str) -> None:
    text = "<&>\"'\r\n\x00\ud800\uffff é"
    answer = protocol_of(service).error(AccessDeniedException(text), "request-1")
    assert answer.body.isascii() or "é" in answer.body.decode("utf-8")
    assert b"<&>" not in answer.body.replace(b'"message":"<&>', b"")
