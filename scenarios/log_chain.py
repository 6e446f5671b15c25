"""Whether log files are what a trail delivered, and all of it: its digests followed back in time.

The verdicts are those of ``aws cloudtrail validate-logs``, word for word where it has one. On top
of them come what it leaves out: hashes and signatures that two neighbours tell differently, digests
that are missing one behind the other or at the end, and log files that no digest vouches for.
What does not belong here: where objects are (log_objects.py), and how verdicts are shown.
Source: AWS CLI, ``cloudtrail validate-logs``; CloudTrail User Guide, "Custom implementations of
CloudTrail log file integrity validation".
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final, NamedTuple

from scenarios.evidence import seconds_of
from scenarios.log_objects import Chain, Objects, Place, Stored, chain_of, log_of, sibling
from scenarios.log_signature import NotAKey, read_public_key, signature_of

VALID: Final = "valid"
NOT_FOUND: Final = "INVALID: not found"
FORMAT: Final = "INVALID: invalid format"
MOVED: Final = "INVALID: has been moved from its original location"
SIGNATURE: Final = "INVALID: signature verification failed"
HASH: Final = "INVALID: hash value doesn't match"
#: What the AWS CLI does not look at, so these words are ours.
OTHER_HASH: Final = "INVALID: hash value isn't the one that the digest after it names"
OTHER_SIGNATURE: Final = "INVALID: signature isn't the one that the digest after it names"
UNSIGNED: Final = "unchecked: its signature was not copied with it"
NO_KEYS: Final = "unchecked: no public keys were given"

#: Seconds that one digest covers.
HOUR: Final = 3600
#: A digest is there so many seconds after its hour at the latest, in good times; chosen.
LATE: Final = 900
#: The stamp of a log file is the next multiple of so many seconds.
STAMP: Final = 300

_REQUIRED: Final = (
    *("digestPublicKeyFingerprint", "digestS3Bucket", "digestS3Object"),
    *("previousDigestSignature", "digestEndTime", "digestStartTime"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one file."""

    kind: str  #: ``digest`` or ``log``
    place: Place
    text: str

    @property
    def invalid(self) -> bool:
        """Whether the file is not what it was, or not there."""
        return self.text.startswith("INVALID")

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} file\t{self.place}\t{self.text}"


@dataclass(slots=True)
class Report:
    """What was found of one chain."""

    chain: Chain
    verdicts: list[Verdict] = field(default_factory=list)
    #: Seconds between which nothing was to be vouched for: neither digests nor log files.
    gaps: list[tuple[int, int]] = field(default_factory=list)
    #: Seconds between which nobody can tell what was to be vouched for.
    unknown: list[tuple[int, int]] = field(default_factory=list)
    covered: tuple[int, int] | None = None  #: from the first second to the last

    def count(self, kind: str, *, invalid: bool) -> int:
        """Return how many files of a kind are invalid, or are not."""
        return sum(v.kind == kind and v.invalid == invalid for v in self.verdicts)

    @property
    def valid(self) -> bool:
        """Whether nothing is invalid."""
        return not any(verdict.invalid for verdict in self.verdicts)


class _Promised(NamedTuple):
    """What a digest says of the one before it."""

    sha256: Any  #: hexadecimal, or what stands in its place
    signature: Any


@dataclass(frozen=True, slots=True)
class _Digest:
    """A digest that can be followed."""

    place: Place
    start: int  #: seconds since 1970
    end: int
    previous: Place | None
    promised: _Promised
    logs: tuple[tuple[Place, Any], ...]  #: (place, hexadecimal SHA-256)


class _Invalid(Exception):
    """A digest is not to be trusted; the text is its verdict."""


class _Index:
    """Where digests and log files lie."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.digests: dict[Chain, list[tuple[int, Place]]] = {}
        #: By account and region: (stamp, place).
        self.logs: dict[tuple[str, str], list[tuple[int, Place]]] = {}
        for place in places:
            digest = chain_of(place.key)
            if digest is not None:
                self.digests.setdefault(digest[0], []).append((digest[1], place))
            elif (log := log_of(place.key)) is not None:
                account, region, stamp = log
                self.logs.setdefault((account, region), []).append((stamp, place))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be validated, and by what."""

    objects: Objects
    keys: Mapping[str, bytes] | None = None  #: fingerprint -> PKCS #1 DER; None: not known
    since: int = 0  #: digests whose hours end from then on
    until: int | None = None  #: up to then digests must be there; None: nobody knows
    #: When a trail says that it has delivered its last digest of a region.
    latest: Mapping[Chain, int] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """What was found of all chains."""

    reports: list[Report]
    #: Log files within the time of digests of which none names them.
    unvouched: list[Place]

    @property
    def valid(self) -> bool:
        """Whether nothing is invalid."""
        return all(report.valid for report in self.reports)


