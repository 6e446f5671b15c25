"""GetBucketVersioning: Enabled, Suspended, or nothing of a bucket that never had versions.

Source: Amazon S3 API Reference, GetBucketVersioning.
"""

from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    status = desk.allowed("GetBucketVersioning").versioning
    return {"Status": status} if status else {}


OPERATION = Operation(
    name="GetBucketVersioning", perform=_perform, read_only=True, event="GetBucketVersioning"
)
