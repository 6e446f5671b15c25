"""Chunked bodies: AWS's published examples, and S3's words for every way to get one wrong."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import KEY_ID, S3_KEY_ID, S3_TIME, S3_TIME_S, UNHURRIED, check, http, shown

from regions.api.chunked import HEADER_BYTES_MAX, TRAILER_BYTES_MAX, ChunkDecoder
from regions.api.edge_errors import EdgeError
from regions.api.http_values import Headers, HttpRequest
from regions.api.s3_payload import S3Payload, read_payload
from regions.api.sigv4_values import (
    STREAMING_SIGNED,
    STREAMING_SIGNED_TRAILER,
    STREAMING_UNSIGNED_TRAILER,
    ChunkSeal,
)

A = b"a" * 66_560
CRC_NAME = "x-amz-checksum-crc32"
ENDED = ("IncompleteBody", 400, "The request body terminated unexpectedly")
LENGTH = ("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header")
TRAILER = ("MalformedTrailerError", 400, "The request contained trailing data that was not well-formed or did not conform to our published schema.")
WRONG = ("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")

EXAMPLE = (
    b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
    + A[:65_536]
    + b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
    + A[65_536:]
    + b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
)
TRAILER_EXAMPLE = (
    b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
    + A[:65_536]
    + b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
    + A[65_536:]
    + b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)


def example(body: bytes = EXAMPLE) -> HttpRequest:
    """Return the chunked PUT of the S3 API reference."""
    return http(
        "PUT",
        "/examplebucket/chunkObject.txt",
        (
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", S3_TIME),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("authorization", f"AWS4-HMAC-SHA256 Credential={S3_KEY_ID}/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
            ("x-amz-content-sha256", STREAMING_SIGNED),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
        ),
        body,
    )


def trailer_example(body: bytes = TRAILER_EXAMPLE) -> HttpRequest:
    """Return the chunked PUT with a trailing header of the S3 API reference."""
    return http(
        "PUT",
        "/examplebucket/chunkObject.txt",
        (
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", S3_TIME),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("authorization", f"AWS4-HMAC-SHA256 Credential={S3_KEY_ID}/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
            ("x-amz-content-sha256", STREAMING_SIGNED_TRAILER),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("x-amz-trailer", "x-amz-checksum-crc32c"),
        ),
        body,
    )


def payload_of(request: HttpRequest) -> S3Payload:
    return read_payload(request, check(request, "s3", S3_TIME_S))


def test_the_chunked_upload_of_the_s3_reference_is_accepted() -> None:
    payload = payload_of(example())
    assert (payload.body == A, payload.checksum, payload.content_encoding) == (True, None, "")


def test_the_upload_with_a_trailer_of_the_s3_reference_is_accepted() -> None:
    payload = payload_of(trailer_example())
    assert payload.body == A
    assert payload.checksum is not None
    assert (payload.checksum.algorithm, payload.checksum.value) == ("CRC32C", "sOO8/Q==")


@pytest.mark.parametrize("position", [0, 30, 5_000, 65_624, 65_640, 66_000, 66_740, -3])
@pytest.mark.parametrize("make", [example, trailer_example])
def test_a_chunked_body_with_one_byte_changed_is_refused(
    make: Callable[..., HttpRequest], position: int
) -> None:
    body = bytearray(make().body)
    body[position] ^= 1
    with pytest.raises(EdgeError):
        payload_of(make(bytes(body)))


def test_a_wrong_chunk_shows_what_was_signed() -> None:
    with pytest.raises(EdgeError) as caught:
        payload_of(example(EXAMPLE.replace(b"aaa", b"aab", 1)))
    members = dict(caught.value.members)
    chunk = sha256(b"aab" + A[3:65_536]).hexdigest()
    assert shown(caught.value) == WRONG
    assert list(members) == [
        *("AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes"),
        *("CanonicalRequest", "CanonicalRequestBytes"),
    ]
    assert members["AWSAccessKeyId"] == S3_KEY_ID
    assert members["SignatureProvided"] == "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
    assert members["StringToSign"] == (
        "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9\n"
        f"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n{chunk}"
    )
    assert bytes.fromhex(members["StringToSignBytes"]).decode() == members["StringToSign"]
    assert bytes.fromhex(members["CanonicalRequestBytes"]).decode() == members["CanonicalRequest"]


def test_a_trailer_that_was_not_signed_is_refused() -> None:
    with pytest.raises(EdgeError) as caught:
        payload_of(trailer_example(TRAILER_EXAMPLE.replace(b"sOO8", b"tOO8")))
    assert shown(caught.value) == WRONG
    assert dict(caught.value.members)["StringToSign"].startswith("AWS4-HMAC-SHA256-TRAILER\n")


@UNHURRIED
@given(st.lists(st.integers(1, 70_000), max_size=8))
def test_it_does_not_matter_how_the_bytes_arrive(cuts: list[int]) -> None:
    # The signatures of the example are believed here: HMACs of 64 KiB are slow in thousands.
    decoder = ChunkDecoder(STREAMING_SIGNED_TRAILER, len(A), "x-amz-checksum-crc32c", None)
    edges = sorted({0, *cuts, len(TRAILER_EXAMPLE)})
    parts = [TRAILER_EXAMPLE[a:b] for a, b in pairwise(edges)]
    assert b"".join(decoder.feed(part) for part in parts) == A
    assert decoder.finish() == {"x-amz-checksum-crc32c": "sOO8/Q=="}


BODY = b"0123456789abcdef0123456789abcdef"
SEAL = ChunkSeal(b"k" * 32, "5" * 64, S3_TIME, "20130524/us-east-1/s3/aws4_request", KEY_ID, b"")
EMPTY = sha256(b"").hexdigest()


def hmac_hex(text: str) -> str:
    return hmac.new(SEAL.signing_key, text.encode(), "sha256").hexdigest()


def sealed(*chunks: bytes, shape: bytes = b"%x;chunk-signature=%s\r\n%s\r\n") -> bytes:
    """Return chunks, each signed after the one before it."""
    previous, body = SEAL.seed_signature, b""
    for chunk in chunks:
        previous = hmac_hex(
            f"AWS4-HMAC-SHA256-PAYLOAD\n{S3_TIME}\n{SEAL.scope}\n{previous}\n{EMPTY}\n{sha256(chunk).hexdigest()}"
        )
        body += shape % (len(chunk), previous.encode(), chunk)
    return body


def plain(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def decode(
    body: bytes,
    mode: str = STREAMING_UNSIGNED_TRAILER,
    length: int = len(BODY),
    trailer: str = "",
    seal: ChunkSeal | None = SEAL,
) -> tuple[bytes, dict[str, str]]:
    decoder = ChunkDecoder(mode, length, trailer, seal)
    data = decoder.feed(body)
    return data, dict(decoder.finish())


def refused(body: bytes, *arguments: object, **more: object) -> EdgeError:
    with pytest.raises(EdgeError) as caught:
        decode(body, *arguments, **more)  # type: ignore[arg-type]
    return caught.value


LAST = plain(BODY, b"")[:-2]  # the empty line after the last chunk may be missing


@pytest.mark.parametrize(
    ("body", "trailer", "found"),
    [
        (LAST, "", {}),
        (LAST + b"\r\n", "", {}),
        (LAST + b"x-amz-checksum-crc32: abc\r\n", CRC_NAME, {CRC_NAME: "abc"}),
        (LAST + b"X-Amz-Checksum-CRC32:abc\r\n\r\n", CRC_NAME, {CRC_NAME: "abc"}),
        (LAST + b"x-amz-checksum-crc32:no\r\nx-amz-checksum-crc32:yes\r\n", CRC_NAME, {CRC_NAME: "yes"}),
        (LAST + b"x-amz-checksum-crc32:abc\r\n\r\njunk: \xff", CRC_NAME, {CRC_NAME: "abc"}),
    ],
)
def test_an_unsigned_body_is_read_as_leniently_as_s3_reads_it(
    body: bytes, trailer: str, found: dict[str, str]
) -> None:
    assert decode(body, trailer=trailer) == (BODY, found)


@pytest.mark.parametrize(
    ("body", "trailer", "error"),
    [
        (BODY, "", ENDED),
        (b"", "", ENDED),
        (plain(BODY), "", ENDED),
        (plain(BODY, b"")[:-1], "", ENDED),
        (plain(BODY, b"").replace(b"\r\n", b"\n"), "", ENDED),
        (plain(BODY, b"").replace(b"\r\n", b"\r"), "", ENDED),
        (b"-20\r\n" + BODY, "", ENDED),
        (b"0x20\r\n" + BODY, "", ENDED),
        (b"20\r\n" + BODY + b"xx0\r\n\r\n", "", ENDED),
        (b"9" * HEADER_BYTES_MAX, "", ENDED),
        (LAST + b"x-amz-checksum-crc32:abc\r\n", "", ENDED),
        (LAST + b"x-amz-checksum-crc32:abc\n", CRC_NAME, ENDED),
        (LAST + b"x-amz-checksum-crc32:abc", CRC_NAME, ENDED),
        (LAST + b"\r\n", CRC_NAME, TRAILER),
        (LAST + b"\r\nx-amz-checksum-crc32:abc\r\n", CRC_NAME, TRAILER),
        (LAST + b"x-amz-checksum-sha1:abc\r\n", CRC_NAME, TRAILER),
        (LAST + b"x-amz-checksum-crc32:abc\r\nbonus:1\r\n", CRC_NAME, TRAILER),
        (LAST + b"x" * (TRAILER_BYTES_MAX + 1), CRC_NAME, TRAILER),
    ],
)
def test_an_unsigned_body_that_s3_cannot_read_is_refused(
    body: bytes, trailer: str, error: tuple[str, int, str]
) -> None:
    assert shown(refused(body, trailer=trailer)) == error


@pytest.mark.parametrize(
    ("body", "provided"),
    [
        (plain(BODY[:4], b"", BODY[4:], b""), "4"),
        (plain(BODY * 2, b""), "64"),
        (plain(b""), "0"),
    ],
)
def test_a_body_of_another_length_than_announced_is_refused(body: bytes, provided: str) -> None:
    error = refused(body)
    assert shown(error) == LENGTH
    assert error.members == (("NumberBytesExpected", "32"), ("NumberBytesProvided", provided))


@pytest.mark.parametrize(
    "shape",
    [b"%x;chunk-signature=%s\r\n%s\r\n", b"%x ; chunk-signature = %s \r\n%s\r\n"],
)
def test_a_signed_body_is_accepted(shape: bytes) -> None:
    body = sealed(b"x" * 15_000, b"y" * 8192, b"z", b"", shape=shape)
    assert len(decode(body, STREAMING_SIGNED, 15_000 + 8192 + 1)[0]) == 15_000 + 8192 + 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (plain(BODY, b""), ENDED),
        (b"20;chunk-signature=\r\n" + BODY + b"\r\n", ENDED),
        (b"20;chunk-signature=0;extra=param\r\n" + BODY + b"\r\n", ENDED),
        (b"20;chunk-signature=invalid\r\n" + BODY + b"\r\n", WRONG),
        (b"20;extra=param;chunk-signature=0\r\n" + BODY + b"\r\n", WRONG),
        (sealed(BODY), ENDED),
        (sealed(BODY) + b"0;chunk-signature=%064x\r\n\r\n" % 0, WRONG),
    ],
)
def test_a_signed_body_with_bad_signatures_is_refused(
    body: bytes, error: tuple[str, int, str]
) -> None:
    assert shown(refused(body, STREAMING_SIGNED)) == error


def test_a_small_chunk_that_is_not_the_last_is_refused() -> None:
    error = refused(sealed(b"x" * 1024, b"y" * 4096, b""), STREAMING_SIGNED, 5120)
    assert shown(error) == (
        "InvalidChunkSizeError", 403, "Only the last chunk is allowed to have a size less than 8192 bytes",
    )  # fmt: skip
    assert error.members == (("Chunk", "2"), ("BadChunkSize", "1024"))


def trailer_signature(body: bytes, text: str) -> bytes:
    previous = body.rsplit(b"chunk-signature=", 1)[1][:64].decode()
    return hmac_hex(
        f"AWS4-HMAC-SHA256-TRAILER\n{S3_TIME}\n{SEAL.scope}\n{previous}\n{sha256(text.encode()).hexdigest()}"
    ).encode()


def test_a_signed_trailer_is_wanted_whole() -> None:
    chunks = sealed(BODY, b"")[:-2]
    right = trailer_signature(chunks, f"{CRC_NAME}:abc\n")
    line = b"x-amz-checksum-crc32: abc\r\n"
    mode = STREAMING_SIGNED_TRAILER
    ok = chunks + line + b"x-amz-trailer-signature:" + right + b"\r\n"
    assert decode(ok, mode, trailer=CRC_NAME) == (BODY, {CRC_NAME: "abc"})
    assert shown(refused(chunks + line, mode, trailer=CRC_NAME)) == ENDED
    wrong = chunks + line + b"x-amz-trailer-signature:" + right[::-1] + b"\r\n"
    assert shown(refused(wrong, mode, trailer=CRC_NAME)) == WRONG
    none = b"x-amz-trailer-signature:" + trailer_signature(chunks, "\n") + b"\r\n"
    assert shown(refused(chunks + none, mode)) == ENDED


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ((), ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")),
        ((("x-amz-decoded-content-length", "not an int"),),
         ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")),
    ],
)  # fmt: skip
def test_a_chunked_body_without_decoded_length_is_refused(
    headers: Headers, error: tuple[str, int, str]
) -> None:
    mode = ("x-amz-content-sha256", STREAMING_UNSIGNED_TRAILER)
    with pytest.raises(EdgeError) as caught:
        read_payload(http("PUT", "/b/k", (mode, *headers), plain(BODY, b"")), None)
    assert shown(caught.value) == error


@pytest.mark.parametrize("mode", ["UNSIGNED-PAYLOAD", STREAMING_SIGNED])
def test_a_trailer_in_a_body_that_has_none_is_refused(mode: str) -> None:
    headers = (
        *(("x-amz-content-sha256", mode), ("x-amz-trailer", CRC_NAME)),
        ("x-amz-decoded-content-length", "32"),
    )
    with pytest.raises(EdgeError) as caught:
        read_payload(http("PUT", "/b/k", headers, sealed(BODY, b"")), None)
    assert shown(caught.value) == TRAILER


@pytest.mark.parametrize(
    ("encoding", "kept"),
    [("foo, aws-chunked, bar", "foo, bar"), ("gzip,aws-chunked", "gzip"), ("gzip", "gzip")],
)
def test_only_aws_chunked_is_taken_out_of_the_content_encoding(encoding: str, kept: str) -> None:
    headers = (
        *(("x-amz-content-sha256", STREAMING_UNSIGNED_TRAILER), ("content-encoding", encoding)),
        ("x-amz-decoded-content-length", "32"),
    )
    request = http("PUT", "/b/k", headers, plain(BODY, b""))
    assert read_payload(request, None) == S3Payload(BODY, None, kept)
    whole = replace(request, headers=(("content-encoding", "aws-chunked"),), body=BODY)
    assert read_payload(whole, None).content_encoding == "aws-chunked"


def test_a_chunk_that_is_too_long_is_refused_before_its_bytes_arrive() -> None:
    decoder = ChunkDecoder(STREAMING_UNSIGNED_TRAILER, 32, "", None)
    with pytest.raises(EdgeError) as caught:
        decoder.feed(b"ffffffffffff\r\n")
    assert shown(caught.value) == LENGTH
