"""A folder of files that were copied out of a trail's bucket, as ``aws s3 sync`` leaves them.

The folder may be a bucket's root, any folder of it, or one that has buckets as its folders: where
its files lay is told by most digests alike, and a digest that tells otherwise was moved. User
metadata, and so the signature of a digest, is not copied along. It may lie beside a file, under its
name with ``.head.json`` behind, as ``aws s3api head-object`` prints it; if not, the digest after it
has kept its signature.
What does not belong here: what is said of the objects (log_chain.py).
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from scenarios.log_objects import Place, Stored, inflate

HEAD: Final = ".head.json"
_DIGEST: Final = "_CloudTrail-Digest_"


class FolderError(Exception):
    """A folder cannot be validated; the text names it and says what was expected."""


class _Shift(NamedTuple):
    """How paths below the folder and keys of a bucket differ."""

    strip: str  #: what stands before the key in a path
    add: str  #: what stands before the path in a key


class FolderObjects:
    """The objects of a folder.

    Raises:
      FolderError: it is no folder, cannot be read, or holds no digest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = sorted(_walk(folder))
        digests = [path for path in self._paths if _DIGEST in path and path.endswith(".json.gz")]
        if not digests:
            raise FolderError(
                f"folder {str(folder)!r} holds no digest files; expected files of a trail's "
                "bucket, with names such as "
                "111122223333_CloudTrail-Digest_us-east-1_audit_us-east-1_"
                "20260101T010000Z.json.gz"
            )
        self._shifts = self._find_shifts(digests)
        self._files = {self._place(path): path for path in self._paths}

    def places(self) -> Iterator[Place]:
        """Yield where objects lay in their buckets."""
        yield from sorted(self._files)

    def get(self, place: Place) -> Stored | None:
        """Return one object."""
        path = self._files.get(place)
        return None if path is None else inflate(self._read(path), self._metadata(path))

    def delivered_s(self, place: Place) -> None:
        """Return None: times of copies say nothing."""

    def _read(self, path: str) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise FolderError(
                f"file {str(self._folder / path)!r} cannot be read: {error.strerror}"
            ) from error

    def _metadata(self, path: str) -> Mapping[str, str] | None:
        """Return the user metadata that lies beside a file, names in small letters."""
        if not (self._folder / f"{path}{HEAD}").is_file():
            return None
        try:
            found = json.loads(self._read(f"{path}{HEAD}"))["Metadata"]
            return {name.lower(): value for name, value in found.items()}
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            raise FolderError(
                f"file {str(self._folder / path) + HEAD!r}: expected JSON as 'aws s3api "
                "head-object' prints it"
            ) from None

    def _find_shifts(self, digests: list[str]) -> dict[str, _Shift]:
        """Return by bucket how most of its digests say that their paths and keys differ."""
        told: dict[str, Counter[_Shift]] = {}
        for path in digests:
            said = self._claim(path)
            if said is not None:
                shift = _shift(path, said.key)
                told.setdefault(said.bucket, Counter()).update([shift] if shift else [])
        return {
            bucket: min(counts, key=lambda shift: (-counts[shift], shift))
            if counts
            else _Shift("", "")
            for bucket, counts in told.items()
        }

    def _claim(self, path: str) -> Place | None:
        """Return where a digest says that it lies."""
        try:
            said: Any = json.loads(inflate(self._read(path)).content)
            bucket, key = said["digestS3Bucket"], said["digestS3Object"]
        except (LookupError, RecursionError, TypeError, ValueError):
            return None
        return Place(bucket, key) if isinstance(bucket, str) and isinstance(key, str) else None

    def _place(self, path: str) -> Place:
        """Return where a file lay."""
        fitting = [
            (len(shift.strip), Place(bucket, shift.add + path.removeprefix(shift.strip)))
            for bucket, shift in sorted(self._shifts.items())
            if path.startswith(shift.strip)
        ]
        # The folder of a bucket is a better guess than the folder of all of them.
        return max(fitting, key=lambda each: each[0])[1] if fitting else Place("", path)


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, with slashes."""

    def fail(error: OSError) -> None:
        raise FolderError(
            f"folder {str(folder)!r} cannot be read: {error.filename}: {error.strerror}"
        ) from error

    if not folder.is_dir():
        raise FolderError(
            f"folder {str(folder)!r} does not exist; expected a folder of a trail's files"
        )
    for where, _, names in os.walk(folder, onerror=fail):
        below = Path(where).relative_to(folder)
        yield from ((below / name).as_posix() for name in names)


def _shift(path: str, key: str) -> _Shift | None:
    if path == key or key.endswith(f"/{path}"):
        return _Shift("", key.removesuffix(path))
    if path.endswith(f"/{key}"):
        return _Shift(path.removesuffix(key), "")
    return None
