"""DeleteBucket: an empty bucket goes, and its uploads with it.

Source: Amazon S3 API Reference, DeleteBucket; texts as observed.
"""

from regions.s3.changes import BucketGone
from regions.s3.errors import BucketNotEmpty
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    bucket = desk.allowed("DeleteBucket")
    if bucket.keys:
        hidden = not any(bucket.shows(key) for key in bucket.keys)
        more = ". You must delete all versions in the bucket." if hidden else ""
        raise BucketNotEmpty(f"{BucketNotEmpty.text}{more}" if more else "")
    desk.change(BucketGone(bucket=bucket.name))
    return {}


OPERATION = Operation(name="DeleteBucket", perform=_perform, event="DeleteBucket")
