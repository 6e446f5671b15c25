"""Digests among log files: whether they and the files they name are as they were delivered.

Files of a folder have no bucket; the digests say which one they were delivered to, and where. A
digest's signature is in its object's metadata, which lies beside a copy as ``NAME.head.json``.
What does not belong here: following a chain (scenarios/log_chain.py).
Source: CloudTrail User Guide, "CloudTrail digest file structure".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.audit.event import moment_of
from scenarios.audit.reader import LogFile, is_digest
from scenarios.log_chain import Question, Report, validate
from scenarios.log_objects import Place, Stored, inflate
from scenarios.log_places import claim, placed
from scenarios.log_signature import NotKeys, read_key_list


class KeysError(ValueError):
    """A file that is no list of public keys; one line."""


class FileObjects:
    """Log files and digests as objects of the buckets that they were delivered to."""

    def __init__(self, files: Iterable[LogFile]) -> None:
        listed = {file.name: file for file in files}
        said = {name: _claim(file) for name, file in listed.items() if is_digest(name)}
        places = placed(listed, {name: own for name, own in said.items() if own})
        self._files = {place: listed[name] for place, name in places.items()}

    def places(self) -> Iterator[Place]:
        """Yield where objects lie."""
        yield from self._files

    def get(self, place: Place) -> Stored | None:
        """Return one object; None if it is not there, or cannot be read."""
        file = self._files.get(place)
        if file is None:
            return None
        try:
            return inflate(file.read(), file.metadata())
        except OSError:
            return None

    def delivered_s(self, _place: Place) -> int | None:
        """Return None: a copy does not tell when its object was stored."""
        return None


def _claim(file: LogFile) -> Place | None:
    try:
        return claim(inflate(file.read()))
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Validation:
    """What was found of all digests."""

    lines: tuple[str, ...]  #: for people, the worst first
    invalid: int  #: files that are not what they were, or not there
    gaps: tuple[tuple[str, str, str], ...]  #: chain, from, to: no digest was to be there


def validated(files: Iterable[LogFile], keys: Mapping[str, bytes] | None) -> Validation:
    """Follow all digests among some files and say what they are worth.

    Args:
      keys: fingerprint -> public key; without them no signature can be looked at.
    """
    answer = validate(Question(objects=FileObjects(files), keys=keys))
    lines = [
        str(verdict)
        for report in answer.reports
        for verdict in report.verdicts
        if verdict.invalid
    ]
    invalid = len(lines)
    lines += [f"no digest names {place}" for place in answer.unvouched]
    lines += [line for report in answer.reports for line in _summary(report)]
    gaps = [
        (str(report.chain), moment_of(begin), moment_of(end))
        for report in answer.reports
        for begin, end in (*report.gaps, *report.unknown)
    ]
    if not answer.reports:
        lines.append("There are no digests, so nothing but this manifest vouches for the files.")
    elif keys is None:
        lines.append("No public keys were given, so no signature was looked at; see --public-keys.")
    return Validation(tuple(line.replace("\t", "  ") for line in lines), invalid, tuple(gaps))


def _summary(report: Report) -> Iterator[str]:
    for kind in ("digest", "log"):
        good, bad = (report.count(kind, invalid=flag) for flag in (False, True))
        yield f"{report.chain}: {good} of {good + bad} {kind} files are not invalid"


def public_keys(path: Path) -> dict[str, bytes]:
    """Return the public keys of a file.

    Raises:
      KeysError: it cannot be read, or is no list of keys.
    """
    try:
        return read_key_list(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeysError(
            f"file {str(path)!r} cannot be read ({error.strerror}); expected what"
            " `aws cloudtrail list-public-keys` prints"
        ) from error
    except (NotKeys, UnicodeDecodeError) as error:
        raise KeysError(
            f"file {str(path)!r} holds no public keys; expected what"
            " `aws cloudtrail list-public-keys` prints"
        ) from error
