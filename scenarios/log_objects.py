"""Objects of a trail's bucket as whoever validates finds them, wherever they lie.

What does not belong here: what is said of them (log_chain.py), or where they come from
(log_folder.py and others).
Source: CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest file
structure" (key layouts).
"""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

#: zlib's window, as gzip wraps it.
_GZIP: Final = zlib.MAX_WBITS | 16

_PLACE: Final = (
    r"(?:(?P<prefix>.*)/)?AWSLogs/(?:(?P<organization>o-[a-z0-9]+)/)?(?P<account>\d{12})"
)
_DATE: Final = r"\d{4}/\d{2}/\d{2}"
_DIGEST: Final = re.compile(
    rf"{_PLACE}/CloudTrail-Digest/(?P<region>[a-z0-9-]+)/{_DATE}/"
    r"(?P=account)_CloudTrail-Digest_(?P=region)_(?P<trail>.+)_(?P<home>[a-z0-9-]+)"
    r"_(?P<end>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json\.gz"
)
_LOG: Final = re.compile(
    rf"{_PLACE}/CloudTrail/(?P<region>[a-z0-9-]+)/{_DATE}/"
    r"(?P=account)_CloudTrail_(?P=region)_(?P<stamp>\d{8}T\d{4}Z)_[A-Za-z0-9]+\.json\.gz"
)


class Place(NamedTuple):
    """Where an object lies."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Chain(NamedTuple):
    """Whose digests follow each other: those of one trail and one region."""

    account: str
    trail: str
    home: str  #: the trail's home region
    region: str  #: whose log files they name
    backfill: bool = False  #: of log files that came too late for their own digest

    def __str__(self) -> str:
        late = ", backfill" if self.backfill else ""
        return f"trail {self.trail} of {self.account} (home {self.home}), {self.region}{late}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    content: bytes  #: uncompressed; as much as there is
    flaw: str = ""  #: what is wrong with the compressed stream, as verdicts say it
    cut: bool = False  #: the compressed stream ends too early
    metadata: Mapping[str, str] | None = None  #: user metadata; None: it was not copied along


class Objects(Protocol):
    """All that can be seen of the buckets of some trails."""

    def places(self) -> Iterable[Place]:
        """Return where objects lie."""

    def get(self, place: Place) -> Stored | None:
        """Return one object; None if it is not there."""

    def delivered_s(self, place: Place) -> int | None:
        """Return when an object was stored, in seconds since 1970; None if nobody can tell."""


def inflate(data: bytes, metadata: Mapping[str, str] | None = None) -> Stored:
    """Return what an object holds that was stored compressed."""
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(data) + stream.flush()
    except zlib.error:
        return Stored(b"", "invalid format", metadata=metadata)
    if stream.unused_data:
        flaw = "unexpected data after end of compressed stream"
        return Stored(content, flaw, metadata=metadata)
    return Stored(content, cut=not stream.eof, metadata=metadata)


def chain_of(key: str) -> tuple[Chain, int] | None:
    """Return whose digest lies under a key, and the second at which its hour ends."""
    found = _DIGEST.fullmatch(key)
    if found is None:
        return None
    end = _seconds(found["end"], "%Y%m%dT%H%M%SZ")
    if end is None:
        return None
    names = found["account"], found["trail"], found["home"], found["region"]
    return Chain(*names, backfill=bool(found["backfill"])), end


def log_of(key: str) -> tuple[str, str, int] | None:
    """Return account and region of the log file under a key, and the second of its stamp."""
    found = _LOG.fullmatch(key)
    if found is None:
        return None
    stamp = _seconds(found["stamp"], "%Y%m%dT%H%MZ")
    return None if stamp is None else (found["account"], found["region"], stamp)


def _seconds(text: str, form: str) -> int | None:
    try:
        return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def sibling(key: str, end: int) -> str:
    """Return the key of the digest that belongs to another hour of the same chain.

    Args:
      key: of a digest.
      end: the second at which that hour ends.
    """
    folder, _, name = key.rpartition("/")
    folder = folder.rsplit("/", 3)[0]
    moment = datetime.fromtimestamp(end, UTC)
    name = re.sub(r"_\d{8}T\d{6}Z(?=(_backfill)?\.json\.gz$)", f"_{moment:%Y%m%dT%H%M%SZ}", name)
    return f"{folder}/{moment:%Y/%m/%d}/{name}"
