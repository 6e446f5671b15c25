"""Any flipped byte, deletion or move among digests and the files that they name is reported."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regions.trail.digest import Digest, Link, LogFile, digest_body, digest_key, metadata
from regions.trail.digest import string_to_sign as to_sign
from regions.trail.digest_keys import Safe, make_secret
from scenarios.log_chain import MOVED, NOT_FOUND, OTHER_HASH, Question, validate
from scenarios.log_folder import FolderError, FolderObjects
from scenarios.log_objects import Place, Stored, chain_of
from sim.units import hours

BEGIN_NS = 1_767_225_600 * 10**9
HOURS = 5
LOGS = [
    f"AWSLogs/{'1' * 12}/CloudTrail/us-east-1/2026/01/01/{'1' * 12}_CloudTrail_us-east-1_"
    f"20260101T0{n}05Z_ABCDEFGHIJKLMNOP.json.gz"
    for n in range(HOURS)
]


class Memory(dict[Place, Stored]):
    def places(self) -> list[Place]:
        return sorted(self)

    def delivered_s(self, place: Place) -> None:
        del place


@cache
def chain() -> tuple[Memory, dict[str, bytes], list[Place]]:
    safe, objects, digests = Safe("us-east-1", bytes(32)), Memory(), []
    key = safe.seal(make_secret(b"v" * 48), BEGIN_NS, bytes(12))
    link = None
    for hour, log in enumerate(LOGS):
        content = b'{"Records":[%d]}' % hour
        objects[Place("logs", log)] = Stored(content, metadata={})
        start_ns, end_ns = BEGIN_NS + hours(hour), BEGIN_NS + hours(hour + 1)
        digest = Digest(
            account="1" * 12,
            bucket="logs",
            key=digest_key(prefix="", account="1" * 12, region="us-east-1", trail="audit", home="us-east-1", end_ns=end_ns),
            start_ns=start_ns,
            end_ns=end_ns,
            fingerprint=key.fingerprint,
            previous=link,
            files=(LogFile(bucket="logs", key=log, sha256=sha256(content).digest(), oldest_ns=start_ns, newest_ns=start_ns, delivered_ns=start_ns),),
        )  # fmt: skip
        body = digest_body(digest)
        signature = safe.sign(key, to_sign(digest, body))
        link = Link(
            bucket="logs", key=digest.key, sha256=sha256(body).digest(), signature=signature
        )
        digests.append(Place("logs", digest.key))
        objects[digests[-1]] = Stored(body, metadata=metadata(signature))
    return objects, {key.fingerprint: key.public}, digests


def invalid(objects: Memory, latest: int = 0) -> list[tuple[Place, str]]:
    _, keys, _ = chain()
    answer = validate(Question(objects=objects, keys=keys, until=latest or None))
    return [(v.place, v.text) for r in answer.reports for v in r.verdicts if v.invalid]


def test_a_whole_chain_has_nothing_invalid() -> None:
    assert invalid(Memory(chain()[0])) == []


@settings(max_examples=60, deadline=None)
@given(which=st.integers(0, 2 * HOURS - 1), at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_any_flipped_bit_is_reported(which: int, at: int, bit: int) -> None:
    """CT-13: of a digest or of a log file."""
    objects = Memory(chain()[0])
    place = objects.places()[which]
    content = bytearray(objects[place].content)
    content[at % len(content)] ^= 1 << bit
    objects[place] = Stored(bytes(content), metadata=objects[place].metadata)
    assert place in dict(invalid(objects))


@settings(max_examples=30, deadline=None)
@given(gone=st.sets(st.integers(0, HOURS - 1), min_size=1, max_size=HOURS - 1))
def test_every_missing_digest_is_reported(gone: set[int]) -> None:
    """CT-13: two in a row and the newest too, if it is said up to when there must be some."""
    objects, _, digests = chain()
    left = Memory({k: v for k, v in objects.items() if k not in {digests[n] for n in gone}})
    end = BEGIN_NS // 10**9 + HOURS * 3600
    first = min(n for n in range(HOURS) if n not in gone)
    # What was before the first one that is left, that one tells: its neighbour alone.
    expected = {digests[n] for n in gone if n >= first - 1}
    assert {place for place, text in invalid(left, end) if text == NOT_FOUND} == expected


@st.composite
def places(draw: st.DrawFn) -> Place:
    """A digest's, or where none belongs: for another trail, home, Region or time, or for none."""
    key = digest_key(
        prefix=draw(st.sampled_from(["", "p"])),
        account=draw(st.sampled_from(["1" * 12, "2" * 12])),
        region=draw(st.sampled_from(["us-east-1", "eu-west-1"])),
        trail=draw(st.sampled_from(["audit", "other", "a_b"])),
        home=draw(st.sampled_from(["us-east-1", "eu-west-1"])),
        end_ns=BEGIN_NS + hours(draw(st.integers(-4, 2 * HOURS + 6))) // 2,
    )
    keys = st.just(key) | st.text("abc/_.", min_size=1, max_size=9)
    other = st.builds(Place, st.sampled_from(["logs", "safe"]), keys)
    return draw(st.sampled_from(chain()[2]) | other)


@settings(max_examples=80, deadline=None)
@given(which=st.integers(0, HOURS - 1), where=places(), signed=st.booleans())
def test_a_digest_that_was_moved_is_always_reported(
    which: int, where: Place, *, signed: bool
) -> None:
    """CT-13: at its new place if a digest is looked for there, and else as missing at its own."""
    whole, _, digests = chain()
    own, until = digests[which], BEGIN_NS // 10**9 + HOURS * 3600
    assume(where != own)
    objects = Memory(whole)
    content, kept = objects.pop(own).content, whole[own].metadata
    objects[where] = Stored(content, metadata=kept if signed else None)
    named, home = chain_of(where.key), chain_of(own.key)
    assert home is not None
    foreign = named is not None and named[0] != home[0] and named[1] <= until + 3600
    expected = (where, MOVED) if where in digests or foreign else (own, NOT_FOUND)
    assert expected in invalid(objects, until)


def test_a_digest_that_the_next_one_does_not_mean_is_reported() -> None:
    objects = Memory(chain()[0])
    place = chain()[2][1]
    answer = validate(
        Question(
            objects=Memory(
                objects | {place: Stored(objects[place].content + b" ", metadata=objects[place].metadata)}
            )
        )
    )  # fmt: skip
    found = [v.text for r in answer.reports for v in r.verdicts if v.place == place]
    assert found == [OTHER_HASH]


def test_a_folder_without_digests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="holds no digest files"):
        FolderObjects(tmp_path)
    with pytest.raises(FolderError, match="does not exist"):
        FolderObjects(tmp_path / "gone")
