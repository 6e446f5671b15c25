"""SNS, CloudWatch Logs and EventBridge in a simulated region: every action, by the models."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from regions.api.shapes import check_answer
from regions.calls import ApiCall, Principal
from regions.errors import UnsupportedOperationException
from regions.events.operations import OPERATIONS as EVENTS
from regions.frames import FRAMES
from regions.latency import latency
from regions.logs.messages import LogMetric, ReadMetrics
from regions.logs.operations import OPERATIONS as LOGS
from regions.sns.operations import OPERATIONS as SNS
from regions.topology import Topology, build, build_services, default_azs
from regions.trail.messages import ReadHistory
from sim.graph import undeclared_asks
from sim.units import seconds
from sim.wire import Codec
from sim.world import SimWorld

REGION, ACCOUNT = "us-east-1", "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g"
ALLOW_EVENTS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["sns:Publish", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*",
        },
    }
)  # fmt: skip
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")


def user(*actions: str) -> Principal:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    return Principal(
        kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/eve", user_name="eve",
        policies=(json.dumps(policy),) if actions else (),
    )  # fmt: skip


class Town:
    def __init__(self, world: SimWorld) -> None:
        self.world = world
        self.called: set[tuple[str, str]] = set()
        topology = Topology(regions={REGION: default_azs(REGION)})
        build(world, topology)
        self.endpoints = build_services(world, topology, {}, "http://127.0.0.1:4599")

    def call(self, service: str, action: str, who: Principal = ROOT, **parameters: Any) -> Any:
        self.called.add((service, action))
        call = ApiCall(
            service=service, region=REGION, action=action, parameters=parameters,
            principal=who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        body = self.world.ask(self.endpoints[service, REGION], call).body
        check_answer(service, action, body)
        return body

    @property
    def now_ms(self) -> int:
        return self.world.calendar_ns // 1_000_000


@pytest.fixture
def town() -> Iterator[Town]:
    with SimWorld(seed=7, codec=Codec(FRAMES), latency=latency) as world:
        yield Town(world)


def sns_story(town: Town) -> None:
    def sns(action: str, **parameters: Any) -> Any:
        return town.call("sns", action, **parameters)

    assert sns("CreateTopic", Name="news") == sns("CreateTopic", Name="news") == {"TopicArn": TOPIC}
    sns("SetTopicAttributes", TopicArn=TOPIC, AttributeName="Policy", AttributeValue=ALLOW_EVENTS)
    sns("SetTopicAttributes", TopicArn=TOPIC, AttributeName="DisplayName", AttributeValue="N")
    answer = sns("Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint="file:///tmp/n.jsonl")
    arn = answer["SubscriptionArn"]
    sns("SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName="RawMessageDelivery",
        AttributeValue="true")  # fmt: skip
    found = sns("GetSubscriptionAttributes", SubscriptionArn=arn)["Attributes"]
    assert found["RawMessageDelivery"] == "true"
    sns("Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint="http://127.0.0.1:9/")
    pending = next(
        one for one in sns("ListSubscriptionsByTopic", TopicArn=TOPIC)["Subscriptions"]
        if one["SubscriptionArn"] == "PendingConfirmation"
    )  # fmt: skip
    assert pending["Endpoint"] == "http://127.0.0.1:9/"
    actor = town.world.kernel.cells[f"{REGION}/sns"].actor
    token = max(one.token for one in actor.state.subscriptions.values())  # type: ignore[union-attr]
    sns("ConfirmSubscription", TopicArn=TOPIC, Token=token)
    sns("Publish", TopicArn=TOPIC, Message="m", Subject="s")
    found = sns("GetTopicAttributes", TopicArn=TOPIC)["Attributes"]
    assert (found["SubscriptionsConfirmed"], found["DisplayName"]) == ("2", "N")
    assert len(sns("ListSubscriptions")["Subscriptions"]) == 2
    sns("Unsubscribe", SubscriptionArn=arn)
    assert sns("ListTopics") == {"Topics": ({"TopicArn": TOPIC},)}


def logs_story(town: Town) -> None:
    def logs(action: str, **parameters: Any) -> Any:
        return town.call("logs", action, **parameters)

    logs("CreateLogGroup", logGroupName="g", tags={"team": "x"})
    logs("CreateLogStream", logGroupName="g", logStreamName="s")
    logs("PutRetentionPolicy", logGroupName="g", retentionInDays=7)
    logs("DeleteRetentionPolicy", logGroupName="g")
    logs("PutMetricFilter", logGroupName="g", filterName="f", filterPattern="ERROR",
         metricTransformations=({"metricName": "m", "metricNamespace": "n", "metricValue": "2",
                                 "defaultValue": 0.0},))  # fmt: skip
    events = tuple({"timestamp": town.now_ms, "message": text} for text in ("ERROR a", "b"))
    logs("PutLogEvents", logGroupName="g", logStreamName="s", logEvents=events, sequenceToken="x")
    assert len(logs("GetLogEvents", logGroupIdentifier=GROUP, logStreamName="s")["events"]) == 2
    found = logs("FilterLogEvents", logGroupName="g", filterPattern="ERROR")["events"]
    assert [event["message"] for event in found] == ["ERROR a"]
    (group,) = logs("DescribeLogGroups")["logGroups"]
    assert (group["storedBytes"], group["metricFilterCount"]) == (60, 1)
    assert len(logs("DescribeLogStreams", logGroupName="g")["logStreams"]) == 1
    assert len(logs("DescribeMetricFilters", metricName="m", metricNamespace="n")["metricFilters"]) == 1
    logs("TestMetricFilter", filterPattern="x", logEventMessages=("x",))
    logs("PutResourcePolicy", policyName="p", policyDocument=ALLOW_EVENTS)
    assert len(logs("DescribeResourcePolicies")["resourcePolicies"]) == 1


def events_story(town: Town) -> None:
    def events(action: str, **parameters: Any) -> Any:
        return town.call("events", action, **parameters)

    events("PutRule", Name="r", EventPattern='{"source": ["shop"]}')
    events("DisableRule", Name="r")
    events("EnableRule", Name="r")
    targets = ({"Id": "t", "Arn": TOPIC}, {"Id": "g", "Arn": GROUP, "InputPath": "$.detail"})
    events("PutTargets", Rule="r", Targets=targets)
    entry = {"Source": "shop", "DetailType": "order", "Detail": '{"n": 1}'}
    events("PutEvents", Entries=(entry,))
    town.world.run_for(seconds(60))
    found = town.call("logs", "FilterLogEvents", logGroupName="g", filterPattern="{ $.n = 1 }")
    assert [event["message"] for event in found["events"]] == ['{"n":1}']
    assert events("DescribeRule", Name="r")["State"] == "ENABLED"
    assert len(events("ListRules")["Rules"]) == 1
    assert len(events("ListTargetsByRule", Rule="r")["Targets"]) == 2
    event = json.dumps(
        {"id": "1", "account": "1", "source": "shop", "time": "", "region": "", "resources": [],
         "detail-type": ""}
    )  # fmt: skip
    for source, expected in (("shop", True), ("bank", False)):
        pattern = json.dumps({"source": [source]})
        assert events("TestEventPattern", EventPattern=pattern, Event=event) == {"Result": expected}
    events("RemoveTargets", Rule="r", Ids=("t", "g"))
    events("DeleteRule", Name="r")


def test_every_action_answers_as_the_service_model_has_it(town: Town) -> None:
    sns_story(town)
    logs_story(town)
    events_story(town)
    town.call("logs", "DeleteResourcePolicy", policyName="p")
    town.call("logs", "DeleteMetricFilter", logGroupName="g", filterName="f")
    town.call("logs", "DeleteLogStream", logGroupName="g", logStreamName="s")
    town.call("logs", "DeleteLogGroup", logGroupName="g")
    town.call("sns", "DeleteTopic", TopicArn=TOPIC)
    tables = {"sns": SNS, "logs": LOGS, "events": EVENTS}
    assert town.called == {(name, action) for name, table in tables.items() for action in table}
    assert undeclared_asks(town.world) == []


def test_what_metric_filters_counted_outlives_a_power_cut(town: Town) -> None:
    logs_story(town)
    actor = town.endpoints["logs", REGION]
    counted = (
        LogMetric(account=ACCOUNT, namespace="n", name="m", dimensions="", total=2.0, samples=2),
    )
    assert town.world.ask(actor, ReadMetrics()).metrics == counted
    town.world.crash(actor)
    town.world.restart(actor)
    assert town.world.ask(actor, ReadMetrics()).metrics == counted


@pytest.mark.parametrize(
    ("service", "action", "parameters", "refused"),
    [
        ("sns", "Publish", {"TopicArn": TOPIC, "Message": "m"},
         f"AuthorizationError: User: arn:aws:iam::{ACCOUNT}:user/eve is not authorized to perform: SNS:Publish on resource: {TOPIC} because no identity-based policy allows the SNS:Publish action"),
        ("logs", "DeleteLogGroup", {"logGroupName": "g"},
         f"AccessDeniedException: User: arn:aws:iam::{ACCOUNT}:user/eve is not authorized to perform: logs:DeleteLogGroup on resource: {GROUP}:log-stream: because no identity-based policy allows the logs:DeleteLogGroup action"),
        ("events", "PutRule", {"Name": "r", "EventPattern": '{"source": ["x"]}'},
         f"AccessDeniedException: User: arn:aws:iam::{ACCOUNT}:user/eve is not authorized to perform: events:PutRule on resource: arn:aws:events:{REGION}:{ACCOUNT}:rule/r because no identity-based policy allows the events:PutRule action"),
    ],
)  # fmt: skip
def test_a_user_needs_a_policy_that_names_the_action(
    town: Town, service: str, action: str, parameters: dict[str, Any], refused: str
) -> None:
    sns_story(town)
    logs_story(town)
    with pytest.raises(Exception, match="not authorized") as error:
        town.call(service, action, user(), **parameters)
    assert str(error.value) == refused
    town.call(service, action, user(f"{service}:{action}"), **parameters)


def test_a_record_shows_no_token(town: Town) -> None:
    sns_story(town)
    records = town.world.ask(f"{REGION}/trail", ReadHistory()).records
    (confirmed,) = [record for record in records if record.name == "ConfirmSubscription"]
    assert confirmed.request_parameters == {"topicArn": TOPIC}
    assert "Publish" not in {record.name for record in records}


def test_a_map_with_an_empty_name_is_recorded_like_any_other(town: Town) -> None:
    with pytest.raises(UnsupportedOperationException, match=r"^.*attribute  is not modelled"):
        town.call("sns", "CreateTopic", Name="news", Attributes={"": "x"})
    (record,) = town.world.ask(f"{REGION}/trail", ReadHistory()).records
    assert record.request_parameters == {"name": "news", "attributes": {"": "x"}}


HALF = '{"default": "\\ud800", "a": "\\ud800"}'


def test_half_a_surrogate_pair_within_json_is_replaced_not_fatal(town: Town) -> None:
    sns_story(town)
    logs_story(town)
    town.call("sns", "Publish", TopicArn=TOPIC, Message=HALF, MessageStructure="json")
    town.call(
        "logs", "PutMetricFilter", logGroupName="g", filterName="half", filterPattern="{ $.a = * }",
        metricTransformations=({"metricName": "h", "metricNamespace": "n", "metricValue": "1",
                                "dimensions": {"A": "$.a"}},),
    )  # fmt: skip
    event = {"timestamp": town.now_ms, "message": HALF}
    town.call("logs", "PutLogEvents", logGroupName="g", logStreamName="s", logEvents=(event,))
    metrics = town.world.ask(town.endpoints["logs", REGION], ReadMetrics()).metrics
    assert [metric.dimensions for metric in metrics if metric.name == "h"] == ["A=?"]
    matches = town.call(
        "logs", "TestMetricFilter", filterPattern="{ $.a = * }", logEventMessages=(HALF,)
    )["matches"]
    assert matches[0]["extractedValues"] == {"$.a": "?"}
    town.call("events", "PutRule", Name="r", EventPattern='{"source": ["shop"]}')
    targets = ({"Id": "g", "Arn": GROUP, "InputPath": "$.detail.a"},)
    town.call("events", "PutTargets", Rule="r", Targets=targets)
    entry = {"Source": "shop", "DetailType": "order", "Detail": HALF}
    assert town.call("events", "PutEvents", Entries=(entry,))["FailedEntryCount"] == 0


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("Detail", '{"n": 1e99999999999999999999}', "MalformedDetail"),
        ("Detail", '{"n": NaN}', "MalformedDetail"),
        ("Detail", "[" * 100_000, "MalformedDetail"),
        ("Time", 1e18, "InvalidArgument"),
        ("Time", -1.0, "InvalidArgument"),
        ("Time", float("nan"), "InvalidArgument"),
        ("Source", "aws.kms", "NotAuthorizedForSourceException"),
        ("Source", "", "InvalidArgument"),
    ],
)
def test_a_malformed_event_fails_alone(town: Town, member: str, value: Any, code: str) -> None:
    good = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    answer = town.call("events", "PutEvents", Entries=(good | {member: value}, good))
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code
    assert "EventId" in answer["Entries"][1]
