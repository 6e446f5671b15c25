"""GetBucketAcl: the owner's full control, which is all that an owner-enforced bucket knows.

Source: Amazon S3 API Reference, GetBucketAcl; User Guide, "Controlling ownership of objects".
"""

from regions.names import canonical_id
from regions.s3.operation import Body, Desk, Operation, Values


def _perform(desk: Desk, _: Values) -> Body:
    owner = canonical_id(desk.allowed("GetBucketAcl").owner)
    grantee = {"ID": owner, "Type": "CanonicalUser"}
    return {
        "Owner": {"ID": owner},
        "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}],
    }


OPERATION = Operation(name="GetBucketAcl", perform=_perform, read_only=True, event="GetBucketAcl")
