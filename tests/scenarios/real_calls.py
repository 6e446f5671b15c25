"""The calls of the real CloudTrail files that are modelled, made again in a cloud."""

import json
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from regions.calls import ApiCall
from scenarios import Cloud
from sim.quick import changed

ACCOUNT = "123837392027"
USER = f"arn:aws:iam::{ACCOUNT}:user/bert-jan"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}},
    ],
}
NOBODY = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": "1" * 12}}]}
READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}],
}
TAGS = [{"Key": "StratusRedTeam", "Value": "true"}]
AWS_INTERNAL = "AWS Internal"


def _bucket_policy(bucket: str) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    service = {"Service": "cloudtrail.amazonaws.com"}
    statements = [
        {"Sid": "Acl", "Action": "s3:GetBucketAcl", "Resource": arn},
        {
            "Sid": "Write",
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
    statements = [{"Effect": "Allow", "Principal": service, **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _iam(cloud: Cloud) -> None:
    iam = cloud.boto3_client("iam", principal=USER)
    role = {"RoleName": "reader"}
    made = iam.create_role(
        **role,
        AssumeRolePolicyDocument=json.dumps(TRUST),
        MaxSessionDuration=3600,
        Path="/",
        Tags=TAGS,
    )
    iam.put_role_policy(**role, PolicyName="inline-policy", PolicyDocument=json.dumps(READS))
    iam.get_role_policy(**role, PolicyName="inline-policy")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(READS))["Policy"]["Arn"]
    iam.attach_role_policy(**role, PolicyArn=policy)
    iam.get_role(**role)
    iam.list_attached_role_policies(**role)
    iam.list_role_policies(**role)
    iam.list_users()
    closed = iam.create_role(RoleName="closed", AssumeRolePolicyDocument=json.dumps(NOBODY))
    sts = cloud.boto3_client("sts", principal=USER)
    session = {"RoleSessionName": "session", "DurationSeconds": 900}
    sts.assume_role(RoleArn=made["Role"]["Arn"], **session)
    with suppress(ClientError):
        sts.assume_role(RoleArn=closed["Role"]["Arn"], **session)
    sts.get_caller_identity()


def _s3(cloud: Cloud) -> None:
    s3 = cloud.boto3_client("s3", principal=USER)
    bucket = {"Bucket": "a-bucket"}
    s3.create_bucket(**bucket, ACL="private")
    for failing in (
        s3.get_bucket_policy,
        s3.get_bucket_policy_status,
        s3.get_bucket_lifecycle_configuration,
    ):
        with suppress(ClientError):
            failing(**bucket)
    s3.put_bucket_policy(**bucket, Policy=_bucket_policy("a-bucket"))
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "*"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": [rule]})
    for reading in (
        s3.get_bucket_acl, s3.get_bucket_encryption, s3.get_bucket_location, s3.get_bucket_policy,
        s3.get_bucket_policy_status, s3.get_bucket_versioning,
    ):  # fmt: skip
        reading(**bucket)
    s3.list_buckets()


def _cloudtrail(cloud: Cloud) -> None:
    trails = cloud.boto3_client("cloudtrail", principal=USER)
    made = trails.create_trail(
        Name="a-trail", S3BucketName="a-bucket", IncludeGlobalServiceEvents=True, TagsList=TAGS
    )
    trails.start_logging(Name="a-trail")
    trails.describe_trails(trailNameList=["a-trail"])
    trails.get_event_selectors(TrailName="a-trail")
    trails.get_trail_status(Name="a-trail")
    trails.list_tags(ResourceIdList=[made["TrailARN"]])
    data = [{"Type": kind, "Values": []} for kind in ("AWS::S3::Object", "AWS::Lambda::Function")]
    selector = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": False}
    selector |= {"DataResources": data}
    trails.put_event_selectors(
        TrailName="a-trail", EventSelectors=[{**selector, "ExcludeManagementEventSources": []}]
    )
    for failing in (trails.stop_logging, trails.delete_trail):
        with suppress(ClientError):
            failing(Name="no-trail")


def _logs(cloud: Cloud) -> None:
    logs = cloud.boto3_client("logs", principal=USER)
    logs.create_log_group(logGroupName="/group", tags={"StratusRedTeam": "true"})
    logs.describe_log_groups(logGroupNamePrefix="/group")


def _kms(cloud: Cloud) -> None:
    """As Systems Manager and Secrets Manager call for a user."""
    context = {"PARAMETER_ARN": f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/p"}
    user = cloud.principal(USER).principal
    for service, by in (("ssm", AWS_INTERNAL), ("secretsmanager", "secretsmanager.amazonaws.com")):
        caller = changed(user, via_service=service, invoked_by=by)

        def ask(action: str, parameters: dict[str, Any], caller: Any = caller, by: str = by) -> Any:
            call = ApiCall(
                service="kms", region="us-east-1", action=action, parameters=parameters,
                principal=caller, source_ip=by, user_agent=by,
            )  # fmt: skip
            return cloud.world.ask("us-east-1/router", call).body

        key = {"KeyId": f"alias/aws/{service}", "EncryptionContext": context}
        if service == "ssm":
            blob = ask(
                "Encrypt", {**key, "Plaintext": b"x", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
            )
        else:
            blob = ask("GenerateDataKey", {**key, "KeySpec": "AES_256"})
        sealed = {"CiphertextBlob": blob["CiphertextBlob"], "EncryptionContext": context}
        ask("Decrypt", {**sealed, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"})


def make_all(cloud: Cloud) -> list[dict[str, Any]]:
    """Make the calls, and return their records."""
    for part in (_iam, _s3, _cloudtrail, _logs, _kms):
        part(cloud)
    return cloud.audit().events
