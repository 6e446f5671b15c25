"""HeadBucket: whether the bucket is there and the caller may look into it.

Source: Amazon S3 API Reference, HeadBucket.
"""

from regions.s3.access import bucket_arn
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    bucket = desk.allowed("ListBucket")
    return {
        "BucketArn": bucket_arn(desk.region, bucket.name),
        "BucketRegion": desk.region,
        "AccessPointAlias": False,
    }


OPERATION = Operation(name="HeadBucket", perform=_perform, read_only=True)
