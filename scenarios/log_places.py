"""Where files that were copied out of buckets lay: most digests among them say it alike.

A copy may be of a bucket's root, of any folder of it, or have buckets as its folders; a digest that
tells otherwise than most was moved.
What does not belong here: reading the copies (log_folder.py, audit/chains.py).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from scenarios.log_objects import Place, Stored


class _Shift(NamedTuple):
    """How paths of a copy and keys of a bucket differ."""

    strip: str  #: what stands before the key in a path
    add: str  #: what stands before the path in a key


def claim(digest: Stored) -> Place | None:
    """Return where a digest says that it lies; None if it is none, or does not say."""
    try:
        said: Any = json.loads(digest.content)
        bucket, key = said["digestS3Bucket"], said["digestS3Object"]
    except (LookupError, RecursionError, TypeError, ValueError):
        return None
    return Place(bucket, key) if isinstance(bucket, str) and isinstance(key, str) else None


def placed(paths: Iterable[str], claims: Mapping[str, Place]) -> dict[Place, str]:
    """Return where files lay, and the path of each now.

    Args:
      paths: of all files, with slashes.
      claims: path of a digest -> where it says that it lies.
    """
    shifts = _shifts(claims)
    return {_place(path, shifts): path for path in paths}


def _shifts(claims: Mapping[str, Place]) -> dict[str, _Shift]:
    """Return by bucket how most of its digests say that their paths and keys differ."""
    told: dict[str, Counter[_Shift]] = {}
    for path, said in claims.items():
        shift = _shift(path, said.key)
        told.setdefault(said.bucket, Counter()).update([shift] if shift else [])
    return {
        bucket: min(counts, key=lambda shift: (-counts[shift], shift)) if counts else _Shift("", "")
        for bucket, counts in told.items()
    }


def _place(path: str, shifts: Mapping[str, _Shift]) -> Place:
    fitting = [
        (len(shift.strip), Place(bucket, shift.add + path.removeprefix(shift.strip)))
        for bucket, shift in sorted(shifts.items())
        if path.startswith(shift.strip)
    ]
    # The folder of a bucket is a better guess than the folder of all of them.
    return max(fitting, key=lambda each: each[0])[1] if fitting else Place("", path)


def _shift(path: str, key: str) -> _Shift | None:
    if path == key or key.endswith(f"/{path}"):
        return _Shift("", key.removesuffix(path))
    if path.endswith(f"/{key}"):
        return _Shift(path.removesuffix(key), "")
    return None
