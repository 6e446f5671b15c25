"""DeleteBucketPolicy: from then on only the owner's account decides.

Source: Amazon S3 API Reference, DeleteBucketPolicy.
"""

from regions.s3.changes import POLICY, BucketSet
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.policies import for_policy


def _perform(desk: Desk, _: Values) -> Body:
    bucket = for_policy(desk, "DeleteBucketPolicy")
    desk.change(BucketSet(bucket=bucket.name, name=POLICY, value=""))
    return {}


OPERATION = Operation(name="DeleteBucketPolicy", perform=_perform, event="DeleteBucketPolicy")
