"""The object store of one region, as far as delivered log files need one.

Names of buckets are global; each bucket lives in one region's store. What was acknowledged is on
disk, in blocks that notice rot and mend what is small (armour.py); an object that is damaged
beyond that is refused, never served. Nothing expires: an object stays until somebody removes the
bucket's disk.
What does not belong here: which files are delivered (trail/), bucket policies and lifecycle rules.
Source: Amazon S3 API Reference, PutObject, ListObjectsV2 (1,000 keys a page, UTF-8 order).
"""

import gzip
import json
import struct
from bisect import bisect_right, insort
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from regions import armour
from regions.ailments import ANY, SEALED
from regions.errors import AccessDeniedException
from regions.trail.group_commit import GroupCommit
from sim.actor import Actor, Request
from sim.units import days
from sim.wire import Message, Refusal

#: Keys of one answer to ListObjects. Source: ListObjectsV2.
PAGE_KEYS: Final = 1_000

#: Length of the JSON head; then the head and the body.
_HEAD: Final = struct.Struct(">I")
#: Between two readings of all objects, at least; chosen: twice the 14 d of the durability
#: model, since each object mends itself.
SCRUB_NS: Final = days(28)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBucket(Message):
    """Make a bucket; an owner's own bucket may be made again."""

    bucket: str
    owner: str  #: account


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketReady(Message):
    """The bucket exists."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadBucket(Message):
    """Is that bucket in this region's store? Answered by BucketReady or NoSuchBucket."""

    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutObject(Message):
    """Store an object; the same key is replaced as a whole."""

    bucket: str
    key: str
    body: bytes = field(repr=False)  #: uncompressed inside the simulation
    encoding: str = ""  #: ``gzip``: compressed where bytes leave the simulation
    metadata: dict[str, Any] = field(default_factory=dict)  #: of the user, names in small letters


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStored(Message):
    """The object is on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetObject(Message):
    """Fetch an object."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectBody(Message):
    """An object's content."""

    body: bytes = field(repr=False)
    encoding: str
    stored_ns: int  #: calendar time of the last PutObject
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListObjects(Message):
    """List keys that start with a prefix, behind another key."""

    bucket: str
    prefix: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEntry(Message):
    """One object in a list."""

    key: str
    size: int  #: bytes of the uncompressed body
    stored_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList(Message):
    """At most 1,000 objects in the order of their keys."""

    objects: tuple[ObjectEntry, ...]
    truncated: bool  #: more keys follow: ask again with ``after``


class NoSuchBucket(Refusal):
    """There is no bucket of that name here."""


class NoSuchKey(Refusal):
    """The bucket has no object of that key."""


class ObjectDamaged(Refusal):
    """The object's bytes rotted beyond repair."""


class BucketAlreadyExists(Refusal):
    """Another account owns that name."""


#: Wire ids 250–269.
BUCKET_FRAMES: Final[dict[int, type[Any]]] = {
    250: CreateBucket,
    251: BucketReady,
    252: HeadBucket,
    253: PutObject,
    254: ObjectStored,
    255: GetObject,
    256: ObjectBody,
    257: ListObjects,
    258: ObjectEntry,
    259: ObjectList,
    260: NoSuchBucket,
    261: NoSuchKey,
    262: BucketAlreadyExists,
    263: ObjectDamaged,
}


def to_gzip(body: bytes) -> bytes:
    """Return a body as a gzip file without a time stamp, for bytes that leave the simulation."""
    return gzip.compress(body, mtime=0)


