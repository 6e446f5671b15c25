"""What rules have ended by now: the changes of a sweep over all buckets, and when the next is due.

What does not belong here: what the rules say (lifecycle.py), and timers (store.py).
Source: Amazon S3 User Guide, "Expiring objects": an object that is due is treated as if somebody
had deleted it.
"""

from collections.abc import Callable, Iterable

from regions.s3.changes import LIFECYCLE, BucketSet, UploadGone, VersionGone, VersionMoved
from regions.s3.lifecycle import Due, class_of, dues, dues_of
from regions.s3.objects import deletion
from regions.s3.state import BucketState, StoreState
from regions.s3.storage_classes import descends
from sim.wire import Message


def expire(state: StoreState, now_ns: int, fresh_id: Callable[[], str]) -> list[Message]:
    """End what is due; return what has changed by that, which the state has taken over.

    Args:
      state: loses what is due.
      now_ns: calendar time.
      fresh_id: returns a new version id, for delete markers.
    """
    changed: list[Message] = []
    for bucket in state.buckets.values():
        ending = True
        while ending:  # One end may make another due: of a marker that hides nothing any more.
            ending = False
            for due in [each for each in dues(bucket) if each.due_ns <= now_ns]:
                for change in _end(bucket, due, now_ns, fresh_id):
                    state.apply(change)
                    changed.append(change)
                    ending = True
    return changed


def _end(
    bucket: BucketState, due: Due, now_ns: int, fresh_id: Callable[[], str]
) -> Iterable[Message]:
    """Return what changes when this ends; nothing if something has ended it already."""
    if due.upload_id:
        is_there = due.upload_id in bucket.uploads
        return [UploadGone(bucket=bucket.name, upload_id=due.upload_id)] if is_there else []
    if due.storage_class:
        return _move(bucket, due)
    if due.version_id is not None:
        if bucket.version(due.key, due.version_id) is None:
            return []
        return [VersionGone(bucket=bucket.name, key=due.key, version_id=due.version_id)]
    if bucket.current(due.key) is None:
        return []
    return deletion(bucket, due.key, None, now_ns, fresh_id)[0]


def _move(bucket: BucketState, due: Due) -> Iterable[Message]:
    """Return what changes when an object goes to another storage class, unless it is below."""
    current = bucket.current(due.key)
    if current is not None and descends(class_of(current), due.storage_class):
        yield VersionMoved(
            bucket=bucket.name,
            key=due.key,
            version_id=current.version_id,
            storage_class=due.storage_class,
        )


def next_due_ns(state: StoreState) -> int | None:
    """Return when the next thing ends; None if nothing ever does."""
    every = (due.due_ns for bucket in state.buckets.values() for due in dues(bucket))
    return min(every, default=None)


def soonest_ns(state: StoreState, changes: Iterable[Message]) -> int | None:
    """Return when the first of the things ends that these changes, just made, are about."""
    found: list[int] = []
    for change in changes:
        bucket = state.buckets.get(getattr(change, "bucket", ""))
        if bucket is None or LIFECYCLE not in bucket.settings:
            continue
        if isinstance(change, BucketSet):
            found += [due.due_ns for due in dues(bucket)] if change.name == LIFECYCLE else []
        else:
            key = getattr(change, "key", "")
            for part in (getattr(change, "version", None), getattr(change, "upload", None)):
                key = key if part is None else part.key
            found += [due.due_ns for due in dues_of(bucket, key)]
    return min(found, default=None)
