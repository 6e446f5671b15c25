"""What others are asked before a trail gets new settings: buckets, topics, keys and log groups.

CloudTrail tries what it will have to do: it looks at the bucket and its policy, publishes a
message to the topic, lets KMS tell whether a data key could be had, and makes its log stream as the
role that it was given.
What does not belong here: what can be told without asking (settings_rules.py).
Source: CloudTrail API Reference, CreateTrail and UpdateTrail, "Errors"; the message to a topic and
the texts on buckets, topics, roles and permissions are the service's, the others are ours.
Not modelled: requester pays, since no bucket of this simulator has it.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.bucket import BucketReady, HeadBucket
from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import (
    AccessDeniedException,
    CloudWatchLogsDeliveryUnavailableException,
    DisabledException,
    DryRunOperationException,
    InsufficientEncryptionPolicyException,
    InsufficientS3BucketPolicyException,
    InsufficientSnsTopicPolicyException,
    InvalidCloudWatchLogsLogGroupArnException,
    InvalidCloudWatchLogsRoleArnException,
    KmsException,
    KmsKeyDisabledException,
    KmsKeyNotFoundException,
    NotFoundException,
    S3BucketDoesNotExistException,
    ServiceError,
    UnsupportedOperationException,
)
from regions.iam.messages import FindPrincipal, FindRole, FoundPrincipal, FoundRole
from regions.names import partition
from regions.policy.document import compile_trust_policy
from regions.policy.evaluate import TRUST_POLICY, Access, refusal
from regions.policy.request import request_context
from regions.s3.messages import CheckDelivery, DeliveryForbidden
from regions.trail.messages import RegionJoined
from regions.trail.operation import Places
from regions.trail.own_calls import cloudtrail, in_session, own_call
from regions.trail.settings_rules import key_region, log_group_name
from regions.trail.sink import NO_ANSWER, Host
from regions.trail.trails import TrailSettings
from sim.units import seconds
from sim.wire import Message

#: Whoever does not answer in this time is taken for absent; chosen.
TIMEOUT_NS: Final = seconds(10)
#: What every topic of a trail gets once. Source: users' reports.
VALIDATION_MESSAGE: Final = "CloudTrail validation message."
#: As CloudTrail names its sessions; chosen.
SESSION_NAME: Final = "CLOUDTRAIL"

_NO_ROLE: Final = "Access denied. Check the trust relationships for your role."
_NO_GROUP: Final = "Access denied. Check the permissions for your role."


def stream_name(settings: TrailSettings) -> str:
    """Return the log stream of a trail. Source: User Guide, "Log stream naming"."""
    return f"{settings.account}_CloudTrail_{settings.home_region}"


class Checks:
    """Asks on behalf of one region's Trail actor.

    Args:
      host: the Trail actor.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    async def places(
        self,
        wanted: TrailSettings,
        before: TrailSettings | None,
        named: Mapping[str, Any],
    ) -> Places:
        """Return what is found out about the places that wanted settings name.

        Args:
          wanted: the settings, as the operation proposes them.
          before: the settings that they replace; None of a new trail.
          named: the call's parameters; what it names is checked even if it stays the same.

        Raises:
          ServiceError: a place is not there, or does not let CloudTrail in.
        """
        site = ""
        if before is None or {"S3BucketName", "S3KeyPrefix"} & named.keys():
            site = await self._bucket(wanted)
        if wanted.sns_topic_arn and "SnsTopicName" in named:
            await self._topic(wanted)
        key = ""
        if wanted.kms_key_id and {"KmsKeyId", "S3BucketName"} & named.keys():
            key = await self._key(wanted, site or wanted.bucket_site)
        if wanted.log_group_arn and (
            {"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"} & named.keys()
        ):
            await self._logs(wanted)
        return Places(bucket_site=site, kms_key_id=key)

    def _regions(self) -> list[RegionJoined]:
        """Return all regions, the own one first."""
        archive = self._host.archive
        others = [archive.regions[r] for r in sorted(archive.regions) if r != archive.region]
        return [archive.regions[archive.region], *others]

    def _service(self, service: str, region: str) -> str:
        """Return who serves a service in a region; "" if nobody does in this world."""
        return self._host.service(service, region)

    async def _call(self, actor: str, call: ApiCall) -> dict[str, Any]:
        answer: ApiAnswer = await self._host.ask(actor, call, timeout_ns=TIMEOUT_NS)
        return answer.body

    # The bucket.

    async def _bucket(self, wanted: TrailSettings) -> str:
        """Return who holds the bucket, which lets CloudTrail in."""
        question: HeadBucket | CheckDelivery = HeadBucket(bucket=wanted.bucket)
        if self._host.asks_policy:
            question = CheckDelivery(
                bucket=wanted.bucket,
                prefix=wanted.prefix,
                account=wanted.account,
                trail=wanted.arn,
            )
        for region in self._regions():
            try:
                answer: Message = await self._host.ask(
                    region.bucket, question, timeout_ns=TIMEOUT_NS
                )
            except DeliveryForbidden as error:
                raise InsufficientS3BucketPolicyException(
                    f"Incorrect S3 bucket policy is detected for bucket: {wanted.bucket}"
                ) from error
            except NO_ANSWER:
                continue
            if isinstance(answer, BucketReady):
                return region.bucket
        raise S3BucketDoesNotExistException(f"S3 bucket {wanted.bucket} does not exist!")

    # The topic.

    async def _topic(self, wanted: TrailSettings) -> None:
        region = wanted.sns_topic_arn.split(":")[3]
        actor = self._service("sns", region)
        if not actor:
            raise UnsupportedOperationException(
                f"SnsTopicName cannot be set: this world has no SNS in {region}"
            )
        parameters = {"TopicArn": wanted.sns_topic_arn, "Message": VALIDATION_MESSAGE}
        who = cloudtrail(wanted.account, wanted.arn)
        try:
            await self._call(actor, own_call("sns", region, "Publish", parameters, who))
        except NO_ANSWER as error:
            raise InsufficientSnsTopicPolicyException(
                "SNS Topic does not exist or the topic policy is incorrect!"
            ) from error

    # The key.

    async def _key(self, wanted: TrailSettings, site: str) -> str:
        """Return the ARN of the key, in the bucket's region, that CloudTrail may encrypt with."""
        key, bucket = wanted.kms_key_id, wanted.bucket
        region = next((r.region for r in self._regions() if r.bucket == site), "")
        named = key_region(key)
        if named and named != region:
            raise KmsKeyNotFoundException(
                f"KMS key {key} is not in {region}, the Region of the S3 bucket {bucket}."
            )
        actor = self._service("kms", region)
        if not actor:
            raise UnsupportedOperationException(
                f"KmsKeyId cannot be set: this world has no KMS in {region}"
            )
        if not self._host.asks_policy:
            raise UnsupportedOperationException(
                "KmsKeyId cannot be set: the buckets of this world keep no encrypted objects;"
                " a topology with services = true has those that do"
            )
        who = cloudtrail(wanted.account, wanted.arn)
        described = own_call("kms", region, "DescribeKey", {"KeyId": key}, who)
        try:
            arn: str = (await self._call(actor, described))["KeyMetadata"]["Arn"]
            try:
                await self._call(actor, _data_key(wanted, region, arn, who))
            except DryRunOperationException:
                return arn
        except NotFoundException as error:
            raise KmsKeyNotFoundException(
                f"KMS key {key} does not exist in {region}, the Region of the S3 bucket {bucket}."
            ) from error
        except AccessDeniedException as error:
            raise InsufficientEncryptionPolicyException(
                f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key}."
            ) from error
        except DisabledException as error:
            raise KmsKeyDisabledException(f"KMS key {key} is disabled.") from error
        except NO_ANSWER as error:
            code = error.code if isinstance(error, ServiceError) else type(error).__name__
            raise KmsException(f"KMS key {key} cannot encrypt log files: {code}") from error
        raise AssertionError("a dry run never succeeds")

    # The log group.

    async def _logs(self, wanted: TrailSettings) -> None:
        host, region = self._host, wanted.home_region
        logs, iam = self._service("logs", region), self._service("iam", region)
        if not logs or not iam:
            raise CloudWatchLogsDeliveryUnavailableException(
                "Cannot set a CloudWatch Logs delivery for this Region: this world has no "
                "CloudWatch Logs."
            )
        session = in_session(await self._assume(iam, wanted), host.calendar_ns)
        parameters = {
            "logGroupName": log_group_name(wanted.log_group_arn),
            "logStreamName": stream_name(wanted),
        }
        try:
            await self._call(logs, own_call("logs", region, "CreateLogStream", parameters, session))
        except ServiceError as error:
            if error.code == "ResourceAlreadyExistsException":
                return
            text = _NO_GROUP
            if error.code == "ResourceNotFoundException":
                text = "Check the log group ARN: CloudTrail can't validate it."
            raise InvalidCloudWatchLogsLogGroupArnException(text) from error
        except NO_ANSWER as error:
            raise CloudWatchLogsDeliveryUnavailableException(
                "CloudWatch Logs does not answer."
            ) from error

    async def _assume(self, iam: str, wanted: TrailSettings) -> Principal:
        """Return CloudTrail's session of the role, if the role trusts it."""
        host, arn = self._host, wanted.logs_role_arn
        try:
            role: FoundRole = await host.ask(iam, FindRole(arn=arn), timeout_ns=TIMEOUT_NS)
            name = f"assumed-role/{role.name}/{SESSION_NAME}"
            session = f"arn:{partition(wanted.home_region)}:sts::{role.account}:{name}"
            found: FoundPrincipal = await host.ask(
                iam, FindPrincipal(arn=session), timeout_ns=TIMEOUT_NS
            )
        except NO_ANSWER as error:
            raise InvalidCloudWatchLogsRoleArnException(_NO_ROLE) from error
        who = cloudtrail(wanted.account, wanted.arn)
        asks = own_call("sts", wanted.home_region, "AssumeRole", {"RoleArn": arn}, who)
        trust = compile_trust_policy(role.trust)

        def context() -> dict[str, str | tuple[str, ...]]:
            return request_context(asks, host.calendar_ns, resource_account=role.account)

        access = Access(who, "sts:AssumeRole", arn, role.account, trust, context, TRUST_POLICY)
        if refusal(access):
            raise InvalidCloudWatchLogsRoleArnException(_NO_ROLE)
        return found.principal


def _data_key(wanted: TrailSettings, region: str, arn: str, who: Principal) -> ApiCall:
    """Return the question whether a data key for log files could be had, as S3 would ask for one.

    Source: User Guide, "Configure AWS KMS key policies for CloudTrail": the encryption context.
    """
    prefix = f"{wanted.prefix}/" if wanted.prefix else ""
    objects = f"{wanted.bucket}/{prefix}AWSLogs/{wanted.account}/CloudTrail/*"
    parameters = {
        "KeyId": arn,
        "KeySpec": "AES_256",
        "EncryptionContext": {
            "aws:cloudtrail:arn": wanted.arn,
            "aws:s3:arn": f"arn:{partition(region)}:s3:::{objects}",
        },
        "DryRun": True,
    }
    return own_call("kms", region, "GenerateDataKey", parameters, who)
