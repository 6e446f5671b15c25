"""The canonical form of a request, and what is signed of it.

What does not belong here: parsing a signature (coral_claim.py, s3_claim.py) or judging one
(sigv4.py).
Source: AWS IAM User Guide, "Create a signed AWS API request"; Amazon S3 API Reference,
"Authenticating Requests (AWS Signature Version 4)"; white space folds as botocore folds it.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from regions.api.http_values import Headers
from regions.api.sigv4_values import ALGORITHM, TERMINATOR

#: Kept signing keys, one per secret, date, region and service. Chosen.
SIGNING_KEYS: Final = 1024

_unreserved = re.compile(r"[A-Za-z0-9\-._~]*").fullmatch
_unreserved_path = re.compile(r"[A-Za-z0-9\-._~/]*").fullmatch
#: The last second of the year 9999, beyond which no time can be written.
LAST_S: Final = 253_402_300_799

_BASIC_FORMAT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
#: White space of ASCII only: a header in latin-1 may hold half a UTF-8 character that is none.
_SPACES: Final = re.compile(r"[ \t\n\r\f\v\x1c-\x1f]+")


def fold_headers(headers: Headers) -> dict[str, str]:
    """Return the headers as they are signed: folded, those of one name joined by commas."""
    folded: dict[str, str] = {}
    for name, text in headers:
        value = " ".join(text.split()) if text.isascii() else _SPACES.sub(" ", text).strip(" ")
        folded[name] = f"{folded[name]},{value}" if name in folded else value
    return folded


def octets(text: str) -> bytes:
    """Return the bytes that were on the wire, whichever way they were decoded."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _encoded(text: str) -> str:
    if _unreserved(text):
        return text
    raw = text.replace("+", " ").encode("utf-8", "surrogatepass")
    return quote(unquote_to_bytes(raw), safe="")


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a query string, percent-encoded canonically, unsorted."""
    if not query:
        return []
    pairs = (part.partition("=") for part in query.split("&"))
    return [(_encoded(name), _encoded(value)) for name, _, value in pairs]


def canonical_query(pairs: list[tuple[str, str]]) -> str:
    """Return a canonical query string: sorted by name, then by value; no X-Amz-Signature."""
    return "&".join(f"{n}={v}" for n, v in sorted(pairs) if n != "X-Amz-Signature")


def canonical_path(path: str, service: str) -> str:
    """Return a canonical path: for s3 encoded once as it lies, else normalised, encoded twice.

    A path that begins with no slash is left as it lies, so that it equals no other one.
    """
    if service == "s3":
        if _unreserved_path(path):
            return path
        return quote(unquote_to_bytes(path.encode("utf-8", "surrogatepass")), safe="/")
    if path == "/" or not path.startswith("/"):
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    normal = f"/{'/'.join(kept)}{end}"
    if _unreserved_path(normal):
        return normal
    return quote(normal.encode("utf-8", "surrogatepass"), safe="/")


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: str,
    payload: str,
) -> bytes:
    """Return the canonical request.

    Args:
      path, query: canonical.
      headers: folded; those that are signed but absent have no line.
      signed_headers: names joined by ``;``, as the signature has them.
      payload: hexadecimal SHA-256 of the body, or a word of S3 that stands for it.
    """
    lines = [method, path, query]
    lines += [f"{name}:{headers[name]}" for name in signed_headers.split(";") if name in headers]
    lines += ["", signed_headers, payload]
    return octets("\n".join(lines))


def string_to_sign(timestamp: str, scope: str, request: bytes) -> str:
    """Return what is signed of a canonical request."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(request).hexdigest()}"


@lru_cache(SIGNING_KEYS)
def signing_key(secret_access_key: str, date: str, region: str, service: str) -> bytes:
    """Return the 32-byte key that signs for one day, region and service.

    Kept by the secret itself and not by its key id, so that a key made anew under an old id does
    not open with the old secret.
    """
    key = b"AWS4" + secret_access_key.encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, octets(part), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return a signature: 64 lower-case hexadecimal digits."""
    return hmac.digest(key, octets(text), "sha256").hex()


def same(given: str, expected: str) -> bool:
    """Compare a given secret or signature with ours, in a time that tells nothing."""
    return hmac.compare_digest(octets(given), octets(expected))


def seconds(timestamp: str) -> int | None:
    """Return the seconds since 1970 of a time in ISO 8601 basic format, or None."""
    # Asked before the cache is, which so never keeps long nonsense.
    return _seconds(timestamp) if len(timestamp) == len("20130524T000000Z") else None


@lru_cache(SIGNING_KEYS)
def _seconds(timestamp: str) -> int | None:
    match = _BASIC_FORMAT.fullmatch(timestamp)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp())


def basic_format(time_s: int) -> str:
    """Return seconds since 1970 as in signatures: ``20130524T000000Z``."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y%m%dT%H%M%SZ")


def extended_format(time_s: int) -> str:
    """Return seconds since 1970 as in S3's answers: ``2013-05-24T00:00:00Z``."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
