"""What an object store knows: buckets, versions and uploads, as a pure value that changes apply to.

It counts how often a body's file is used, so that whoever keeps the files learns which are free.
What does not belong here: who may do what, disks and clocks.
Source: Amazon S3 User Guide, "Using versioning in S3 buckets" and "Multipart upload".
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from regions.s3.changes import (
    NULL,
    VERSIONING,
    BucketGone,
    BucketMade,
    BucketSet,
    Part,
    PartPut,
    Piece,
    Upload,
    UploadBegun,
    UploadGone,
    Version,
    VersionGone,
    VersionMoved,
    VersionPut,
)
from sim.wire import Message


@dataclass(slots=True)
class UploadState:
    """An upload and its parts so far."""

    upload: Upload
    parts: dict[int, Part] = field(default_factory=dict)


@dataclass(slots=True)
class BucketState:
    """One bucket."""

    name: str
    owner: str
    created_ns: int
    settings: dict[str, str] = field(default_factory=dict)  #: only those with a value
    keys: list[str] = field(default_factory=list)  #: sorted; of every version there is
    versions: dict[str, list[Version]] = field(default_factory=dict)  #: newest first
    uploads: dict[str, UploadState] = field(default_factory=dict)

    @property
    def versioning(self) -> str:
        """``Enabled``, ``Suspended``, or "" of a bucket that never had versions."""
        return self.settings.get(VERSIONING, "")

    def newest(self, key: str) -> Version | None:
        """Return the newest version of a key, which may be a delete marker."""
        found = self.versions.get(key)
        return found[0] if found else None

    def current(self, key: str) -> Version | None:
        """Return the object that a key shows; None if its newest version is a marker."""
        newest = self.newest(key)
        return None if newest is None or newest.marker else newest

    def version(self, key: str, version_id: str) -> Version | None:
        """Return one version of a key."""
        for each in self.versions.get(key, ()):
            if each.version_id == version_id:
                return each
        return None

    def shows(self, key: str) -> bool:
        """Say whether a list of objects has this key."""
        return not self.versions[key][0].marker


class StoreState:
    """All buckets of one region."""

    def __init__(self) -> None:
        self.buckets: dict[str, BucketState] = {}
        self.freed: list[int] = []  #: files that nothing uses since somebody emptied this list
        self._uses: dict[int, int] = {}

    def uses(self, file: int) -> bool:
        """Say whether anything uses a body's file."""
        return file in self._uses

    def apply(self, change: Message) -> None:
        """Take a change over."""
        if isinstance(change, BucketMade):
            self.buckets[change.bucket] = BucketState(
                change.bucket, change.owner, change.created_ns
            )
        elif isinstance(change, BucketGone):
            self._delete_bucket(change.bucket)
        elif isinstance(change, BucketSet):
            settings = self.buckets[change.bucket].settings
            settings.pop(change.name, None)
            if change.value:
                settings[change.name] = change.value
        elif isinstance(change, VersionPut):
            self._put(self.buckets[change.bucket], change.version)
        elif isinstance(change, VersionGone):
            self._remove(self.buckets[change.bucket], change.key, change.version_id)
        elif isinstance(change, VersionMoved):
            self._move(self.buckets[change.bucket], change)
        else:
            self._apply_to_upload(change)

    def _apply_to_upload(self, change: Message) -> None:
        if isinstance(change, UploadBegun):
            uploads = self.buckets[change.bucket].uploads
            uploads[change.upload.upload_id] = UploadState(change.upload)
        elif isinstance(change, PartPut):
            parts = self.buckets[change.bucket].uploads[change.upload_id].parts
            old = parts.get(change.part.number)
            self._take(change.part.pieces)
            parts[change.part.number] = change.part
            if old is not None:
                self._free(old.pieces)
        else:
            assert isinstance(change, UploadGone), f"no change of a store: {change!r}"
            self._end_upload(self.buckets[change.bucket], change.upload_id)

    def changes(self) -> Iterator[Message]:
        """Yield changes that make this state out of an empty one."""
        for bucket in self.buckets.values():
            name = bucket.name
            yield BucketMade(bucket=name, owner=bucket.owner, created_ns=bucket.created_ns)
            for setting, value in bucket.settings.items():
                yield BucketSet(bucket=name, name=setting, value=value)
            for key in bucket.keys:
                for version in reversed(bucket.versions[key]):
                    yield VersionPut(bucket=name, version=version)
            for upload in bucket.uploads.values():
                yield UploadBegun(bucket=name, upload=upload.upload)
                for part in upload.parts.values():
                    yield PartPut(bucket=name, upload_id=upload.upload.upload_id, part=part)

    def _delete_bucket(self, name: str) -> None:
        bucket = self.buckets[name]
        assert not bucket.keys, f"bucket {name!r} is not empty"
        for upload_id in list(bucket.uploads):
            self._end_upload(bucket, upload_id)
        del self.buckets[name]

    def _put(self, bucket: BucketState, version: Version) -> None:
        self._take(version.pieces)
        if version.version_id == NULL:
            self._remove(bucket, version.key, NULL)
        if version.key not in bucket.versions:
            insort(bucket.keys, version.key)
            bucket.versions[version.key] = []
        bucket.versions[version.key].insert(0, version)

    def _remove(self, bucket: BucketState, key: str, version_id: str) -> None:
        found = bucket.version(key, version_id)
        if found is None:
            return
        versions = bucket.versions[key]
        versions.remove(found)
        self._free(found.pieces)
        if not versions:
            del bucket.versions[key]
            del bucket.keys[bisect_left(bucket.keys, key)]

    @staticmethod
    def _move(bucket: BucketState, change: VersionMoved) -> None:
        versions = bucket.versions.get(change.key, [])
        for place, version in enumerate(versions):
            if version.version_id == change.version_id:
                headers = {**version.headers, "StorageClass": change.storage_class}
                versions[place] = replace(version, headers=headers)

    def _end_upload(self, bucket: BucketState, upload_id: str) -> None:
        for part in bucket.uploads.pop(upload_id).parts.values():
            self._free(part.pieces)

    def _take(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self._uses[piece.file] = self._uses.get(piece.file, 0) + 1

    def _free(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self._uses[piece.file] -= 1
            if not self._uses[piece.file]:
                del self._uses[piece.file]
                self.freed.append(piece.file)
