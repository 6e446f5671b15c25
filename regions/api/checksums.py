"""Checksums of bodies: those of S3's headers and trailers, and Content-MD5.

What does not belong here: taking a chunked body apart (chunked.py), and checksums of the parts of
a multipart upload taken together (the object store's own).
CRC-32C and CRC-64/NVME are table-driven, eight bytes at a step: no library of the standard ones
has them, and the one that SDKs use (awscrt) is a binary of several megabytes.
Source: Amazon S3 User Guide, "Checking object integrity"; parameters of the CRCs: RFC 3720 and
NVM Express NVM Command Set Specification; texts and statuses as observed from S3.
"""

import binascii
import hashlib
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from regions.api.edge_errors import Members
from regions.api.s3_edge_errors import BadDigest, InvalidDigest, InvalidRequest

_CRC32C_POLYNOMIAL: Final = 0x82F63B78  #: reflected
_CRC64NVME_POLYNOMIAL: Final = 0x9A6C9329AC4BC9B5  #: reflected
_MD5_BYTES: Final = 16
HEADER_PREFIX: Final = "x-amz-checksum-"
#: Headers of that prefix which carry no checksum.
_NO_CHECKSUM: Final = frozenset(
    {f"{HEADER_PREFIX}algorithm", f"{HEADER_PREFIX}mode", f"{HEADER_PREFIX}type"}
)
#: Algorithms of the service model that have no implementation here.
_NOT_MODELLED: Final = ("XXHASH3", "XXHASH64", "XXHASH128")
_SINGLE: Final = "Expecting a single x-amz-checksum- header"
_SDK_ALGORITHM: Final = "x-amz-sdk-checksum-algorithm"


@lru_cache
def _tables(polynomial: int) -> tuple[tuple[int, ...], ...]:
    """Return eight tables: entry b of table k is byte b, k bytes before the end of a step."""
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
        first.append(value)
    tables = [tuple(first)]
    for _ in range(7):
        tables.append(tuple(value >> 8 ^ first[value & 255] for value in tables[-1]))
    return tuple(tables)


def _crc(data: bytes, value: int, polynomial: int) -> int:
    """Return a reflected CRC, ``value`` being the inverted one of all that came before."""
    t0, t1, t2, t3, t4, t5, t6, t7 = _tables(polynomial)
    whole = len(data) & ~7
    for (word,) in struct.iter_unpack("<Q", memoryview(data)[:whole]):
        w = word ^ value
        value = (
            t7[w & 255]
            ^ t6[w >> 8 & 255]
            ^ t5[w >> 16 & 255]
            ^ t4[w >> 24 & 255]
            ^ t3[w >> 32 & 255]
            ^ t2[w >> 40 & 255]
            ^ t1[w >> 48 & 255]
            ^ t0[w >> 56]
        )
    for byte in data[whole:]:
        value = value >> 8 ^ t0[(value ^ byte) & 255]
    return value


def crc32c(data: bytes, before: int = 0) -> int:
    """Return the CRC-32C of data that follows data with the CRC-32C ``before``."""
    return _crc(data, before ^ 0xFFFF_FFFF, _CRC32C_POLYNOMIAL) ^ 0xFFFF_FFFF


def crc64nvme(data: bytes, before: int = 0) -> int:
    """Return the CRC-64/NVME of data that follows data with the CRC-64/NVME ``before``."""
    ones = 0xFFFF_FFFF_FFFF_FFFF
    return _crc(data, before ^ ones, _CRC64NVME_POLYNOMIAL) ^ ones


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


