"""Regions with all services and a trail that delivers to all of them, on virtual time."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from regional import CODEC, REGION

from regions.bucket import CreateBucket
from regions.calls import ApiCall, Principal
from regions.latency import latency
from regions.sns.messages import Deliver, Delivered, DeliveryFailed
from regions.topology import Topology, build, build_identity, build_services, default_azs
from regions.trail.checks import VALIDATION_MESSAGE
from regions.trail.messages import ReadHistory
from scenarios.arena import Arena
from sim.actor import Actor, Request
from sim.world import SimWorld

ACCOUNT = "111122223333"
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role"
WEST = "eu-west-1"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Mailman(Actor):
    """Keeps what it was asked to carry; refuses while told so."""

    kind = "courier"
    workers: ClassVar[int] = 4

    def __init__(self, config: list[Deliver]) -> None:
        super().__init__(config)
        self.refuses = False

    async def serve(self, request: Request) -> None:
        if self.refuses:
            request.refuse(DeliveryFailed("no"))
            return
        self.config.append(request.body)
        request.reply(Delivered(status=200))


class Outlets:
    """A world of services; every call is made by the account's root."""

    def __init__(self, world: SimWorld, topology: Topology) -> None:
        self.world = world
        self.mail: list[Deliver] = []
        self.arena = Arena(world, build(world, topology), topology)
        build_identity(world, topology)
        couriers = {
            region: world.start(Mailman, self.mail, name=f"{region}/courier")
            for region in topology.regions
        }
        build_services(world, topology, couriers, "http://127.0.0.1:4599")

    def call(self, service: str, action: str, region: str = REGION, **parameters: Any) -> Any:
        call = ApiCall(
            service=service, region=region, action=action, parameters=parameters,
            principal=ROOT, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        return self.world.ask(f"{region}/router", call).body

    def iam(self, action: str, **parameters: Any) -> Any:
        call = ApiCall(
            service="iam", region="us-east-1", action=action, parameters=parameters,
            principal=ROOT, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        return self.world.ask(f"{self.arena.regions[0]}/iam", call).body

    # What a trail needs.

    def bucket(self, name: str = "logs", region: str = REGION) -> str:
        self.world.ask(f"{region}/bucket", CreateBucket(bucket=name, owner=ACCOUNT))
        return name

    def topic(self, name: str = "news", region: str = REGION, *, heard: bool = True) -> str:
        arn: str = self.call("sns", "CreateTopic", region, Name=name)["TopicArn"]
        self.let_publish(arn, "cloudtrail.amazonaws.com", "events.amazonaws.com")
        if heard:
            endpoint = f"file:///tmp/{name}.jsonl"
            self.call("sns", "Subscribe", region, TopicArn=arn, Protocol="http", Endpoint=endpoint)
        return arn

    def let_publish(self, topic: str, *services: str) -> None:
        text = policy({
            "Effect": "Allow", "Principal": {"Service": list(services) or ["none.amazonaws.com"]},
            "Action": "SNS:Publish", "Resource": topic,
        })  # fmt: skip
        region = topic.split(":")[3]
        given = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text}
        self.call("sns", "SetTopicAttributes", region, **given)

    def group(self, name: str = "trail", region: str = REGION) -> str:
        self.call("logs", "CreateLogGroup", region, logGroupName=name)
        return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}:*"

    def role(self, *actions: str) -> str:
        trust = policy({"Effect": "Allow", "Principal": CLOUDTRAIL, "Action": "sts:AssumeRole"})
        name = ROLE.rpartition("/")[2]
        self.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=trust)
        self.let_write(*(actions or ("logs:CreateLogStream", "logs:PutLogEvents")))
        return ROLE

    def let_write(self, *actions: str) -> None:
        text = policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
        name = ROLE.rpartition("/")[2]
        self.iam("PutRolePolicy", RoleName=name, PolicyName="write", PolicyDocument=text)

    def trail(self, *, region: str = REGION, bucket: str = "logs", **more: Any) -> str:
        """Make a trail over all regions that logs; return its ARN."""
        given = {"Name": "main", "S3BucketName": bucket, "IsMultiRegionTrail": True, **more}
        arn: str = self.call("cloudtrail", "CreateTrail", region, **given)["TrailARN"]
        self.call("cloudtrail", "StartLogging", region, Name="main")
        return arn

    def amend(self, arn: str, region: str = REGION, **more: Any) -> None:
        self.call("cloudtrail", "UpdateTrail", region, Name=arn, **more)

    # What came of it.

    def status(self, region: str = REGION, arn: str = "main") -> Any:
        return self.call("cloudtrail", "GetTrailStatus", region, Name=arn)

    def files(self, bucket: str = "logs", region: str = REGION) -> list[str]:
        listed = self.call("s3", "ListObjectsV2", region, Bucket=bucket)
        return [entry["Key"] for entry in listed.get("Contents", ())]

    def in_bucket(self, bucket: str = "logs", region: str = REGION) -> dict[str, str]:
        """Return eventID -> eventName of everything that was delivered."""
        found = {}
        for key in self.files(bucket, region):
            body = self.call("s3", "GetObject", region, Bucket=bucket, Key=key)["Body"]
            for event in json.loads(gunzip(body))["Records"]:
                found[event["eventID"]] = event["eventName"]
        return found

    def in_group(self, name: str = "trail", region: str = REGION) -> dict[str, str]:
        found = {}
        page = self.call("logs", "FilterLogEvents", region, logGroupName=name)
        for event in page["events"]:
            record = json.loads(event["message"])
            found[record["eventID"]] = record["eventName"]
        return found

    def recorded(self, region: str = REGION, *names: str) -> list[Any]:
        records = self.world.ask(f"{region}/trail", ReadHistory()).records
        return [record for record in records if not names or record.name in names]

    def told(self) -> list[Any]:
        """Return the messages that endpoints got, without their envelopes."""
        texts = [json.loads(one.body)["Message"] for one in self.mail]
        return [json.loads(text) for text in texts if text != VALIDATION_MESSAGE]


def gunzip(body: bytes) -> bytes:
    return gzip.decompress(body)


@contextmanager
def outlets(*regions: str, seed: int = 7, boot: bool = False) -> Iterator[Outlets]:
    """Yield regions with all services; those that need KMS are booted."""
    names = regions or (REGION,)
    topology = Topology(regions={name: default_azs(name) for name in names}, services=True)
    with SimWorld(seed=seed, codec=CODEC, latency=latency) as world:
        made = Outlets(world, topology)
        if boot:
            made.arena.boot()
        yield made
