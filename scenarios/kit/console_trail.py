"""The trail that the management console makes: what its page has ticked, and the calls behind it.

The console suggests a bucket of its own and a new key, has the trail log in all regions, validates
its files, and starts it. CreateTrail itself has none of these defaults.
What does not belong here: signing in (roster.py), and what a trail is (regions/trail/).
Source: CloudTrail User Guide, "Creating a trail with the console"; its bucket policy and key policy
for CloudTrail; the digits in the bucket's name are chosen.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

SERVICE: Final = {"Service": "cloudtrail.amazonaws.com"}
#: What the page has ticked when it opens.
DEFAULTS: Final[dict[str, Any]] = {
    "IncludeGlobalServiceEvents": True,
    "IsMultiRegionTrail": True,
    "EnableLogFileValidation": True,
}
#: The name that the page proposes.
TRAIL_NAME: Final = "management-events"
#: Stands for what the page suggests: a bucket and a key that are made for the trail.
SUGGESTED: Final = "suggested"


def bucket_policy(bucket: str, account: str, trail: str) -> str:
    """Return the policy that the console gives a bucket: one trail's files of one account."""
    source = {"aws:SourceArn": trail}
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    arn = f"arn:{trail.split(':')[1]}:s3:::{bucket}"
    entries = [
        {
            "Sid": "AWSCloudTrailAclCheck20150319",
            "Effect": "Allow",
            "Principal": SERVICE,
            "Action": "s3:GetBucketAcl",
            "Resource": arn,
            "Condition": {"StringEquals": source},
        },
        {
            "Sid": "AWSCloudTrailWrite20150319",
            "Effect": "Allow",
            "Principal": SERVICE,
            "Action": "s3:PutObject",
            "Resource": f"{arn}/AWSLogs/{account}/*",
            "Condition": {"StringEquals": {**owned, **source}},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": entries})


def key_policy(account: str, trail: str) -> str:
    """Return the policy that the console gives a key: its owner's, and CloudTrail's use of it."""
    partition = trail.split(":")[1]
    trails = f"arn:{partition}:cloudtrail:*:{account}:trail/*"
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": trails}
    entries = [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "Allow CloudTrail to encrypt logs",
            "Effect": "Allow",
            "Principal": SERVICE,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trail}, "StringLike": context},
        },
        {
            "Sid": "Allow CloudTrail to describe key",
            "Effect": "Allow",
            "Principal": SERVICE,
            "Action": "kms:DescribeKey",
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": entries})


def create_trail(
    client: Callable[[str], Any],
    name: str = TRAIL_NAME,
    *,
    bucket: str = SUGGESTED,
    kms_key: str = SUGGESTED,
    **changed: Any,
) -> dict[str, Any]:
    """Make a trail as the console does, and start it; return what CreateTrail answered.

    Args:
      client: returns the boto3 client of a service, all for the same person and region.
      name: of the trail.
      bucket: where its files go; suggested: a new one of the account.
      kms_key: id, ARN or alias; suggested: a new key; "": SSE-S3.
      changed: parameters of CreateTrail that the person has chosen otherwise.
    """
    trails = client("cloudtrail")
    account, region = client("sts").get_caller_identity()["Account"], trails.meta.region_name
    partition = trails.meta.partition
    arn = f"arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"
    if bucket == SUGGESTED:
        bucket = f"aws-cloudtrail-logs-{account}-{sha256(arn.encode()).hexdigest()[:8]}"
        s3 = client("s3")
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else where))
        s3.put_bucket_policy(Bucket=bucket, Policy=bucket_policy(bucket, account, arn))
    if kms_key == SUGGESTED:
        kms = client("kms")
        made = kms.create_key(Policy=key_policy(account, arn), Description=f"Key of trail {name}")
        kms_key = made["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=kms_key)
    parameters = {**DEFAULTS, **({"KmsKeyId": kms_key} if kms_key else {}), **changed}
    answer: dict[str, Any] = trails.create_trail(Name=name, S3BucketName=bucket, **parameters)
    trails.start_logging(Name=arn)
    return answer
