"""botocore signs, we verify: whatever is signed is accepted, and nothing else.

botocore shares no code with what is tested here, so the two sides check each other.
"""

import io
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from unittest.mock import patch
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import botocore.session
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st
from signing import KEY, KEY_ID, REGION, TIME_S, TOKEN, UNHURRIED, check, received, refusal, signed

from regions.api.edge_errors import EdgeError
from regions.api.http_values import HttpRequest
from regions.api.s3_payload import read_payload
from regions.api.sigv4 import verify
from regions.api.sigv4_values import STREAMING_UNSIGNED_TRAILER, Secret

SIGNERS = {
    "header": ("kms", lambda who: SigV4Auth(who, "kms", REGION)),
    "s3 header": ("s3", lambda who: S3SigV4Auth(who, "s3", REGION)),
    "query": ("sts", lambda who: SigV4QueryAuth(who, "sts", REGION)),
    "s3 query": ("s3", lambda who: S3SigV4QueryAuth(who, "s3", REGION)),
}
#: No control characters, which HTTP forbids, and none of Unicode's spaces: botocore folds those
#: as if they were blanks, where a server sees nothing but bytes.
VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
    | st.just(" "),
    max_size=20,
)
NAMES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=8)
SEGMENTS = st.sampled_from(["", ".", "..", "a", "a b", "\u1234", "%2F", "~", "+", "a=b&c"]) | VALUES
#: Names of one's own: those that begin with X-Amz- make a presigned URL of a request.
QUERY = st.lists(
    st.tuples(VALUES.filter(lambda name: not name.startswith("X-Amz-")), VALUES), max_size=4
)


@st.composite
def requests(draw: st.DrawFn) -> AWSRequest:
    """Draw an unsigned request, its URL encoded as SDKs encode it."""
    path = "/" + "/".join(draw(st.lists(SEGMENTS, max_size=4)))
    query = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in draw(QUERY))
    headers = {f"x-amz-meta-{n}": v for n, v in draw(st.dictionaries(NAMES, VALUES, max_size=3)).items()}
    return AWSRequest(
        draw(st.sampled_from(["GET", "PUT", "POST", "DELETE"])),
        f"https://host.example.com:4599{quote(path, safe='/~')}{'?' if query else ''}{query}",
        headers,
        draw(st.binary(max_size=40)),
    )


def drawn(request: AWSRequest, how: str, token: str = "") -> HttpRequest:
    """Return a drawn request, signed; into a presigned URL botocore would put the body, too."""
    if "query" in how:
        request.data = b""
    return signed(SIGNERS[how][1](Credentials(KEY_ID, KEY, token or None)), request)


@UNHURRIED
@given(requests(), st.sampled_from(list(SIGNERS)), st.booleans())
def test_every_request_that_botocore_signs_is_accepted(
    request: AWSRequest, how: str, in_session: bool
) -> None:
    token = TOKEN if in_session else ""
    sent = drawn(request, how, token)
    verified = check(sent, SIGNERS[how][0], secrets={KEY_ID: Secret(KEY, token)})
    assert (verified.access_key_id, verified.presigned) == (KEY_ID, "query" in how)


def meaning(target: str) -> tuple[bytes, list[tuple[str, str]]]:
    path, _, query = target.partition("?")
    return unquote_to_bytes(path), sorted(parse_qsl(query, keep_blank_values=True))


#: All that may be put in place of one character; never a space, which folding may take away.
OTHERS = string.ascii_letters + string.digits + "/%=&?;,.+-_~:"


@UNHURRIED
@given(
    requests(),
    st.sampled_from(list(SIGNERS)),
    st.integers(min_value=0),
    st.sampled_from(OTHERS),
    st.sampled_from(["method", "target", "body", "header", "authorization"]),
)
def test_a_signed_request_with_one_byte_changed_is_refused(
    request: AWSRequest, how: str, place: int, other: str, part: str
) -> None:
    service, sent = SIGNERS[how][0], drawn(request, how)
    verified = check(sent, service)
    changed: HttpRequest
    if part in ("method", "target"):
        changed = replace(sent, **{part: put(getattr(sent, part), place, other)})
        # %2f says what %2F says; of a normalised path, "/." says what "//" says.
        assume(meaning(changed.target) != meaning(sent.target) or part == "method")
        assume(service == "s3" or changed.target.partition("?")[0] == sent.target.partition("?")[0])
    elif part == "body":
        # A presigned URL of S3 leaves the body open, by design.
        assume(sent.body and verified.payload != "UNSIGNED-PAYLOAD")
        changed = replace(sent, body=put(sent.body.decode("latin-1"), place, other).encode("latin-1"))
    else:
        names = ("authorization",) if part == "authorization" else verified.signed_headers
        where = [i for i, (name, value) in enumerate(sent.headers) if name in names and value.strip()]
        assume(where)
        index = where[place % len(where)]
        name, value = sent.headers[index]
        headers = (*sent.headers[:index], (name, put(value, place, other)), *sent.headers[index + 1 :])
        assume(value[place % len(value)] != " ")  # folded away at an end, or beside another
        changed = replace(sent, headers=headers)
    assume(changed != sent)
    assert isinstance(refusal(changed, service), EdgeError)