#: Algorithm, as S3 names it -> (bytes of its value, how to compute it).
ALGORITHMS: Final[Mapping[str, tuple[int, Callable[[bytes], bytes]]]] = {
    "CRC32": (4, lambda data: zlib.crc32(data).to_bytes(4, "big")),
    "CRC32C": (4, lambda data: crc32c(data).to_bytes(4, "big")),
    "CRC64NVME": (8, lambda data: crc64nvme(data).to_bytes(8, "big")),
    "MD5": (_MD5_BYTES, _md5),
    "SHA1": (20, lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    "SHA256": (32, lambda data: hashlib.sha256(data).digest()),
    "SHA512": (64, lambda data: hashlib.sha512(data).digest()),
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """One checksum of a body."""

    algorithm: str  #: a key of ALGORITHMS
    value: str  #: Base64, as headers carry it


@dataclass(frozen=True, slots=True)
class Declared:
    """What the headers of a request promise of its body."""

    algorithm: str = ""  #: a key of ALGORITHMS, "" if no checksum is promised
    value: bytes | None = None  #: None if it follows in a trailer
    content_md5: bytes | None = None  #: 16 bytes

    @property
    def trailer(self) -> str:
        """Name of the trailing header that has the value, or ""."""
        if not self.algorithm or self.value is not None:
            return ""
        return HEADER_PREFIX + self.algorithm.lower()


def checksum(algorithm: str, data: bytes) -> Checksum:
    """Return the checksum of a body."""
    return Checksum(algorithm, b64encode(ALGORITHMS[algorithm][1](data)).decode())


def check_headers(headers: Mapping[str, str]) -> Declared:
    """Return what the headers of an S3 request promise of its body.

    Args:
      headers: folded, names in lower case.
    Raises:
      InvalidDigest: Content-MD5 is malformed.
      InvalidRequest: a checksum is malformed, unsupported, or there are several.
    """
    md5_text = headers.get("content-md5")
    content_md5 = None
    if md5_text is not None:
        content_md5 = _base64(md5_text, _MD5_BYTES)
        if content_md5 is None:
            raise InvalidDigest(
                "The Content-MD5 you specified was invalid.", "", (("Content-MD5", md5_text),)
            )
    trailers = _trailers(headers.get("x-amz-trailer", ""))
    names = [n for n in headers if n.startswith(HEADER_PREFIX) and n not in _NO_CHECKSUM]
    if len(names) > 1 or len(trailers) > 1:
        raise InvalidRequest(f"{_SINGLE}. Multiple checksum Types are not allowed.")
    if names and trailers:
        raise InvalidRequest(_SINGLE)
    algorithm = _algorithm(names[0]) if names else trailers[0] if trailers else ""
    asked = headers.get(_SDK_ALGORITHM)
    if asked is not None and not algorithm:
        raise InvalidRequest(
            f"{_SDK_ALGORITHM} specified, but no corresponding x-amz-checksum-* or x-amz-trailer"
            " headers were found."
        )
    if asked is not None and asked.upper() != algorithm:
        raise InvalidRequest(f"Value for {_SDK_ALGORITHM} header is invalid.")
    value = None
    if names:
        value = _base64(headers[names[0]], ALGORITHMS[algorithm][0])
        if value is None:
            raise InvalidRequest(f"Value for {names[0]} header is invalid.")
    return Declared(algorithm, value, content_md5)


def check_body(
    declared: Declared, method: str, body: bytes, trailers: Mapping[str, str]
) -> Checksum | None:
    """Compare a body with what was promised of it; return its checksum, if there is one.

    Args:
      method: of the request.
      body: decoded, whole.
      trailers: names in lower case.
    Raises:
      BadDigest: the body has another MD5 or another checksum.
      InvalidRequest: the checksum in a trailer is malformed.
    """
    if declared.content_md5 is not None:
        computed = _md5(body)
        if computed != declared.content_md5:
            raise BadDigest(
                "The Content-MD5 you specified did not match what we received.",
                "",
                _digests(method, declared.content_md5, computed),
            )
    if not declared.algorithm:
        return None
    size, compute = ALGORITHMS[declared.algorithm]
    expected = declared.value
    if expected is None:
        expected = _base64(trailers[declared.trailer], size)
        if expected is None:
            raise InvalidRequest(f"Value for {declared.trailer} trailing header is invalid.")
    if compute(body) != expected:
        raise BadDigest(
            f"The {declared.algorithm} you specified did not match the calculated checksum."
        )
    return Checksum(declared.algorithm, b64encode(expected).decode())


def _digests(method: str, expected: bytes, computed: bytes) -> Members:
    # S3 writes the expected one in hexadecimal for objects, in Base64 for documents.
    shown = expected.hex() if method == "PUT" else b64encode(expected).decode()
    return (("ExpectedDigest", shown), ("CalculatedDigest", b64encode(computed).decode()))


def _base64(text: str, size: int) -> bytes | None:
    """Return the bytes of a canonical Base64 text of one length, or None."""
    try:
        value = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if len(value) == size and b64encode(value).decode() == text else None


def _algorithm(header: str) -> str:
    """Return the algorithm of a checksum header."""
    name = header.removeprefix(HEADER_PREFIX).upper()
    if name in _NOT_MODELLED:
        raise InvalidRequest(f"{header} is not modelled; use one of {', '.join(ALGORITHMS)}")
    if name not in ALGORITHMS:
        raise InvalidRequest(
            "The algorithm type you specified in x-amz-checksum- header is invalid."
        )
    return name


def _trailers(announced: str) -> list[str]:
    """Return the algorithms of the trailing checksums that x-amz-trailer announces."""
    names = announced.split(",")
    while names and not names[-1]:  # As S3 does: commas at the end mean nothing, others do.
        names.pop()
    found = []
    for name in names:
        header = name.strip().lower()
        algorithm = header.removeprefix(HEADER_PREFIX).upper()
        if algorithm in _NOT_MODELLED:
            raise InvalidRequest(f"{header} is not modelled; use one of {', '.join(ALGORITHMS)}")
        if not header.startswith(HEADER_PREFIX) or algorithm not in ALGORITHMS:
            raise InvalidRequest("The value specified in the x-amz-trailer header is not supported")
        found.append(algorithm)
    return found
