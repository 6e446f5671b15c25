"""CreateBucket: a bucket of the caller's account, private and owner-enforced.

Source: Amazon S3 API Reference, CreateBucket; texts as observed. That a location constraint of a
foreign region is good at us-east-1 alone is seen to by the endpoint.
"""

from regions.api.errors import ActionNotImplemented, InvalidBucketName
from regions.errors import AccessDeniedException
from regions.s3.access import DENIED, access_of, authorize, bucket_arn
from regions.s3.changes import BucketMade
from regions.s3.errors import BucketAlreadyExists, BucketAlreadyOwnedByYou
from regions.s3.objects import refuse_unmodelled
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.place import LEGACY_REGION, location_of

#: Beginnings and ends that names must not have. Source: User Guide, "Bucket naming rules".
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _perform(desk: Desk, parameters: Values) -> Body:
    name, account = parameters["Bucket"], desk.call.principal.account
    if name.startswith(_PREFIXES) or name.endswith(_SUFFIXES):
        raise InvalidBucketName("The specified bucket is not valid.")
    refuse_unmodelled(parameters)
    if parameters.get("ObjectLockEnabledForBucket"):
        raise ActionNotImplemented("Object Lock is not modelled.")
    if (parameters.get("CreateBucketConfiguration") or {}).get("Tags"):
        raise ActionNotImplemented("Tagging of buckets is not modelled.")
    if not account:
        raise AccessDeniedException(DENIED)
    access = access_of(
        desk.call,
        desk.now_ns,
        action="s3:CreateBucket",
        resource=bucket_arn(desk.region, name),
        owner=account,
        policy=None,
    )
    authorize(access)
    desk.owner = account
    known = desk.state.buckets.get(name)
    if known is None:
        made = BucketMade(bucket=name, owner=account, created_ns=desk.now_ns)
        desk.change(made)
    elif known.owner != account:
        raise BucketAlreadyExists
    elif desk.region != LEGACY_REGION:
        raise BucketAlreadyOwnedByYou
    return {"Location": location_of(desk.region, name), "BucketArn": bucket_arn(desk.region, name)}


OPERATION = Operation(
    name="CreateBucket", perform=_perform, event="CreateBucket", makes_bucket=True
)
