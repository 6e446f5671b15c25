"""Who may look at a bucket's policy and change it.

What does not belong here: what a policy says (access.py).
Source: Amazon S3 API Reference, PutBucketPolicy: the root of the owner's account may always.
"""

from regions.s3.operation import Desk
from regions.s3.state import BucketState


def for_policy(desk: Desk, action: str) -> BucketState:
    """Return the call's bucket, if its caller may do this with the policy.

    Raises:
      NoSuchBucket, AccessDeniedException: as ``Desk.allowed``.
    """
    principal = desk.call.principal
    bucket = desk.bucket()
    if principal.kind == "Root" and principal.account == bucket.owner:
        return bucket
    return desk.allowed(action)