def validate(question: Question) -> Answer:
    """Follow every chain of digests and judge what it names."""
    index = _Index(question.objects.places())
    reports, named = [], set[Place]()
    for chain in sorted(index.digests):
        logs = index.logs.get((chain.account, chain.region), [])
        walk = _Walk(question, chain, index.digests[chain], logs)
        walk.run()
        named |= walk.named
        reports.append(walk.report)
    return Answer(reports, sorted(_unvouched(index, reports, named)))


def _unvouched(index: _Index, reports: list[Report], named: set[Place]) -> Iterator[Place]:
    """Yield log files that lie well within what digests cover, and stand in none."""
    for report in reports:
        if report.covered is None or report.chain.backfill:
            continue
        begin, end = report.covered
        holes = report.gaps + report.unknown
        for stamp, place in index.logs.get((report.chain.account, report.chain.region), []):
            # What was delivered before its stamp plus an hour is in a digest by then.
            inside = begin + STAMP < stamp < end - HOUR
            if inside and place not in named and not any(a <= stamp < b + HOUR for a, b in holes):
                yield place


class _Walk:
    """One chain, from its newest digest back."""

    def __init__(
        self,
        question: Question,
        chain: Chain,
        digests: list[tuple[int, Place]],
        logs: list[tuple[int, Place]],
    ) -> None:
        self._question, self._chain, self._logs = question, chain, logs
        until = question.until
        #: Not yet looked at, the newest last; a digest may be stored an hour after its files.
        self._listed = sorted(
            (end, place)
            for end, place in digests
            if end >= question.since and (until is None or end <= until + HOUR)
        )
        self._followed: list[_Digest] = []  #: the newest first
        self._told: set[int] = set()  #: ends of the hours whose digests are invalid
        self.named: set[Place] = set()
        self.report = Report(chain)

    def run(self) -> None:
        """Judge all digests in range and what they name."""
        promised: _Promised | None = None
        at = self._next(None)
        oldest_start: int | None = None
        while at is not None and (oldest_start is None or self._question.since <= oldest_start):
            end, place = at
            digest = self._judge(place, promised)
            promised = None
            if digest is None:
                self._told.add(end)
                at = self._next(end)
                continue
            self._followed.append(digest)
            oldest_start = digest.start
            if digest.previous is None:
                at = self._next(digest.end)
            else:
                found = chain_of(digest.previous.key)
                before = found[1] if found else digest.start
                if before >= digest.end:
                    self._say("digest", digest.previous, FORMAT)
                    at = self._next(digest.end)
                else:
                    at, promised = (before, digest.previous), digest.promised
        if not self._chain.backfill:
            self._look_between()
            self._look_behind()
        if self._followed:
            self.report.covered = (self._followed[-1].start, self._followed[0].end)

    def _next(self, before: int | None) -> tuple[int, Place] | None:
        """Return the newest listed digest, if need be of an hour that ends before another's."""
        while self._listed:
            end, place = self._listed.pop()
            if before is None or end < before:
                return end, place
        return None

    def _say(self, kind: str, place: Place, text: str) -> None:
        self.report.verdicts.append(Verdict(kind, place, text))

    # One digest.

    def _judge(self, place: Place, promised: _Promised | None) -> _Digest | None:
        """Say what a digest is worth, and its log files; return it if it may be followed."""
        stored = self._question.objects.get(place)
        if stored is None:
            self._say("digest", place, NOT_FOUND)
            return None
        try:
            digest, text = self._examine(place, stored, promised)
        except _Invalid as invalid:
            self._say("digest", place, str(invalid))
            return None
        self._say("digest", place, text)
        for log, expected in digest.logs:
            self.named.add(log)
            self._say("log", log, _judge_log(self._question.objects.get(log), expected))
        return digest

    def _examine(
        self, place: Place, stored: Stored, promised: _Promised | None
    ) -> tuple[_Digest, str]:
        said = _read(stored)
        signature = signature_of(stored.metadata) if stored.metadata is not None else None
        if stored.metadata is not None and signature is None:
            raise _Invalid(SIGNATURE)
        digest = _parse(place, said)
        if (said["digestS3Bucket"], said["digestS3Object"]) != place:
            raise _Invalid(MOVED)
        if stored.metadata is None and promised is not None:
            # The digest after this one has kept its signature.
            signature = signature_of({"signature": promised.signature, "signature-algorithm": ""})
        text = self._authenticate(said, stored.content, signature)
        if promised is not None:
            if sha256(stored.content).hexdigest() != promised.sha256:
                raise _Invalid(OTHER_HASH)
            if signature is not None and signature.hex() != promised.signature:
                raise _Invalid(OTHER_SIGNATURE)
        return digest, text

    def _authenticate(self, said: dict[str, Any], content: bytes, signature: bytes | None) -> str:
        """Return ``valid``, or why a signature cannot be looked at."""
        keys, name = self._question.keys, said["digestPublicKeyFingerprint"]
        if keys is None:
            return NO_KEYS
        der = keys.get(name) if isinstance(name, str) else None
        if der is None:
            raise _Invalid(
                f"INVALID: public key not found in region {self._chain.home} for fingerprint {name}"
            )
        try:
            key = read_public_key(der)
        except NotAKey:
            raise _Invalid(f"INVALID: Unable to load PKCS #1 key with fingerprint {name}") from None
        if signature is None:
            return UNSIGNED
        if not key.verifies(_signed_text(said, content), signature):
            raise _Invalid(SIGNATURE)
        return VALID

    # What is not there.

    def _look_between(self) -> None:
        """Name the hours between two followed digests, unless nothing was to be there."""
        for newer, older in pairwise(self._followed):
            if older.end >= newer.start:
                continue
            if newer.previous is None:
                self.report.gaps.append((older.end, newer.start))
            elif (newer.start - older.end) % HOUR == 0:
                self._miss(newer.place, range(newer.start, older.end, -HOUR))
            else:
                # A chain began or ended in between, and what would say so is not to be trusted.
                self.report.unknown.append((older.end, newer.start))

    def _look_behind(self) -> None:
        """Name the digests that must be there after the newest one."""
        if not self._followed:
            return
        newest = self._followed[0]
        seen = self._question.latest.get(self._chain, 0)
        if self._question.until is not None:
            seen = max(seen, self._question.until)
        for stamp, place in self._logs:
            limit = self._question.until
            if place not in self.named and (limit is None or stamp <= limit):
                seen = max(seen, stamp - STAMP - LATE)
        self._miss(newest.place, range(newest.end + HOUR, seen + 1, HOUR))

    def _miss(self, place: Place, ends: Iterable[int]) -> None:
        for end in ends:
            if end not in self._told:
                self._say("digest", Place(place.bucket, sibling(place.key, end)), NOT_FOUND)


