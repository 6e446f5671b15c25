"""Plain requests read in one step are read as h11 reads them, and answers are those of h11."""

from typing import Any

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regions.api.http.plain import plain_answer, plain_head

#: Pieces of heads, right and wrong ones.
LINES = st.sampled_from(
    [
        *("GET / HTTP/1.1", "POST /k?a=b%20 HTTP/1.1", "PUT /\u00e9 HTTP/1.1", "GET /a b HTTP/1.1"),
        *("HEAD * HTTP/1.1", "DELETE /x HTTP/1.0", "get / HTTP/1.1", "GET  / HTTP/1.1"),
        "PATCH / HTTP/1.1",
    ]
)
FIELDS = st.sampled_from(
    [
        *("host: x", "Host: kms.us-east-1.amazonaws.com", "content-length: 3", "Content-Length: 0"),
        *("A:", "content-length: +3", "content-length: 3, 3", "x-amz-date: 20261201T000000Z"),
        *("b:  c\td ", "c :d", " folded", "e: \x00", "f: caf\u00e9", "connection: close"),
        *("transfer-encoding: chunked", "expect: 100-continue", "upgrade: websocket", "g: h\ri"),
        *("j: k\nl", "\u00e9: m", ": n"),
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    lines = [draw(LINES), *draw(st.lists(FIELDS, max_size=6))]
    if draw(st.booleans()):
        lines.insert(1, "host: x")
    ends = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]))
    body = draw(st.sampled_from([b"", b"abc", b"abcGET / HTTP/1.1\r\n\r\n"]))
    return (ends.join(lines) + ends + ends).encode("latin-1") + body


def as_h11_reads(data: bytes) -> tuple[Any, ...]:
    http = h11.Connection(h11.SERVER)
    http.receive_data(data)
    head, body = http.next_event(), b""
    assert isinstance(head, h11.Request), head
    while isinstance(event := http.next_event(), h11.Data):
        body += event.data
    whole = isinstance(event, h11.EndOfMessage)
    headers = tuple((name.decode(), value.decode()) for name, value in head.headers)
    return head.method.decode(), head.target.decode(), headers, body, whole


@given(requests())
@example(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nx-y:  z\t\r\n\r\nabcd")
@example(b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n")
def test_what_is_taken_for_plain_is_read_as_h11_reads_it(data: bytes) -> None:
    head = plain_head(data)
    if head is None:
        return
    body = data[head.body_at : head.body_at + head.length]
    whole = len(body) == head.length
    assert as_h11_reads(data) == (head.method, head.target, head.headers, body, whole)


def test_the_requests_of_sdks_are_plain() -> None:
    data = (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:4599\r\nX-Amz-Target: TrentService.Encrypt\r\n"
        b"Content-Type: application/x-amz-json-1.1\r\nUser-Agent: Boto3/1.40 md/Botocore#1.40\r\n"
        b"X-Amz-Date: 20261201T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIA/x, S=y\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
    head = plain_head(data)
    assert head is not None
    assert (head.method, head.target, data[head.body_at :], head.length) == ("POST", "/", b"{}", 2)
    assert dict(head.headers)["x-amz-target"] == "TrentService.Encrypt"


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close",
        "GET / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue",
        "GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked",
        "GET / HTTP/1.1\r\nhost: x\r\nupgrade: h2c",
        "GET / HTTP/1.1\r\nhost: x\r\nhost: y",
        "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 1",
        "GET / HTTP/1.1\r\na: b",
        "GET / HTTP/1.0\r\nhost: x",
    ],
)
def test_whatever_changes_the_framing_is_left_to_h11(head: str) -> None:
    assert plain_head(head.encode() + b"\r\n\r\n") is None


def test_an_answer_is_the_bytes_that_h11_would_send() -> None:
    headers = [("date", "Tue, 01 Dec 2026 00:00:00 GMT"), ("x-a", "b c"), ("content-length", "2")]
    http = h11.Connection(h11.SERVER)
    http.receive_data(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    http.next_event()
    raw = [(name.encode(), value.encode()) for name, value in headers]
    theirs = http.send(h11.Response(status_code=200, headers=raw, reason="OK"))
    theirs += http.send(h11.Data(data=b"hi"))
    assert plain_answer(200, "OK", headers, b"hi") == theirs


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b", "a\nb", "a\rb"])
def test_a_header_cannot_begin_another_one(value: str) -> None:
    with pytest.raises(ValueError, match="an answer's headers break a line"):
        plain_answer(200, "OK", [("x", value)], b"")
