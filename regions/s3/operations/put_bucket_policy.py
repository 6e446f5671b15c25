"""PutBucketPolicy: who may do what with the bucket and its objects.

The owner's root may always change it, so that nobody locks himself out for good.
Source: Amazon S3 API Reference, PutBucketPolicy.
"""

from regions.s3.access import compile_policy
from regions.s3.changes import POLICY, BucketSet
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.policies import for_policy


def _perform(desk: Desk, parameters: Values) -> Body:
    bucket = for_policy(desk, "PutBucketPolicy")
    compile_policy(parameters["Policy"], bucket.name)
    desk.change(BucketSet(bucket=bucket.name, name=POLICY, value=parameters["Policy"]))
    return {}


OPERATION = Operation(name="PutBucketPolicy", perform=_perform, event="PutBucketPolicy")
