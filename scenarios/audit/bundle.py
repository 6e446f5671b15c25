"""An evidence bundle: log files and digests as they were found, what they say, and their hashes.

=================  ================================================================================
file               what it holds
=================  ================================================================================
``files/``         every file of the source, byte for byte, under the name it had there; the user
                   metadata of a digest, which has its signature, as ``NAME.head.json``
``summary.md``     for people: what is there, what is missing, who used which key, what is unusual
``summary.html``   the same
``report.json``    for programs: the report of ``nines audit --json``, gaps, and verdicts on digests
``public-keys``    what signatures were verified with, if anything
``manifest.json``  length and SHA-256 of every other file
=================  ================================================================================

The SHA-256 of ``manifest.json`` is printed: kept elsewhere, it seals all. Nothing in a bundle
depends on when it was made, so the same source gives the same bundle.
What does not belong here: what the summary says (bundle_page.py), and validating digests.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from scenarios.audit.reader import LogFile, is_digest
from scenarios.audit.source import HEAD, SourceError, files_below, head_of
from scenarios.version import VERSION

FILES: Final = "files"
PUBLIC_KEYS: Final = "public-keys"
MANIFEST: Final = "manifest.json"
#: Of the manifest's form.
_VERSION: Final = 1


class BundleError(ValueError):
    """A folder that cannot take a bundle, or holds none; one line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a bundle."""

    path: str  #: from the bundle on, with slashes
    size: int  #: bytes
    sha256: str  #: hexadecimal


class BundleWriter:
    """Writes a bundle into an empty folder.

    Raises:
      BundleError: the folder is not empty, or cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: dict[str, Entry] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            occupied = any(folder.iterdir())
        except OSError as error:
            raise BundleError(
                f"folder {str(folder)!r} cannot be used ({error.strerror}); expected one to write"
                " a bundle to"
            ) from error
        if occupied:
            raise BundleError(f"folder {str(folder)!r} is not empty; expected an empty one")

    def copying(self, file: LogFile) -> LogFile:
        """Return the same file, which is copied into the bundle whenever it is read."""

        def read() -> bytes:
            data = file.read()
            self.add(f"{FILES}/{file.name}", data)
            if is_digest(file.name) and (found := file.metadata()) is not None:
                self.add(f"{FILES}/{file.name}{HEAD}", head_of(found).encode())
            return data

        return LogFile(file.name, read, file.metadata)

    def add(self, name: str, data: bytes) -> None:
        """Write a file, and remember its hash.

        Raises:
          BundleError: it cannot be written, or its name leads out of the bundle.
        """
        if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
            raise BundleError(f"file {name!r} would lie outside of the bundle; expected no '..'")
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise BundleError(
                f"file {str(path)!r} cannot be written ({error.strerror}); expected a folder to"
                " write a bundle to"
            ) from error
        self.entries[name] = Entry(name, len(data), hashlib.sha256(data).hexdigest())

    def seal(self, about: Mapping[str, Any]) -> str:
        """Write the manifest and return its SHA-256, hexadecimal."""
        files = [
            {"path": one.path, "size": one.size, "sha256": one.sha256}
            for one in sorted(self.entries.values(), key=lambda one: one.path)
        ]
        values = {"bundle": _VERSION, "made_by": f"nines {VERSION}", **about, "files": files}
        text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
        data = text.encode("utf-8", "backslashreplace")
        self.add(MANIFEST, data)
        return hashlib.sha256(data).hexdigest()


def copies_in(folder: Path) -> list[LogFile]:
    """Return the files that a bundle has copies of; none when they are not there any more."""
    try:
        return files_below(folder / FILES)
    except SourceError:
        return []


def check(
    folder: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[int, list[str], str]:
    """Compare a bundle with its manifest.

    Returns:
      How many files there are to be, what is wrong with them, one line each, and the SHA-256 of
      the manifest.
    Raises:
      BundleError: it has no manifest.
    """
    path = folder / MANIFEST
    expected = f"a bundle as `nines audit SOURCE --bundle {folder}` writes it"
    try:
        data = path.read_bytes()
        entries = [
            Entry(str(one["path"]), int(one["size"]), str(one["sha256"]))
            for one in json.loads(data)["files"]
        ]
    except OSError as error:
        raise BundleError(
            f"file {str(path)!r} cannot be read ({error.strerror}); expected {expected}"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise BundleError(f"file {str(path)!r} is no manifest; expected {expected}") from error
    wrong = []
    for done, entry in enumerate(entries, start=1):
        problem = _problem(folder, entry)
        if problem:
            wrong.append(f"{entry.path}: {problem}")
        if progress is not None:
            progress(done, len(entries))
    known = {entry.path for entry in entries} | {MANIFEST}
    there = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    wrong += [f"{name}: not in the manifest" for name in there if name not in known]
    return len(entries), wrong, hashlib.sha256(data).hexdigest()


def _problem(folder: Path, entry: Entry) -> str:
    """Return what is wrong with a file; "" when it is as it was."""
    if ".." in PurePosixPath(entry.path).parts or PurePosixPath(entry.path).is_absolute():
        return "lies outside of the bundle"
    try:
        data = (folder / entry.path).read_bytes()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if hashlib.sha256(data).hexdigest() == entry.sha256:
        return ""
    if len(data) != entry.size:
        return f"changed: {len(data):,} bytes, and the manifest says {entry.size:,}"
    return "changed"