def _pack(head: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(head, sort_keys=True).encode()
    return _HEAD.pack(len(text)) + text + body


def _unpack(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return head and body of a file."""
    (length,) = _HEAD.unpack_from(data)
    end = _HEAD.size + length
    head: dict[str, Any] = json.loads(data[_HEAD.size : end])
    return head, data[end:]


@dataclass(slots=True)
class _Shelf:
    """One bucket's index."""

    owner: str
    keys: list[str] = field(default_factory=list)
    objects: dict[str, tuple[str, ObjectEntry]] = field(default_factory=dict)  #: (file, entry)

    def put(self, entry: ObjectEntry, file: str) -> str:
        """Index an object; return the file that it replaces, or ""."""
        old = self.objects.get(entry.key)
        if old is None:
            insort(self.keys, entry.key)
        self.objects[entry.key] = (file, entry)
        return "" if old is None else old[0]


class Bucket(Actor):
    """Every bucket of one region; one file per object."""

    kind = "bucket"
    inline: ClassVar[frozenset[type]] = frozenset(
        {CreateBucket, HeadBucket, PutObject, GetObject, ListObjects}
    )

    def start(self) -> None:
        """Index what the disk holds."""
        self._commit = GroupCommit(self.disk)
        self._scrubbed_ns = self.now_ns
        self._shelves: dict[str, _Shelf] = {}
        self._number = 0
        found = []
        for file in self.disk.files():
            self._number = max(self._number, int(file))
            content = self._read(file)
            if content.blocks:
                found.append((file, *_unpack(content.data)))
            elif not content.lost:
                self.disk.remove(file)  # A power cut tore it, so nobody was told of it.
        # A bucket's own file is older than its objects' files; numbers sort by age.
        for file, head, body in found:
            self._index(file, head, len(body))

    def _index(self, file: str, head: dict[str, Any], size: int) -> str:
        if "key" not in head:
            self._shelves.setdefault(head["bucket"], _Shelf(head["owner"]))
            return ""
        entry = ObjectEntry(key=head["key"], size=size, stored_ns=head["stored_ns"])
        # The bucket's own file may be damaged beyond repair: its objects know its owner too.
        return self._shelves.setdefault(head["bucket"], _Shelf(head["owner"])).put(entry, file)

    def _read(self, file: str) -> armour.Opened:
        """Read and mend a file, and say if that is not all."""
        found = armour.read(self.disk, file)
        if found.finding:
            self.note("disk", found=f"{file}: {found.finding}")
            self._commit.durable()
        return found

    def _scrub(self) -> None:
        """Mend what can be mended, before more of it rots; it costs nothing while all is quiet."""
        if self.now_ns - self._scrubbed_ns < SCRUB_NS:
            return
        self._scrubbed_ns = self.now_ns
        for file in self.disk.files():
            self._read(file)

    def receive(self, request: Request) -> None:
        """Serve one request; a write is answered when it is durable."""
        body = request.body
        if isinstance(body, CreateBucket):
            self._create(request, body)
        elif isinstance(body, PutObject):
            self._put(request, body)
        elif isinstance(body, HeadBucket):
            request.reply(BucketReady(owner=self._shelf(body.bucket).owner))
        elif isinstance(body, GetObject):
            request.reply(self._get(body))
        else:
            request.reply(self._list(body))

    def _shelf(self, bucket: str) -> _Shelf:
        found = self._shelves.get(bucket)
        if found is None:
            raise NoSuchBucket(f"the bucket {bucket!r} does not exist")
        return found

    def _store(self, head: dict[str, Any], body: bytes) -> str:
        """Write one file; return the file that it replaces, or ""."""
        self._number += 1
        file = f"{self._number:010}"
        armour.append(self.disk, file, _pack(head, body))
        return self._index(file, head, len(body))

    def _create(self, request: Request, body: CreateBucket) -> None:
        known = self._shelves.get(body.bucket)
        if known is None:
            self._store({"bucket": body.bucket, "owner": body.owner}, b"")
        elif known.owner != body.owner:
            raise BucketAlreadyExists(f"the bucket {body.bucket!r} belongs to another account")
        ready = BucketReady(owner=body.owner)
        self._commit.durable(lambda: request.reply(ready))

    def _put(self, request: Request, body: PutObject) -> None:
        sealed = self.cell.ails.get(SEALED, ())
        if ANY in sealed or body.bucket in sealed:
            raise AccessDeniedException("Access Denied")  # As S3 says it.
        head = {
            "bucket": body.bucket,
            "encoding": body.encoding,
            "key": body.key,
            "owner": self._shelf(body.bucket).owner,
            "stored_ns": self.calendar_ns,
        }
        if body.metadata:
            head["metadata"] = body.metadata
        replaced = self._store(head, body.body)
        self._scrub()

        def stored() -> None:
            # Only now, so that a power cut leaves the old object or the new one.
            if replaced:
                self.disk.remove(replaced)
            request.reply(ObjectStored())

        self._commit.durable(stored)

    def _get(self, body: GetObject) -> ObjectBody:
        found = self._shelf(body.bucket).objects.get(body.key)
        if found is None:
            raise NoSuchKey(f"the bucket {body.bucket!r} has no object {body.key!r}")
        # Bodies stay on the disk: in memory they would double the size of a long run.
        content = self._read(found[0])
        if not content.blocks:
            raise ObjectDamaged(f"object {body.key!r} of {body.bucket!r} is damaged")
        head, data = _unpack(content.data)
        return ObjectBody(
            body=data,
            encoding=head["encoding"],
            stored_ns=head["stored_ns"],
            metadata=head.get("metadata", {}),
        )

    def _list(self, body: ListObjects) -> ObjectList:
        shelf = self._shelf(body.bucket)
        place = bisect_right(shelf.keys, max(body.after, body.prefix))
        if place and shelf.keys[place - 1] == body.prefix > body.after:
            place -= 1  # The prefix itself is a key.
        objects: list[ObjectEntry] = []
        for key in shelf.keys[place:]:
            if not key.startswith(body.prefix):
                break
            if len(objects) == PAGE_KEYS:
                return ObjectList(objects=tuple(objects), truncated=True)
            objects.append(shelf.objects[key][1])
        return ObjectList(objects=tuple(objects), truncated=False)
