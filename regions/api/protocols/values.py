"""Scalars on the wire: base64, points in time, whole numbers, percent-encoding.

What does not belong here: which member has which form (the protocols' own files).
Source: Smithy, "timestampFormat trait"; RFC 4648; RFC 9110 section 5.6.7 for HTTP dates; RFC 3986.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate, parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: First and last second that a calendar date can say: years 1 and 9999.
SECONDS_MIN: Final = -62_135_596_800
SECONDS_MAX: Final = 253_402_300_799
#: Bounds of the models' integer and long.
INTEGER_BITS: Final = 31
LONG_BITS: Final = 63

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_SECONDS: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)


def from_base64(text: str) -> bytes:
    """Return the bytes that a base64 text stands for.

    Raises:
      ValueError: it has foreign characters, or its padding is wrong.
    """
    try:
        return a2b_base64(text, strict_mode=True)
    except Base64Error as error:
        raise ValueError(str(error)) from None


def to_base64(value: bytes) -> str:
    """Return bytes as base64 in one line."""
    return b2a_base64(value, newline=False).decode("ascii")


def whole(text: str, bits: int) -> int:
    """Return a whole number in decimal digits.

    Raises:
      ValueError: it is none, or does not fit a signed number of so many bits and a sign.
    """
    if _WHOLE.fullmatch(text) is None or not -(1 << bits) <= int(text) < 1 << bits:
        raise ValueError(f"{text!r} is no whole number of {bits} bits and a sign")
    return int(text)


def from_iso8601(text: str) -> float:
    """Return seconds since 1970 of an ISO 8601 date, or of plain seconds; without zone it is UTC.

    Raises:
      ValueError: it is neither.
    """
    if _SECONDS.fullmatch(text) is not None:
        seconds = float(text)
    else:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        seconds = (moment - EPOCH).total_seconds()
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise ValueError(f"{text!r} is outside the years 1 to 9999")
    return seconds


def to_iso8601(seconds: float, *, always_milliseconds: bool) -> str:
    """Return ``2026-01-01T00:00:00.000Z``; a fraction of 0 may be left out."""
    milliseconds = round(seconds * 1000)
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    fraction = milliseconds % 1000
    tail = f".{fraction:03d}Z" if fraction or always_milliseconds else "Z"
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + tail


def from_http_date(text: str) -> float:
    """Return seconds since 1970 of a date such as ``Sun, 06 Nov 1994 08:49:37 GMT``.

    Raises:
      ValueError: it is none.
    """
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return (moment - EPOCH).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"{text!r} is no HTTP date") from None


def to_http_date(seconds: float) -> str:
    """Return a date as HTTP fields write it; a fraction of a second is cut off."""
    return formatdate(int(seconds // 1), usegmt=True)


def percent_decoded(text: str) -> str:
    """Return text with its percent-encoding undone.

    Raises:
      ValueError: what comes out is not UTF-8.
    """
    return unquote_to_bytes(text).decode("utf-8")


def query_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and values of a query string or form, in order; ``+`` is a space.

    Raises:
      ValueError: a name or value is not UTF-8.
    """
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield (
                percent_decoded(name.replace("+", " ")),
                percent_decoded(value.replace("+", " ")),
            )


def split_target(target: str) -> tuple[str, str]:
    """Return raw path and raw query of a request target, also when it is an absolute URL."""
    if not target.startswith("/"):
        scheme, mark, rest = target.partition("://")
        if mark and scheme.lower() in {"http", "https"}:
            slash = re.search(r"[/?]", rest)
            target = rest[slash.start() :] if slash else ""
    path, _, query = target.partition("?")
    return path or "/", query
