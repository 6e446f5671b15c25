"""The log files that the trails of a run delivered: kept beside the run, or made again from it.

Each bucket is a folder, and in it each object a file under its key, as gzip.
What does not belong here: the rest of a run folder (run_folder.py), and reading records (audit/).
"""

from pathlib import Path
from typing import Any

from regions.bucket import to_gzip
from scenarios.arena import Arena


class LogKeeper:
    """An observer that keeps what the trails of a run delivered, in memory."""

    def __init__(self) -> None:
        self._arena: Arena | None = None

    def attach(self, arena: Arena) -> None:
        """Have everything kept that is read from buckets after the last quiet stretch."""
        self._arena = arena
        arena.log_files = {}

    def files(self) -> dict[str, bytes]:
        """Return path -> gzip file, in order of their paths."""
        found = {} if self._arena is None else self._arena.log_files or {}
        return {
            f"{bucket}/{key}": to_gzip(body)
            for bucket, objects in sorted(found.items())
            for key, body in sorted(objects.items())
        }

    def write(self, _result: Any, folder: Path) -> None:
        """Write the files below a folder.

        Raises:
          OSError: one cannot be written.
        """
        for name, data in self.files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
