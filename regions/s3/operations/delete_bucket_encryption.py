"""DeleteBucketEncryption: the default is SSE-S3 again.

Source: Amazon S3 API Reference, DeleteBucketEncryption, which needs the permission to put one.
"""

from regions.s3.changes import ENCRYPTION, BucketSet
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    bucket = desk.allowed("PutEncryptionConfiguration")
    desk.change(BucketSet(bucket=bucket.name, name=ENCRYPTION, value=""))
    return {}


OPERATION = Operation(
    name="DeleteBucketEncryption", perform=_perform, event="DeleteBucketEncryption"
)
