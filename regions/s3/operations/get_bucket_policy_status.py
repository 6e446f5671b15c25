"""GetBucketPolicyStatus: whether the policy lets in people whom nobody knows.

Source: Amazon S3 API Reference, GetBucketPolicyStatus; User Guide, "The meaning of public".
"""

from regions.s3.access import is_public
from regions.s3.changes import POLICY
from regions.s3.errors import NoSuchBucketPolicy
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    bucket = desk.allowed("GetBucketPolicyStatus")
    text = bucket.settings.get(POLICY)
    if text is None:
        raise NoSuchBucketPolicy
    return {"PolicyStatus": {"IsPublic": is_public(text, bucket.name)}}


OPERATION = Operation(
    name="GetBucketPolicyStatus", perform=_perform, read_only=True, event="GetBucketPolicyStatus"
)
