"""The folder in which a live world keeps everything: its format, its lock, a folder per actor.

=================  ==============================================================================
``format.json``    version of the layout, when it was made, id of the world
``lock``           locked by the process that uses the folder, and its number
``starts``         how many processes have started on it
``reserve``        room that is kept free (space.py)
``NAME/.../``      the files of the actor of that name (file_disk.py), a level per part
=================  ==============================================================================

A file that replaces another is synced, renamed, and its folder synced, so that a crash leaves the
old one or the new one. What does not belong here: keys (regions/root_key.py), and what files of
actors mean.
Source: flock(2); layout chosen.
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, Final, Self

from sim.flusher import sync_folder
from sim.host_names import given_name, host_name
from sim.space import RESERVE_BYTES, Space

FORMAT_VERSION: Final = 1
_FORMAT: Final = "format.json"
_LOCK: Final = "lock"
_STARTS: Final = "starts"
_RESERVE: Final = "reserve"
_NEW: Final = ".new"
#: What may lie in a folder whose making was interrupted.
_BEGUN: Final = frozenset({_LOCK, _FORMAT + _NEW, _RESERVE})


class DataFolderError(Exception):
    """The folder cannot be used; the text names it, says why, and what was expected."""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise DataFolderError(
            f"data folder {str(path)!r} cannot be used: {where}: {error.strerror}"
        ) from error


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a small file in one step: a crash leaves the old one or the new one.

    Raises:
      OSError: it cannot be written.
    """
    new = path.with_name(path.name + _NEW)
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        while data:
            data = data[os.write(fd, data) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    new.replace(path)
    sync_folder(path.parent)


class DataFolder:
    """A folder that this process alone uses, until ``close()``; made by ``open()``."""

    def __init__(self, path: Path, lock: int, world_id: str, space: Space | None) -> None:
        self.path: Final = path
        self.world_id: Final = world_id  #: 32 hex digits, drawn when the folder was made
        self._lock = lock
        self._space = space

    @classmethod
    def open(cls, path: Path, *, create: bool = True, reserve_bytes: int = RESERVE_BYTES) -> Self:
        """Lock a folder, and make it first if that is wished.

        Args:
          create: make it if it is not there, or empty.
          reserve_bytes: room that is kept free for what must go on when the drive is full.

        Raises:
          DataFolderError: it is in use, from a newer format, damaged, of something else, or the
            host refuses.
        """
        path = path.absolute()
        with _explained(path):
            fresh = _is_fresh(path)
            if fresh and not create:
                raise DataFolderError(
                    f"data folder {str(path)!r} holds no data; expected one of `nines serve`"
                )
            if not path.exists():
                path.mkdir(mode=0o700, parents=True)
                sync_folder(path.parent)
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _lock(path, lock)
                # As long as ever, so that a full drive has room for it.
                os.pwrite(lock, b"%-19d\n" % os.getpid(), 0)
                if fresh and _is_fresh(path):
                    _make(path)
                world_id = _world_id(path)
                space = Space(path / _RESERVE, reserve_bytes)
            except BaseException:
                os.close(lock)
                raise
        return cls(path, lock, world_id, space)

    @classmethod
    def look(cls, path: Path) -> Self:
        """Lock a folder in order to read it; nothing is written.

        Raises:
          DataFolderError: as ``open()``.
        """
        path = path.absolute()
        with _explained(path):
            if _is_fresh(path):
                raise DataFolderError(
                    f"data folder {str(path)!r} holds no data; expected one of `nines serve`"
                )
            lock = os.open(path / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _lock(path, lock)
                world_id = _world_id(path)
            except BaseException:
                os.close(lock)
                raise
        return cls(path, lock, world_id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others use the folder."""
        if self._space is not None:
            self._space.close()
        os.close(self._lock)

    @property
    def space(self) -> Space:
        """The reserve of the drive, for every disk in the folder."""
        assert self._space is not None, "a folder that is only looked at gives no room away"
        return self._space

    def next_start(self) -> int:
        """Count one more start of a process, durably; return its number, from 1.

        Raises:
          DataFolderError: the count is damaged, or the host refuses.
        """
        path = self.path / _STARTS
        with _explained(self.path):
            text = path.read_text(encoding="ascii", errors="replace") if path.exists() else "0\n"
            if not text.strip().isdecimal():
                raise DataFolderError(f"{path} is damaged; expected the number of starts so far")
            number = int(text) + 1
            try:
                write_durably(path, b"%d\n" % number)
            except OSError as error:
                if error.errno != errno.ENOSPC or not self.space.make_room():
                    raise
                write_durably(path, b"%d\n" % number)
        return number

    def disk_folder(self, actor: str) -> Path:
        """Return the folder of one actor's files, made durably if it is not there.

        Args:
          actor: its name; each part between slashes is a level.

        Raises:
          DataFolderError: the name cannot be that of a folder, or the host refuses.
        """
        path = self.path
        with _explained(self.path):
            for part in actor.split("/"):
                try:
                    path /= host_name(part)
                except ValueError as error:
                    raise DataFolderError(f"actor {actor!r}: {error}") from error
                if not path.is_dir():
                    path.mkdir(mode=0o700)
                    sync_folder(path.parent)
        return path

    def disks(self) -> list[tuple[str, Path]]:
        """Return (actor, folder) of all actors that have a folder, in order of their names."""
        found = []
        with _explained(self.path):
            for path in sorted(self.path.rglob("*")):
                parts = [given_name(part) for part in path.relative_to(self.path).parts]
                if path.is_dir() and None not in parts and _is_disk(path):
                    found.append(("/".join(part for part in parts if part), path))
        return found


def _is_disk(path: Path) -> bool:
    """Say whether a folder is an actor's own: it holds files, or nothing."""
    inside = list(path.iterdir())
    return not inside or any(each.is_file() for each in inside)


def _is_fresh(path: Path) -> bool:
    """Say whether a folder is not there or holds nothing yet.

    Raises:
      DataFolderError: it holds something else.
    """
    if not path.exists():
        return True
    if not path.is_dir():
        raise DataFolderError(f"data folder {str(path)!r} is no folder")
    names = sorted(each.name for each in path.iterdir())
    if _FORMAT in names:
        return False
    others = [name for name in names if name not in _BEGUN]
    if others:
        raise DataFolderError(
            f"data folder {str(path)!r} holds {others[0]!r} and no {_FORMAT}; expected an empty "
            f"folder, or one of `nines serve`"
        )
    return True


def _make(path: Path) -> None:
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    found = {"created": created, "version": FORMAT_VERSION, "world": token_hex(16)}
    write_durably(path / _FORMAT, json.dumps(found, indent=2).encode() + b"\n")


def _world_id(path: Path) -> str:
    """Check the format and return the id of the world."""
    where = path / _FORMAT
    try:
        found: Any = json.loads(where.read_bytes())
        version, world = int(found["version"]), str(found["world"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataFolderError(
            f"{where} is damaged; expected a JSON object with version and world"
        ) from error
    if version > FORMAT_VERSION:
        raise DataFolderError(
            f"data folder {str(path)!r} has format {version}; this program knows formats up to "
            f"{FORMAT_VERSION}: use the newer one that wrote it"
        )
    return world


def _lock(path: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
        by = f"process {holder}" if _is_alive(holder) else "another process"
        raise DataFolderError(f"data folder {str(path)!r} is in use by {by}") from error


def _is_alive(holder: str) -> bool:
    if not holder.isdecimal():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
