"""GetBucketLocation: the bucket's region, which of us-east-1 is said by saying nothing.

Source: Amazon S3 API Reference, GetBucketLocation.
"""

from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.place import LEGACY_REGION


def _perform(desk: Desk, _: Values) -> Body:
    desk.allowed("GetBucketLocation")
    return {} if desk.region == LEGACY_REGION else {"LocationConstraint": desk.region}


OPERATION = Operation(
    name="GetBucketLocation", perform=_perform, read_only=True, event="GetBucketLocation"
)
