"""Whatever comes over the wire, the answer is one of the service's own errors, never a crash."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import KEY_ID, REGION, SECRETS, TIME, TIME_S, UNHURRIED, http, refusal, shown

from regions.api.canonical import seconds
from regions.api.chunked import ChunkDecoder
from regions.api.edge_errors import EdgeError
from regions.api.http_values import HttpRequest
from regions.api.s3_payload import read_payload
from regions.api.sigv4 import is_signed, scope_of
from regions.api.sigv4_values import STREAMING

PIECES = st.sampled_from(
    [
        *("AWS4-HMAC-SHA256 ", "Credential=", "SignedHeaders=", "Signature=", "host", ";", ",", " "),
        *(f"{KEY_ID}/20150830/{REGION}/kms/aws4_request", f"{KEY_ID}/20150830/{REGION}/s3/aws4_request"),
        *("X-Amz-Algorithm=AWS4-HMAC-SHA256&", "X-Amz-Expires=", "X-Amz-Date=", "X-Amz-Credential="),
        *("X-Amz-SignedHeaders=host&", "X-Amz-Signature=0&", "&", "=", "%", "9" * 30, "-1", "0" * 64),
        *(TIME, "99991231T235959Z", "00010101T000000Z", "20150830", "x-amz-checksum-crc32", "STREAMING-"),
        *("Mon, 01 Jan 0100 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "Sun, 30 Aug 2015"),
        *("UNSIGNED-PAYLOAD", "AAAAAA==", "\xe9", "\u1234", "\ud800", "\x00"),
        *STREAMING,
    ]
) | st.text(max_size=5)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=4).map("".join)
FIELDS = st.sampled_from(
    [
        *("authorization", "host", "date", "x-amz-date", "x-amz-security-token", "content-md5"),
        *("x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-acl"),
        *("x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", "content-encoding"),
    ]
)


@st.composite
def almost_right(draw: st.DrawFn) -> tuple[HttpRequest, str]:
    """Draw a request and its service: signed by the book, but for at most two of its parts."""
    service = draw(st.sampled_from(["kms", "sts", "s3"]))
    parts = {
        "scheme": "AWS4-HMAC-SHA256",
        "credential": f"{KEY_ID}/20150830/{REGION}/{service}/aws4_request",
        "names": "host;x-amz-content-sha256;x-amz-date",
        "signature": "0" * 64,
        "date": TIME,
        "expires": "900",
        "payload": draw(st.sampled_from(["UNSIGNED-PAYLOAD", "0" * 64, *sorted(STREAMING)])),
    }
    for name in draw(st.lists(st.sampled_from(sorted(parts)), max_size=2)):
        parts[name] = draw(TEXTS)
    more = tuple(draw(st.lists(st.tuples(FIELDS, TEXTS), max_size=2)))
    target = "/" + draw(TEXTS)
    if draw(st.booleans()):
        target += (
            f"?X-Amz-Algorithm={parts['scheme']}&X-Amz-Credential={parts['credential']}"
            f"&X-Amz-Date={parts['date']}&X-Amz-Expires={parts['expires']}"
            f"&X-Amz-SignedHeaders={parts['names']}&X-Amz-Signature={parts['signature']}"
        )
        headers = (("host", "h"), *more)
    else:
        headers = (
            *(("host", "h"), ("x-amz-date", parts["date"]), ("x-amz-content-sha256", parts["payload"])),
            ("authorization", f"{parts['scheme']} Credential={parts['credential']}, SignedHeaders={parts['names']}, Signature={parts['signature']}"),
            *more,
        )
    return http("PUT", target, headers, draw(st.binary(max_size=8))), service


@UNHURRIED
@given(almost_right())
def test_nothing_that_can_be_sent_makes_verification_crash(drawn: tuple[HttpRequest, str]) -> None:
    request, service = drawn
    assert isinstance(refusal(request, service, secrets=SECRETS), EdgeError)
    with contextlib.suppress(EdgeError):
        read_payload(request, None)
    assert isinstance(is_signed(request), bool)
    scope_of(request)


@UNHURRIED
@given(
    st.lists(
        st.sampled_from([b"0", b"5", b"\r\n", b"abcde", b";", b"chunk-signature=", b"x-a:b", b"ff"])
        | st.binary(max_size=4),
        max_size=12,
    ),
    st.sampled_from(sorted(STREAMING)),
    st.integers(0, 12),
)
def test_nothing_that_can_be_sent_makes_the_decoder_crash_or_give_too_much(
    parts: list[bytes], mode: str, length: int
) -> None:
    decoder = ChunkDecoder(mode, length, "x-a", None)
    decoded = b""
    with contextlib.suppress(EdgeError):
        for part in parts:
            decoded += decoder.feed(part)
        decoder.finish()
        assert len(decoded) == length
    assert len(decoded) <= length


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 0100 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "x" * 100_000]
)
def test_a_date_beyond_all_calendars_is_no_date(date: str) -> None:
    authorization = f"AWS4-HMAC-SHA256 Credential={KEY_ID}/1/2/kms/3, SignedHeaders=host, Signature=0"
    request = http("POST", "/", (("host", "h"), ("date", date), ("authorization", authorization)))
    assert shown(refusal(request, "kms")) == (
        "IncompleteSignatureException", 400, f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )  # fmt: skip


def test_a_time_is_sixteen_characters_of_a_real_moment() -> None:
    assert seconds(TIME) == TIME_S
    for text in ("", "20150830T123600", "20150830T123600z", "20150231T000000Z", "٢0150830T123600Z"):
        assert seconds(text) is None
