"""Reads a folder of CloudTrail log files into what is needed to issue their KMS calls again.

Decoding is pure; only read_folder touches the file system. Nothing here draws or reads a clock.
What does not belong here: issuing the calls (replay.py), or the shape of records that we write
(regions/trail/record.py).
Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail log file examples";
KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail".
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scenarios.workloads import replay_events
from scenarios.workloads.replay_events import Origin
from scenarios.workloads.replay_values import (
    Replay,
    ReplayActivity,
    ReplayCall,
    ReplayError,
    ReplayKey,
)

__all__ = ["Replay", "ReplayActivity", "ReplayCall", "ReplayError", "ReplayKey", "read_folder"]

_SUFFIXES: Final = (".json", ".json.gz")

#: Folders of a trail's bucket whose files hold no records of calls.
_DIGEST_FOLDER: Final = "CloudTrail-Digest"


@dataclass(frozen=True, slots=True)
class LogFile:
    """The records of one file, with the name that errors use."""

    name: str
    records: tuple[dict[str, Any], ...]


def read_folder(folder: Path) -> Replay:
    """Read every ``.json`` and ``.json.gz`` file below a folder, in the order of their paths.

    Other files are left alone, and so are digest files, which hold no records.

    Raises:
      ReplayError: the folder or a file cannot be read, or a file is no CloudTrail log file. The
        message is one line that names the file, the record if it is one record's fault, and what
        was expected.
    """
    files = list(_read_files(folder))
    if not files:
        raise ReplayError(
            f"folder {str(folder)!r} holds no .json or .json.gz file;"
            " expected CloudTrail log files"
        )
    replay = replay_events.build(
        source=str(folder),
        files=len(files),
        records=(
            (Origin(file=file.name, index=index), record)
            for file in files
            for index, record in enumerate(file.records)
        ),
    )
    if not (replay.calls or replay.activity):
        raise ReplayError(
            f"folder {str(folder)!r} holds {replay.records} records, none of them an event that can"
            " be replayed; expected CloudTrail log files with KMS calls"
        )
    return replay


def _read_files(folder: Path) -> Iterator[LogFile]:
    for path in _log_paths(folder):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ReplayError(
                f"file {str(path)!r} cannot be read ({error.strerror});"
                " expected a CloudTrail log file"
            ) from error
        yield LogFile(str(path), decode_file(str(path), data))


def _log_paths(folder: Path) -> list[Path]:
    if not folder.exists():
        raise ReplayError(
            f"folder {str(folder)!r} does not exist; expected a folder of CloudTrail log files"
        )
    if not folder.is_dir():
        raise ReplayError(
            f"{str(folder)!r} is not a folder; expected a folder of CloudTrail log files"
        )
    try:
        paths = [path for path in _walk(folder) if path.name.endswith(_SUFFIXES)]
    except OSError as error:
        raise ReplayError(
            f"folder {error.filename!r} cannot be read ({error.strerror});"
            " expected a folder of CloudTrail log files"
        ) from error
    return [path for path in paths if _DIGEST_FOLDER not in path.relative_to(folder).parts]


def _walk(folder: Path) -> Iterable[Path]:
    # Path.rglob would pass over folders that it may not read; a replay must not lose them silently.
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def decode_file(name: str, data: bytes) -> tuple[dict[str, Any], ...]:
    """Return the records of one log file, given its name and its bytes.

    Raises:
      ReplayError: the bytes are not gzip though the name says so, not JSON, or not an object with
        a list called Records that holds objects with an eventTime.
    """
    if name.endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ReplayError(
                f"file {name!r} is not gzip ({error}); expected a gzip-compressed log file"
            ) from error
    try:
        document = json.loads(data)
        if b"\\ud" in data or b"\\uD" in data:
            # Half a surrogate pair is JSON but no text: no frame and no file can hold it.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ReplayError(
            f"file {name!r} is not JSON ({error});"
            " expected an object with a list called Records"
        ) from error
    records = document.get("Records") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise ReplayError(
            f"file {name!r} has no list called Records;"
            ' expected a CloudTrail log file, {"Records": [...]}'
        )
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ReplayError(
                f"file {name!r}, record {index}: found {type(record).__name__};"
                " expected an object with an eventTime"
            )
    return tuple(records)
