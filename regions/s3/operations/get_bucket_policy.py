"""GetBucketPolicy: the policy as it was put.

Source: Amazon S3 API Reference, GetBucketPolicy.
"""

from regions.s3.changes import POLICY
from regions.s3.errors import NoSuchBucketPolicy
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.policies import for_policy


def _perform(desk: Desk, _: Values) -> Body:
    text = for_policy(desk, "GetBucketPolicy").settings.get(POLICY)
    if text is None:
        raise NoSuchBucketPolicy
    return {"Policy": text}


OPERATION = Operation(
    name="GetBucketPolicy", perform=_perform, read_only=True, event="GetBucketPolicy"
)
