"""ListBuckets: the caller's buckets in all regions, in the order of their names.

Source: Amazon S3 API Reference, ListBuckets.
"""

from regions.errors import AccessDeniedException
from regions.names import canonical_id
from regions.s3.access import DENIED, access_of, authorize, bucket_arn
from regions.s3.operation import Body, Desk, Operation, Values, seconds_of
from regions.s3.pages import read_token, write_token

#: Buckets of a page if the request does not say. Source: API Reference, MaxBuckets.
_PAGE_MAX = 10_000


def _perform(desk: Desk, _: Values) -> Body:
    """Return those of one region."""
    account = desk.call.principal.account
    if not account:
        raise AccessDeniedException(DENIED)
    access = access_of(
        desk.call,
        desk.now_ns,
        action="s3:ListAllMyBuckets",
        resource=bucket_arn(desk.region, "*"),
        owner=account,
        policy=None,
    )
    authorize(access)
    buckets = [
        {
            "Name": bucket.name,
            "CreationDate": seconds_of(bucket.created_ns),
            "BucketRegion": desk.region,
            "BucketArn": bucket_arn(desk.region, bucket.name),
        }
        for bucket in desk.state.buckets.values()
        if bucket.owner == account
    ]
    return {"Buckets": buckets, "Owner": {"ID": canonical_id(account)}}


def _merge(answers: list[Body], parameters: Values) -> Body:
    prefix, region = parameters.get("Prefix", ""), parameters.get("BucketRegion")
    token = parameters.get("ContinuationToken")
    after = read_token(token) if token else ""
    found = sorted(
        (
            bucket
            for answer in answers
            for bucket in answer["Buckets"]
            if bucket["Name"].startswith(prefix)
            and bucket["Name"] > after
            and region in {None, bucket["BucketRegion"]}
        ),
        key=lambda bucket: str(bucket["Name"]),
    )
    limit = parameters.get("MaxBuckets") or _PAGE_MAX
    body: Body = {"Buckets": found[:limit], "Owner": answers[0]["Owner"]}
    if len(found) > limit:
        body["ContinuationToken"] = write_token(found[limit - 1]["Name"])
    if prefix:
        body["Prefix"] = prefix
    return body


OPERATION = Operation(
    name="ListBuckets", perform=_perform, read_only=True, event="ListBuckets", merge=_merge
)
