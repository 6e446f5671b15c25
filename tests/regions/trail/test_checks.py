"""What is asked of buckets, topics, keys and log groups before a trail gets them.

One world of two regions with every service serves the whole file; each test has names of its own.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from regional import CODEC

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import (
    CloudWatchLogsDeliveryUnavailableException,
    InsufficientEncryptionPolicyException,
    InsufficientSnsTopicPolicyException,
    InvalidCloudWatchLogsLogGroupArnException,
    InvalidCloudWatchLogsRoleArnException,
    InvalidKmsKeyIdException,
    KmsException,
    KmsKeyDisabledException,
    KmsKeyNotFoundException,
    ServiceError,
    UnsupportedOperationException,
)
from regions.latency import latency
from regions.topology import Topology, build, build_identity, build_services, default_azs
from scenarios.arena import Arena
from sim.units import seconds
from sim.world import SimWorld

ACCOUNT = "111122223333"
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
EAST, WEST = "us-east-1", "eu-west-1"
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
Call = Callable[..., dict[str, Any]]


class Land:
    """A booted world with every service, called as the root of one account."""

    def __init__(self, world: SimWorld) -> None:
        topology = Topology(regions={r: default_azs(r) for r in (EAST, WEST)}, services=True)
        self.world = world
        self.arena = Arena(world, build(world, topology))
        self.endpoints = build_identity(world, topology)
        self.endpoints |= build_services(world, topology, {}, "")
        self.arena.boot()

    def call(self, service: str, action: str, region: str = EAST, **given: Any) -> dict[str, Any]:
        places = {"kms": f"{region}/front", "cloudtrail": f"{region}/trail", "iam": f"{EAST}/iam"}
        asked = ApiCall(
            service=service, region=region, action=action, parameters=given, principal=ROOT,
            source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        actor = places.get(service, f"{region}/{service}")
        answer: ApiAnswer = self.world.ask(actor, asked)
        return answer.body

    def trail(self, action: str, **given: Any) -> dict[str, Any]:
        return self.call("cloudtrail", action, **given)

    def bucket(self, name: str, region: str = EAST) -> str:
        where = (
            {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": WEST}}
        )
        self.call("s3", "CreateBucket", region, Bucket=name, **where)
        entries = [
            {"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": action, "Resource": resource}
            for action, resource in (
                ("s3:GetBucketAcl", f"arn:aws:s3:::{name}"),
                ("s3:PutObject", f"arn:aws:s3:::{name}/*"),
            )
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": entries})
        self.call("s3", "PutBucketPolicy", region, Bucket=name, Policy=policy)
        return name

    def key(self, region: str = EAST, *, admits: bool = True, **more: Any) -> str:
        owner = {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT.arn},
            "Action": "kms:*",
            "Resource": "*",
        }
        service = {
            "Effect": "Allow", "Principal": CLOUDTRAIL, "Resource": "*",
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
        }  # fmt: skip
        entries = [owner, *([service] if admits else [])]
        policy = json.dumps({"Version": "2012-10-17", "Statement": entries})
        arn: str = self.call("kms", "CreateKey", region, Policy=policy, **more)["KeyMetadata"][
            "Arn"
        ]
        self.world.run_for(seconds(2))
        return arn


@pytest.fixture(scope="module")
def land() -> Iterator[Land]:
    with SimWorld(seed=5, codec=CODEC, latency=latency) as world:
        yield Land(world)


def refused(error: type[ServiceError], call: Call, action: str, **given: Any) -> str:
    with pytest.raises(error) as caught:
        call(action, **given)
    return caught.value.message


def gone(land: Land, name: str) -> None:
    land.trail("DeleteTrail", Name=name)
    land.world.run_for(seconds(1))


def test_a_topic_must_be_there_and_let_cloudtrail_publish(land: Land) -> None:
    bucket = land.bucket("of-topics")
    wanted = {"Name": "news", "S3BucketName": bucket, "SnsTopicName": "deliveries"}
    text = "SNS Topic does not exist or the topic policy is incorrect!"
    error = InsufficientSnsTopicPolicyException
    assert refused(error, land.trail, "CreateTrail", **wanted) == text
    arn = land.call("sns", "CreateTopic", Name="deliveries")["TopicArn"]
    assert refused(error, land.trail, "CreateTrail", **wanted) == text
    entry = {
        "Effect": "Allow", "Principal": CLOUDTRAIL, "Action": "SNS:Publish", "Resource": arn,
        "Condition": {"StringEquals": {
            "aws:SourceArn": f"arn:aws:cloudtrail:{EAST}:{ACCOUNT}:trail/news",
        }},
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [entry]})
    land.call(
        "sns", "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy
    )
    other = refused(error, land.trail, "CreateTrail", **{**wanted, "Name": "other"})
    assert other == text
    made = land.trail("CreateTrail", **wanted)
    assert (made["SnsTopicName"], made["SnsTopicARN"]) == ("deliveries", arn)
    changed = land.trail("UpdateTrail", Name="news", SnsTopicName="")
    assert "SnsTopicARN" not in changed
    again = land.trail("UpdateTrail", Name="news", SnsTopicName=arn)
    assert again["SnsTopicARN"] == arn
    gone(land, "news")


def test_a_key_must_let_cloudtrail_encrypt(land: Land) -> None:
    bucket, key, closed = land.bucket("of-keys"), land.key(), land.key(admits=False)
    wanted = {"Name": "sealed", "S3BucketName": bucket}
    assert refused(
        InsufficientEncryptionPolicyException, land.trail, "CreateTrail", **wanted, KmsKeyId=closed
    ) == (f"Insufficient permissions to access S3 bucket of-keys or KMS key {closed}.")
    made = land.trail("CreateTrail", **wanted, KmsKeyId=key.rpartition("/")[2])
    assert made["KmsKeyId"] == key
    assert "KmsKeyId" not in land.trail("UpdateTrail", Name="sealed", KmsKeyId="")
    gone(land, "sealed")


def test_a_key_must_be_there_and_enabled_and_symmetric(land: Land) -> None:
    bucket, key = land.bucket("of-states"), land.key()
    wanted = {"Name": "states", "S3BucketName": bucket}
    land.call("kms", "DisableKey", KeyId=key)
    land.world.run_for(seconds(2))
    create = "CreateTrail"
    assert (
        refused(KmsKeyDisabledException, land.trail, create, **wanted, KmsKeyId=key)
        == f"KMS key {key} is disabled."
    )
    missing = key[:-12] + "000000000000"
    where = "us-east-1, the Region of the S3 bucket of-states."
    assert (
        refused(KmsKeyNotFoundException, land.trail, create, **wanted, KmsKeyId=missing)
        == f"KMS key {missing} does not exist in {where}"
    )
    alias = "alias/nobody"
    assert (
        refused(KmsKeyNotFoundException, land.trail, create, **wanted, KmsKeyId=alias)
        == f"KMS key {alias} does not exist in {where}"
    )
    pair = land.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    assert (
        refused(KmsException, land.trail, create, **wanted, KmsKeyId=pair)
        == f"KMS key {pair} cannot encrypt log files: InvalidKeyUsageException"
    )
    assert refused(InvalidKmsKeyIdException, land.trail, create, **wanted, KmsKeyId="my key") == (
        "KMS key my key is not valid: it must be a key ID, a key ARN, an alias name or an alias "
        "ARN."
    )


def test_a_key_must_be_in_the_region_of_the_bucket(land: Land) -> None:
    near, far, key = land.bucket("near-logs"), land.bucket("far-logs", WEST), land.key(WEST)
    wanted = {"Name": "afar", "KmsKeyId": key}
    text = f"KMS key {key} is not in us-east-1, the Region of the S3 bucket near-logs."
    error = KmsKeyNotFoundException
    assert refused(error, land.trail, "CreateTrail", **wanted, S3BucketName=near) == text
    made = land.trail("CreateTrail", **wanted, S3BucketName=far)
    assert made["KmsKeyId"] == key
    # The key stays as it is when a trail moves to another bucket, and must fit that too.
    assert refused(error, land.trail, "UpdateTrail", Name="afar", S3BucketName=near) == text
    gone(land, "afar")


def test_a_log_group_needs_a_role_that_trusts_cloudtrail_and_may_write(land: Land) -> None:
    bucket = land.bucket("of-groups")
    role = f"arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role"
    group = f"arn:aws:logs:{EAST}:{ACCOUNT}:log-group:audit:*"
    wanted = {
        "Name": "logged", "S3BucketName": bucket,
        "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role,
    }  # fmt: skip
    no_trust = "Access denied. Check the trust relationships for your role."
    of_role = InvalidCloudWatchLogsRoleArnException
    of_group = InvalidCloudWatchLogsLogGroupArnException
    assert refused(of_role, land.trail, "CreateTrail", **wanted) == no_trust
    entry = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT.arn}}
    name = role.rpartition("/")[2]
    land.call(
        "iam", "CreateRole", RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [entry]}),
    )  # fmt: skip
    assert refused(of_role, land.trail, "CreateTrail", **wanted) == no_trust
    entry["Principal"] = CLOUDTRAIL
    land.call(
        "iam", "UpdateAssumeRolePolicy", RoleName=name,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [entry]}),
    )  # fmt: skip
    denied = "Access denied. Check the permissions for your role."
    assert refused(of_group, land.trail, "CreateTrail", **wanted) == denied
    entry = {"Effect": "Allow", "Action": "logs:*", "Resource": group}
    land.call(
        "iam", "PutRolePolicy", RoleName=name, PolicyName="logs",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [entry]}),
    )  # fmt: skip
    unknown = "Check the log group ARN: CloudTrail can't validate it."
    assert refused(of_group, land.trail, "CreateTrail", **wanted) == unknown
    land.call("logs", "CreateLogGroup", logGroupName="audit")
    made = land.trail("CreateTrail", **wanted)
    assert (made["CloudWatchLogsLogGroupArn"], made["CloudWatchLogsRoleArn"]) == (group, role)
    (stream,) = land.call("logs", "DescribeLogStreams", logGroupName="audit")["logStreams"]
    assert stream["logStreamName"] == f"{ACCOUNT}_CloudTrail_{EAST}"
    off = {"CloudWatchLogsLogGroupArn": "", "CloudWatchLogsRoleArn": ""}
    assert "CloudWatchLogsRoleArn" not in land.trail("UpdateTrail", Name="logged", **off)
    gone(land, "logged")


def test_what_a_world_lacks_is_named(made: Any) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        country = made.Country(world, [EAST]).build()
        country.bucket("logs")

        def create(action: str, **given: Any) -> dict[str, Any]:
            answer: dict[str, Any] = country.call(EAST, action, **given)
            return answer

        wanted = {"Name": "audit", "S3BucketName": "logs"}
        key = "1234abcd-12ab-34cd-56ef-1234567890ab"
        error = UnsupportedOperationException
        assert refused(error, create, "CreateTrail", **wanted, KmsKeyId=key) == (
            "KmsKeyId cannot be set: this world has no KMS in us-east-1"
        )
        assert refused(error, create, "CreateTrail", **wanted, SnsTopicName="news") == (
            "SnsTopicName cannot be set: this world has no SNS in us-east-1"
        )
        assert refused(
            CloudWatchLogsDeliveryUnavailableException, create, "CreateTrail", **wanted,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:{EAST}:{made.ACCOUNT}:log-group:audit:*",
            CloudWatchLogsRoleArn=f"arn:aws:iam::{made.ACCOUNT}:role/logs",
        ) == (
            "Cannot set a CloudWatch Logs delivery for this Region: this world has no CloudWatch "
            "Logs."
        )  # fmt: skip
        assert create("DescribeTrails") == {"trailList": ()}