def put(text: str, place: int, other: str) -> str:
    place %= len(text)
    return text[:place] + other + text[place + 1 :]


@UNHURRIED
@given(requests(), st.sampled_from(["header", "s3 header"]))
def test_a_request_replayed_with_another_body_is_refused(request: AWSRequest, how: str) -> None:
    service, sent = SIGNERS[how][0], drawn(request, how)
    expected = "InvalidSignatureException" if service == "kms" else "XAmzContentSHA256Mismatch"
    assert refusal(replace(sent, body=sent.body + b"0"), service).code == expected


Call = Callable[[object], object]


@cache
def client_of(service: str, endpoint: str | None) -> BaseClient:
    session = botocore.session.Session()
    session.set_credentials(KEY_ID, KEY, TOKEN)
    config = Config(s3={"addressing_style": "path"}) if endpoint else None
    return session.create_client(service, REGION, endpoint_url=endpoint, config=config)


def sent_by(service: str, call: Call, endpoint: str | None = None) -> HttpRequest:
    """Return the very request that a botocore client sends for a call."""
    client = client_of(service, endpoint)
    caught: list[HttpRequest] = []

    def before_send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        caught.append(received(request))
        return AWSResponse(request.url, 418, {}, io.BytesIO())

    client.meta.events.register("before-send", before_send)
    moment = datetime.fromtimestamp(TIME_S, UTC)
    with (
        patch("botocore.auth.get_current_datetime", lambda: moment),
        pytest.raises(Exception),  # noqa: B017, PT011 - whatever it makes of a teapot
    ):
        call(client)
    client.meta.events.unregister("before-send", before_send)
    return caught[0]


CALLS: dict[str, tuple[str, Call]] = {
    "Encrypt": ("kms", lambda c: c.encrypt(KeyId="1", Plaintext=b"x")),
    "LookupEvents": ("cloudtrail", lambda c: c.lookup_events()),
    "FilterLogEvents": ("logs", lambda c: c.filter_log_events(logGroupName="a")),
    "PutRule": ("events", lambda c: c.put_rule(Name="a", ScheduleExpression="rate(1 day)")),
    "AssumeRole": ("sts", lambda c: c.assume_role(RoleArn="arn:aws:iam::111122223333:role/a", RoleSessionName="bench")),
    "ListUsers": ("iam", lambda c: c.list_users()),
    "Publish": ("sns", lambda c: c.publish(TopicArn="arn:aws:sns:us-east-1:111122223333:a", Message="\u1234")),
    "ListObjectsV2": ("s3", lambda c: c.list_objects_v2(Bucket="bucket", Prefix="a b/\u1234+&")),
    "GetObject": ("s3", lambda c: c.get_object(Bucket="bucket", Key="a b/../\u1234+&.", Range="bytes=0-9")),
    "DeleteObjects": ("s3", lambda c: c.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "a"}]})),
}  # fmt: skip


def accepted(request: HttpRequest, service: str) -> HttpRequest:
    secrets = {KEY_ID: Secret(KEY, TOKEN, TIME_S + 60)}
    assert verify(request, service, REGION, secrets.get, TIME_S).access_key_id == KEY_ID
    return request


@pytest.mark.parametrize("action", CALLS)
def test_a_call_of_the_sdk_is_accepted_as_it_goes_over_the_wire(action: str) -> None:
    service, call = CALLS[action]
    accepted(sent_by(service, call), service)


@pytest.mark.parametrize("endpoint", ["https://127.0.0.1:4599", "http://127.0.0.1:4599"])
@pytest.mark.parametrize("algorithm", [None, "CRC32", "SHA1", "SHA256", "SHA512"])
@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "bytes"])
def test_an_object_that_the_sdk_puts_arrives_with_its_checksum(
    endpoint: str, algorithm: str | None, streamed: bool
) -> None:
    body = b"0123456789" * 200_000  # more than one chunk of botocore's

    def put_object(client: object) -> object:
        more = {} if algorithm is None else {"ChecksumAlgorithm": algorithm}
        content = io.BytesIO(body) if streamed else body
        return client.put_object(Bucket="bucket", Key="key", Body=content, **more)  # type: ignore[attr-defined]

    request = sent_by("s3", put_object, endpoint)
    secrets = {KEY_ID: Secret(KEY, TOKEN)}
    verified = check(request, "s3", secrets=secrets)
    payload = read_payload(request, verified)
    assert payload.body == body
    assert payload.checksum is not None
    assert payload.checksum.algorithm == (algorithm or "CRC32")
    if endpoint.startswith("https"):
        assert verified.payload == STREAMING_UNSIGNED_TRAILER
    else:
        assert len(verified.payload) == 64
