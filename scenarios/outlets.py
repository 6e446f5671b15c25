"""Where a scenario's trail delivers beside its bucket, in worlds with services: made and read.

The trail over all regions gets a topic, a log group and a KMS key in its home region, and every
region a rule on its bus that sends all events of CloudTrail to a log group. It leaves out what
CloudTrail itself does, so that quiet time stays quiet.
What does not belong here: what should be there (invariants/sinks_complete.py).
Source: policies: CloudTrail User Guide, "Amazon SNS topic policy for CloudTrail", "Role policy
document for CloudTrail to use CloudWatch Logs", "Configure AWS KMS key policies for CloudTrail".
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from regions.bucket import ObjectDamaged
from regions.calls import ApiCall, Principal
from regions.names import partition, place_of
from regions.s3.errors import StoreFailure
from regions.sns.messages import Deliver
from regions.topology import (
    LAUNCH_REGION,
    build_identity,
    build_services,
    home_of_global_services,
    launch_services,
)
from scenarios.postman import INBOX, Postman
from sim.units import seconds

if TYPE_CHECKING:
    from scenarios.arena import Arena

_NAME: Final = "trail"
#: The log group of the trail, in its home region.
TRAIL_GROUP: Final = _NAME
#: Where links in messages of SNS lead; nobody follows them here.
_LINKS: Final = "http://127.0.0.1"
_ROLE: Final = "CloudTrail_CloudWatchLogs_Role"
#: The log group in each region that gets all events of CloudTrail, and the rule that sends them.
BUS_GROUP: Final = "/events/cloudtrail"
_RULE: Final = "everything"
_CLOUDTRAIL: Final = {"Service": "cloudtrail.amazonaws.com"}
_EVENTS: Final = {"Service": "events.amazonaws.com"}
_ALL: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def _policy(*statements: dict[str, Any]) -> str:
    whole = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


@dataclass(slots=True)
class Outlets:
    """What one trail delivers to, and what was found there."""

    home: str
    account: str
    topic: str  #: ARN
    group: str  #: name
    key: str  #: ARN
    ruled: tuple[str, ...]  #: regions with the rule: a region that is launched later has none
    logged: list[dict[str, Any]] = field(default_factory=list)  #: records in the log group
    bused: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  #: by region


def start_services(arena: "Arena") -> list[Deliver]:
    """Start IAM, STS, SNS, CloudWatch Logs and EventBridge; return what the inbox will hold."""
    inbox: list[Deliver] = []
    world, topology = arena.world, arena.topology
    build_identity(world, topology)
    couriers = {
        region: world.start(Postman, inbox, name=f"{region}/courier")
        for region in topology.regions
    }
    build_services(world, topology, couriers, _LINKS)
    start_region, grown = world.orders[LAUNCH_REGION], [topology]

    def launch(region: str, azs: tuple[str, ...] = ()) -> None:
        """Start one more region with all its services: what the fault launch-region does."""
        start_region(region, azs)
        places = (place_of(az) for az in arena.deployment.azs[region])
        found = tuple(place.partition("/")[2] for place in places)
        grown[0] = replace(grown[0], regions={**grown[0].regions, region: found})
        courier = world.start(Postman, inbox, name=f"{region}/courier")
        launch_services(world, grown[0], region, courier, _LINKS)

    world.orders[LAUNCH_REGION] = launch
    return inbox


def make(arena: "Arena", home: str, admin: Principal) -> tuple[Outlets, dict[str, Any]]:
    """Make everything; return it, and the parameters that CreateTrail needs beside the others."""
    account, arn = admin.account, f"arn:{partition(home)}"

    def call(service: str, action: str, region: str = home, **given: Any) -> dict[str, Any]:
        return arena.api(region, action, given, admin, service=service)

    topic = call("sns", "CreateTopic", Name=_NAME)["TopicArn"]
    allow = {"Principal": _CLOUDTRAIL, "Action": "SNS:Publish", "Resource": topic}
    given = {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": _policy(allow)}
    call("sns", "SetTopicAttributes", **given)
    call("sns", "Subscribe", TopicArn=topic, Protocol="http", Endpoint=INBOX)
    call("logs", "CreateLogGroup", logGroupName=_NAME)
    role = _make_role(arena, admin)
    key = call("kms", "CreateKey", Policy=_key_policy(arn, account))["KeyMetadata"]["Arn"]
    arena.world.run_for(seconds(2))
    for region in arena.regions:
        _make_rule(arena, region, admin)
    outlets = Outlets(
        home=home, account=account, topic=topic, group=_NAME, key=key, ruled=arena.regions
    )
    return outlets, {
        "SnsTopicName": topic,
        "CloudWatchLogsLogGroupArn": f"{arn}:logs:{home}:{account}:log-group:{_NAME}:*",
        "CloudWatchLogsRoleArn": role,
        "KmsKeyId": key,
        "RecursiveLogging": False,
    }


def _make_role(arena: "Arena", admin: Principal) -> str:
    """Make the role that CloudTrail writes to the log group as; return its ARN."""
    home = home_of_global_services(arena.topology)

    def iam(action: str, **given: Any) -> dict[str, Any]:
        return arena.api(home, action, given, admin, service="iam", to=f"{home}/iam")

    trust = _policy({"Principal": _CLOUDTRAIL, "Action": "sts:AssumeRole"})
    made = iam("CreateRole", RoleName=_ROLE, AssumeRolePolicyDocument=trust)
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    writes = _policy({"Action": actions, "Resource": "*"})
    iam("PutRolePolicy", RoleName=_ROLE, PolicyName="write", PolicyDocument=writes)
    arn: str = made["Role"]["Arn"]
    return arn


def _key_policy(arn: str, account: str) -> str:
    context = "kms:EncryptionContext:aws:cloudtrail:arn"
    like = {"StringLike": {context: f"{arn}:cloudtrail:*:{account}:trail/*"}}
    owner = {"AWS": f"{arn}:iam::{account}:root"}
    return _policy(
        {"Principal": owner, "Action": "kms:*", "Resource": "*"},
        {"Principal": _CLOUDTRAIL, "Action": "kms:DescribeKey", "Resource": "*"},
        {
            "Principal": _CLOUDTRAIL,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": like,
        },
    )


def _make_rule(arena: "Arena", region: str, admin: Principal) -> None:
    def call(service: str, action: str, **given: Any) -> None:
        arena.api(region, action, given, admin, service=service)

    call("logs", "CreateLogGroup", logGroupName=BUS_GROUP)
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    document = _policy({"Principal": _EVENTS, "Action": actions, "Resource": "*"})
    call("logs", "PutResourcePolicy", policyName="events", policyDocument=document)
    pattern = json.dumps({"detail-type": [{"suffix": "via CloudTrail"}]})
    call("events", "PutRule", Name=_RULE, EventPattern=pattern, State=_ALL)
    arn = f"arn:{partition(region)}:logs:{region}:{admin.account}:log-group:{BUS_GROUP}"
    call("events", "PutTargets", Rule=_RULE, Targets=({"Id": "group", "Arn": arn},))


# What came of it; nobody's history tells of these calls, which are made when all is over.


def _ask(
    arena: "Arena", region: str, service: str, action: str, given: dict[str, Any], account: str
) -> dict[str, Any]:
    call = ApiCall(
        service=service,
        region=region,
        action=action,
        parameters=given,
        principal=arena.administrator(account),
        source_ip="203.0.113.5",
        user_agent="checker",
    )
    body: dict[str, Any] = arena.world.ask(f"{region}/{service}", call).body
    return body


def _messages(arena: "Arena", region: str, group: str, account: str) -> Iterator[Any]:
    given: dict[str, Any] = {"logGroupName": group}
    while True:
        page = _ask(arena, region, "logs", "FilterLogEvents", given, account)
        for event in page["events"]:
            yield json.loads(event["message"])
        if "nextToken" not in page:
            return
        given["nextToken"] = page["nextToken"]


def collect(arena: "Arena", outlets: Outlets) -> None:
    """Read the log groups."""
    outlets.logged = list(_messages(arena, outlets.home, outlets.group, outlets.account))
    for region in outlets.ruled:
        events = _messages(arena, region, BUS_GROUP, outlets.account)
        outlets.bused[region] = [event["detail"] for event in events]


def files_told(inbox: list[Deliver], bucket: str, topic: str = "") -> list[str]:
    """Return the keys in a bucket that notifications have named, each as often as it was named.

    Args:
      topic: ARN; "": to whatever topic.
    """
    keys: list[str] = []
    for one in inbox:
        body = json.loads(one.body)
        if topic in ("", body.get("TopicArn")) and body["Message"].startswith("{"):
            message = json.loads(body["Message"])
            keys += message["s3ObjectKey"] if message["s3Bucket"] == bucket else ()
    return keys


def read_file(
    arena: "Arena", region: str, bucket: str, account: str, key: str
) -> tuple[bytes, dict[str, str]]:
    """Return a file and its metadata through the S3 API, which opens what is under a KMS key.

    Raises:
      ObjectDamaged: it is damaged beyond repair.
      Refusal: the service refuses.
    """
    given = {"Bucket": bucket, "Key": key}
    try:
        found = _ask(arena, region, "s3", "GetObject", given, account)
        return gzip.decompress(found["Body"]), found["Metadata"]
    except (StoreFailure, OSError, EOFError) as error:
        raise ObjectDamaged(f"object {key!r} of {bucket!r} is damaged") from error