def _read(stored: Stored) -> dict[str, Any]:
    """Return what a digest says, as it stands."""
    if stored.flaw or stored.cut:
        raise _Invalid(f"INVALID: {stored.flaw}" if stored.flaw else FORMAT)
    try:
        said = json.loads(stored.content.decode())
    except (ValueError, RecursionError):
        raise _Invalid(FORMAT) from None
    if not isinstance(said, dict):
        raise _Invalid(FORMAT)
    return said


def _parse(place: Place, said: dict[str, Any]) -> _Digest:
    """Return what a digest says, as far as it is followed."""
    if any(member not in said for member in _REQUIRED):
        raise _Invalid(FORMAT)
    bucket, key = said.get("previousDigestS3Bucket"), said.get("previousDigestS3Object")
    try:
        return _Digest(
            place=place,
            start=seconds_of(said["digestStartTime"]),
            end=seconds_of(said["digestEndTime"]),
            previous=None if bucket is None or key is None else _place(bucket, key),
            promised=_Promised(
                said.get("previousDigestHashValue"), said["previousDigestSignature"]
            ),
            logs=tuple(
                (_place(each["s3Bucket"], each["s3Object"]), each["hashValue"])
                for each in said["logFiles"]
            ),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        raise _Invalid(FORMAT) from None


def _place(bucket: Any, key: Any) -> Place:
    if not isinstance(bucket, str) or not isinstance(key, str):
        raise TypeError("a bucket or a key that is no text")
    return Place(bucket, key)


def _signed_text(said: dict[str, Any], content: bytes) -> bytes:
    before = said["previousDigestSignature"]
    parts = (
        said["digestEndTime"],
        f"{said['digestS3Bucket']}/{said['digestS3Object']}",
        sha256(content).hexdigest(),
        "null" if before is None else before,
    )
    return "\n".join(str(part) for part in parts).encode(errors="surrogatepass")


def _judge_log(stored: Stored | None, expected: Any) -> str:
    if stored is None:
        return NOT_FOUND
    if stored.flaw:
        return f"INVALID: {stored.flaw}"
    if sha256(stored.content).hexdigest() != expected:
        return HASH
    return FORMAT if stored.cut else VALID
