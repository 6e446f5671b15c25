"""Reads the records of CloudTrail log files: each once, whatever comes twice or is broken.

Delivery is at least once, so a record may come again with the same eventID: it is counted and left
out, and named if it comes with another content. A file or record that cannot be read is named and
counted, and reading goes on: nothing is lost silently.
What does not belong here: where files come from (source.py), and what a record means (event.py).
Source: CloudTrail User Guide, "CloudTrail log file examples": gzip, {"Records": [...]}.
"""

import gzip
import json
import marshal
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from scenarios.audit.event import Event, NotARecord, event_of

#: Called with how many files are done, and how many there are.
Progress = Callable[[int, int], None]

_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that is still to be read."""

    name: str  #: as messages name it
    read: Callable[[], bytes]  #: raises OSError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read."""

    file: str
    what: str


@dataclass(slots=True)
class Tally:
    """What came of reading."""

    files: int = 0  #: log files, broken ones included
    records: int = 0  #: distinct ones
    repeated: int = 0  #: records that came again
    first: str = ""  #: least eventTime
    last: str = ""  #: greatest eventTime
    digests: int = 0  #: files that are digests, left out
    problems: list[Problem] = field(default_factory=list)


class NotALogFile(ValueError):
    """Bytes that are no log file; the text says why, in a few words."""


def records_of(data: bytes) -> list[Any]:
    """Return what the list called Records holds.

    Raises:
      NotALogFile: the bytes are not gzip where they begin so, not JSON, or have no such list.
    """
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise NotALogFile(f"not whole gzip ({error})") from error
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotALogFile(f"not JSON ({error})") from error
    found = document.get("Records") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise NotALogFile("no list called Records")
    return found


def is_digest(name: str) -> bool:
    """Return whether a file of a trail's bucket is a digest, or no log file of calls."""
    return "/CloudTrail-Digest/" in f"/{name}" or "_CloudTrail-Digest_" in name


class Reader:
    """Goes through files and yields every record once.

    Args:
      progress: called after each file.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.tally = Tally()
        self._progress = progress or (lambda _done, _total: None)
        self._seen: dict[str, int] = {}

    def events(self, files: Iterable[LogFile]) -> Iterator[Event]:
        """Yield the records in the order of the files; see ``tally`` for what was left out."""
        listed = list(files)
        for done, file in enumerate(listed, start=1):
            if is_digest(file.name):
                self.tally.digests += 1
            else:
                yield from self._file(file)
            self._progress(done, len(listed))

    def _file(self, file: LogFile) -> Iterator[Event]:
        tally = self.tally
        tally.files += 1
        try:
            records = records_of(file.read())
        except OSError as error:
            tally.problems.append(Problem(file.name, f"cannot be read ({error.strerror})"))
            return
        except NotALogFile as error:
            tally.problems.append(Problem(file.name, str(error)))
            return
        for place, record in enumerate(records):
            try:
                event = event_of(record)
            except NotARecord as error:
                tally.problems.append(Problem(file.name, f"record {place}: {error}"))
                continue
            if event.id and self._again(file, event):
                continue
            tally.records += 1
            tally.first = min(tally.first or event.time, event.time)
            tally.last = max(tally.last, event.time)
            yield event

    def _again(self, file: LogFile, event: Event) -> bool:
        # Version 2 writes equal objects as equal bytes; later ones depend on shared references.
        content = zlib.crc32(marshal.dumps(dict(event.record), 2))
        before = self._seen.get(event.id)
        if before is None:
            self._seen[event.id] = content
            return False
        self.tally.repeated += 1
        if before != content:
            self.tally.problems.append(
                Problem(file.name, f"event {event.id} came before with another content")
            )
        return True
