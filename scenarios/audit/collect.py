"""Goes once through the files of a source and lets everybody who asks see every record.

What does not belong here: what is asked (uses.py, watch.py), and what the files are (source.py).
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from scenarios.audit.event import Event
from scenarios.audit.reader import LogFile, Progress, Reader, Tally, is_digest

_MOMENT: Final = re.compile(rb'"eventTime"\s*:\s*"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')


class Seer(Protocol):
    """Somebody who wants to see records."""

    def see(self, event: Event) -> None:
        """Take in one record."""


def collect(
    files: Iterable[LogFile], seers: Sequence[Seer], progress: Progress | None = None
) -> Tally:
    """Show every record of some files to everybody, once, and return what was read."""
    reader = Reader(progress)
    for event in reader.events(files):
        for seer in seers:
            seer.see(event)
    return reader.tally


def span_of(files: Iterable[LogFile]) -> tuple[str, str]:
    """Return the least and the greatest eventTime in some files, without reading all of them.

    What cannot be read counts for nothing here; reading it will say so. Both are "" when there is
    no record.
    """
    first = last = ""
    for file in files:
        if is_digest(file.name):
            continue
        try:
            data = file.read()
            found = _MOMENT.findall(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        except (OSError, EOFError, zlib.error):
            continue
        if found:
            least, greatest = min(found).decode(), max(found).decode()
            first, last = min(first or least, least), max(last, greatest)
    return first, last
