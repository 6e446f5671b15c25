"""DeleteBucketLifecycle: nothing ends by itself any more.

Source: Amazon S3 API Reference, DeleteBucketLifecycle, which needs the permission to put one.
"""

from regions.s3.changes import LIFECYCLE, BucketSet
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    bucket = desk.allowed("PutLifecycleConfiguration")
    desk.change(BucketSet(bucket=bucket.name, name=LIFECYCLE, value=""))
    return {}


OPERATION = Operation(name="DeleteBucketLifecycle", perform=_perform, event="DeleteBucketLifecycle")
