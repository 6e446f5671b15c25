"""Where log files come from: a folder or file.

What does not belong here: reading them (reader.py), buckets (bucket_source.py), and the files of
runs (scenarios/run_logs.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from scenarios.audit.reader import LogFile

SUFFIXES: Final = (".json", ".json.gz")
#: What is appended to the name of a copy for the file with its object's user metadata, in the
#: form in which `aws s3api head-object` prints it.
HEAD: Final = ".head.json"
EXPECTED: Final = (
    "a folder of CloudTrail .json or .json.gz files, a kept run, or s3://BUCKET/PREFIX"
)


class SourceError(ValueError):
    """A source that cannot be read; one line that names it and what was expected."""


def is_log(name: str) -> bool:
    """Return whether a file may be a log file or a digest, by its name."""
    return name.endswith(SUFFIXES) and not name.endswith(HEAD)


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
        paths = [path for path in _walk(folder) if is_log(path.name)]
    except OSError as error:
        raise SourceError(
            f"folder {error.filename!r} cannot be read ({error.strerror}); expected {EXPECTED}"
        ) from error
    if not paths:
        raise SourceError(
            f"folder {str(folder)!r} holds no .json or .json.gz file; expected {EXPECTED}"
        )
    return [
        LogFile(path.relative_to(folder).as_posix(), path.read_bytes, partial(_metadata, path))
        for path in paths
    ]


def _metadata(path: Path) -> dict[str, str] | None:
    """Return what lies beside the copy of an object; None when nothing does."""
    beside = path.with_name(path.name + HEAD)
    if not beside.is_file():
        return None
    try:
        found = json.loads(beside.read_bytes())["Metadata"]
        return {str(name).lower(): str(value) for name, value in found.items()}
    except (AttributeError, LookupError, TypeError, ValueError):
        return {}  # It holds no signature, so the digest will not verify.


def head_of(metadata: Mapping[str, str]) -> str:
    """Return the text of the file beside a copy."""
    return json.dumps({"Metadata": dict(metadata)}, sort_keys=True) + "\n"


def _walk(folder: Path) -> Iterator[Path]:
    # Path.rglob would pass over folders that it may not read; nothing may be lost silently.
    inside: Iterable[Path] = sorted(folder.iterdir())
    for path in inside:
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
