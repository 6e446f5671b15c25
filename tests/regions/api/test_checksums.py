"""Checksums: published values, an independent bit-by-bit CRC, and S3's words when one is wrong."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import UNHURRIED, shown

from regions.api.checksums import (
    ALGORITHMS,
    Checksum,
    check_body,
    check_headers,
    checksum,
    crc32c,
    crc64nvme,
)
from regions.api.edge_errors import EdgeError

NINE = b"123456789"


def bitwise(data: bytes, width: int, polynomial: int) -> int:
    """Return a reflected CRC with all bits set before and inverted after, one bit at a time."""
    ones = (1 << width) - 1
    value = ones
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial * (value & 1))
    return value ^ ones


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (NINE, 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
    ids=["check", "zeroes", "ones", "up", "down"],
)
def test_crc32c_is_that_of_rfc_3720(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (NINE, 0xAE8B14860A799888),
        (bytes(4096), 0x6482D367EB22B64E),
        (b"\xff" * 4096, 0xC0DDBA7302ECA3AC),
        (bytes(range(256)) * 16, 0x3E729F5F6750449C),
        (bytes(range(255, -1, -1)) * 16, 0x9A2DF64B8E9E517E),
    ],
    ids=["check", "zeroes", "ones", "up", "down"],
)
def test_crc64nvme_is_that_of_the_nvme_specification(data: bytes, expected: int) -> None:
    assert crc64nvme(data) == expected


@UNHURRIED
@given(st.binary(max_size=70))
def test_the_tables_compute_what_single_bits_compute(data: bytes) -> None:
    assert crc32c(data) == bitwise(data, 32, 0x82F63B78)
    assert crc64nvme(data) == bitwise(data, 64, 0x9A6C9329AC4BC9B5)


@UNHURRIED
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_crc_goes_on_where_another_ended(first: bytes, second: bytes) -> None:
    assert crc32c(second, crc32c(first)) == crc32c(first + second)
    assert crc64nvme(second, crc64nvme(first)) == crc64nvme(first + second)


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        ("CRC32", "y/Q5Jg=="),
        ("CRC32C", "4waSgw=="),
        ("CRC64NVME", "rosUhgp5mIg="),
        ("MD5", base64.b64encode(hashlib.md5(NINE).digest()).decode()),
        ("SHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("SHA256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ("SHA512", base64.b64encode(hashlib.sha512(NINE).digest()).decode()),
    ],
)
def test_a_body_with_the_promised_checksum_is_accepted(algorithm: str, value: str) -> None:
    name = f"x-amz-checksum-{algorithm.lower()}"
    expected = Checksum(algorithm, value)
    assert checksum(algorithm, NINE) == expected
    in_header = check_headers({name: value, "x-amz-sdk-checksum-algorithm": algorithm})
    assert check_body(in_header, "PUT", NINE, {}) == expected
    in_trailer = check_headers({"x-amz-trailer": name})
    assert in_trailer.trailer == name
    assert check_body(in_trailer, "PUT", NINE, {name: value}) == expected


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_body_with_another_checksum_is_a_bad_digest(algorithm: str) -> None:
    name = f"x-amz-checksum-{algorithm.lower()}"
    value = checksum(algorithm, b"other").value
    for headers, trailers in (({name: value}, {}), ({"x-amz-trailer": name}, {name: value})):
        with pytest.raises(EdgeError) as caught:
            check_body(check_headers(headers), "PUT", NINE, trailers)
        assert shown(caught.value) == (
            "BadDigest", 400, f"The {algorithm} you specified did not match the calculated checksum.",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "expected"),
    [("PUT", "d41d8cd98f00b204e9800998ecf8427e"), ("POST", "1B2M2Y8AsgTpgAmY7PhCfg==")],
)
def test_a_body_with_another_md5_is_a_bad_digest_that_shows_both(method: str, expected: str) -> None:
    declared = check_headers({"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert check_body(declared, method, b"", {}) is None
    with pytest.raises(EdgeError) as caught:
        check_body(declared, method, NINE, {})
    assert shown(caught.value) == (
        "BadDigest", 400, "The Content-MD5 you specified did not match what we received.",
    )  # fmt: skip
    assert caught.value.members == (
        ("ExpectedDigest", expected), ("CalculatedDigest", "JfnnlDI7RTiF9RgfG2JNCw=="),
    )  # fmt: skip


CRC, SHA = "y/Q5Jg==", "98O8HYCOBHMq32eZZczDTKeuNEE="
SEVERAL = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
UNSUPPORTED = "The value specified in the x-amz-trailer header is not supported"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-amz-checksum-crc32": CRC, "x-amz-checksum-sha1": SHA}, SEVERAL),
        ({"x-amz-trailer": "x-amz-checksum-crc32, x-amz-checksum-sha1"}, SEVERAL),
        ({"x-amz-trailer": "x-amz-checksum-crc32, x-amz-checksum-crc32"}, SEVERAL),
        ({"x-amz-checksum-crc32": CRC, "x-amz-trailer": "x-amz-checksum-crc32"},
         "Expecting a single x-amz-checksum- header"),
        ({"x-amz-checksum-crc32": CRC, "x-amz-sdk-checksum-algorithm": "SHA1"},
         "Value for x-amz-sdk-checksum-algorithm header is invalid."),
        ({"x-amz-sdk-checksum-algorithm": "CRC32"},
         "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."),
        ({"x-amz-checksum-bad": CRC},
         "The algorithm type you specified in x-amz-checksum- header is invalid."),
        ({"x-amz-checksum-xxhash64": CRC},
         "x-amz-checksum-xxhash64 is not modelled; use one of CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512"),
        ({"x-amz-trailer": "x-amz-checksum-xxhash3"},
         "x-amz-checksum-xxhash3 is not modelled; use one of CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512"),
        ({"x-amz-trailer": "content-md5"}, UNSUPPORTED),
        ({"x-amz-trailer": "crc32"}, UNSUPPORTED),
        ({"x-amz-trailer": "x-amz-checksum-bad"}, UNSUPPORTED),
        ({"x-amz-trailer": ",x-amz-checksum-crc32"}, UNSUPPORTED),
        ({"x-amz-trailer": "x-amz-checksum-crc32, ,"}, UNSUPPORTED),
        *(({"x-amz-checksum-crc32": text}, "Value for x-amz-checksum-crc32 header is invalid.")
          for text in ("bad", "y/Q5Jh==", "short===", "shrt", "toolong=", "^^^^^^==", "y^/^Q5^J^g==", "\xe9", "")),
    ],
)  # fmt: skip
def test_headers_that_promise_nonsense_are_refused(headers: dict[str, str], message: str) -> None:
    with pytest.raises(EdgeError) as caught:
        check_headers(headers)
    assert shown(caught.value) == ("InvalidRequest", 400, message)


@pytest.mark.parametrize("announced", ["x-amz-checksum-crc32,", "X-Amz-Checksum-CRC32,,"])
def test_commas_at_the_end_of_an_announcement_mean_nothing(announced: str) -> None:
    assert check_headers({"x-amz-trailer": announced}).trailer == "x-amz-checksum-crc32"


def test_headers_that_only_ask_for_checksums_promise_none() -> None:
    asking = {f"x-amz-checksum-{name}": "x" for name in ("mode", "type", "algorithm")}
    assert check_body(check_headers(asking), "GET", b"any", {}) is None


def test_a_malformed_md5_is_an_invalid_digest() -> None:
    with pytest.raises(EdgeError) as caught:
        check_headers({"content-md5": "invalid"})
    assert shown(caught.value) == ("InvalidDigest", 400, "The Content-MD5 you specified was invalid.")
    assert caught.value.members == (("Content-MD5", "invalid"),)


def test_a_malformed_checksum_in_a_trailer_is_refused() -> None:
    declared = check_headers({"x-amz-trailer": "x-amz-checksum-crc32"})
    with pytest.raises(EdgeError) as caught:
        check_body(declared, "PUT", NINE, {"x-amz-checksum-crc32": "not-base-64"})
    assert shown(caught.value) == (
        "InvalidRequest", 400, "Value for x-amz-checksum-crc32 trailing header is invalid.",
    )  # fmt: skip
