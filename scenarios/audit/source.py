"""Where log files come from: a folder or file.

What does not belong here: reading them (reader.py), buckets (bucket_source.py), and the files of
runs (scenarios/run_logs.py).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from scenarios.audit.reader import LogFile

SUFFIXES: Final = (".json", ".json.gz")
EXPECTED: Final = (
    "a folder of CloudTrail .json or .json.gz files, a kept run, or s3://BUCKET/PREFIX"
)


class SourceError(ValueError):
    """A source that cannot be read; one line that names it and what was expected."""


def files_below(folder: Path) -> list[LogFile]:
    """Return the files below a folder that look like log files, in the order of their paths.

    Their names are paths from the folder on. A single file is a source as well.

    Raises:
      SourceError: the folder or one in it cannot be read, or there is no such file.
    """
    if folder.is_file():
        return [LogFile(folder.name, folder.read_bytes)]
    if not folder.is_dir():
        raise SourceError(f"source {str(folder)!r} does not exist; expected {EXPECTED}")
    try:
        paths = [path for path in _walk(folder) if path.name.endswith(SUFFIXES)]
    except OSError as error:
        raise SourceError(
            f"folder {error.filename!r} cannot be read ({error.strerror}); expected {EXPECTED}"
        ) from error
    if not paths:
        raise SourceError(
            f"folder {str(folder)!r} holds no .json or .json.gz file; expected {EXPECTED}"
        )
    return [LogFile(path.relative_to(folder).as_posix(), path.read_bytes) for path in paths]


def _walk(folder: Path) -> Iterator[Path]:
    # Path.rglob would pass over folders that it may not read; nothing may be lost silently.
    inside: Iterable[Path] = sorted(folder.iterdir())
    for path in inside:
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
