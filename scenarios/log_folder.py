"""A folder of files that were copied out of a trail's bucket, as ``aws s3 sync`` leaves them.

Where its files lay is told by the digests (log_places.py). User metadata, and so the signature of a
digest, is not copied along. It may lie beside a file, under its name with ``.head.json`` behind, as
``aws s3api head-object`` prints it; if not, the digest after it has kept its signature.
What does not belong here: what is said of the objects (log_chain.py).
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scenarios.log_objects import Place, Stored, inflate
from scenarios.log_places import claim, placed

HEAD: Final = ".head.json"
_DIGEST: Final = "_CloudTrail-Digest_"


class FolderError(Exception):
    """A folder cannot be validated; the text names it and says what was expected."""


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
        said = {path: claim(inflate(self._read(path))) for path in digests}
        self._files = placed(self._paths, {path: own for path, own in said.items() if own})

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
