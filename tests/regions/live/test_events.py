"""What a client of EventBridge relies on, against a running server; and what outlives it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from notified import (
    EVENT,
    LOGS_POLICY,
    TOPIC_POLICY,
    advance,
    group,
    lines,
    now_ms,
    put,
    refusal,
    until,
)
from receiver import receiving
from serving import ACCOUNT, REGION, Running, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("events") / "data"
    with serving(folder, "--regions", f"{REGION},eu-west-1") as running:
        yield running


def test_a_rule_hands_its_events_to_a_topic_and_a_log_group(server: Running, tmp_path: Path) -> None:
    events, sns, logs = (server.client(name) for name in ("events", "sns", "logs"))
    topic = sns.create_topic(Name="ruled", Attributes={"Policy": json.dumps(TOPIC_POLICY)})["TopicArn"]
    path = tmp_path / "events.jsonl"
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{path}")
    logs.create_log_group(logGroupName="/events/orders")
    logs.put_resource_policy(policyName="events", policyDocument=json.dumps(LOGS_POLICY))
    pattern = {"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}
    rule = events.put_rule(Name="large-orders", EventPattern=json.dumps(pattern))
    group_arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/events/orders"
    targets = [
        {"Id": "topic", "Arn": topic, "InputPath": "$.detail"},
        {"Id": "logs", "Arn": group_arn},
    ]
    assert events.put_targets(Rule="large-orders", Targets=targets)["FailedEntryCount"] == 0
    small = EVENT | {"Detail": '{"total": 3}'}
    answer = events.put_events(Entries=[EVENT, small, EVENT | {"Detail": "no"}])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][2] == {
        "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed.",
    }  # fmt: skip
    (told,) = lines(path, 1)
    assert json.loads(told["Message"]) == {"state": "paid", "total": 12.5}
    (kept,) = until(lambda: logs.filter_log_events(logGroupName="/events/orders")["events"])
    found = json.loads(kept["message"])
    assert '"total": 12.50' in kept["message"]
    assert found["id"] == answer["Entries"][0]["EventId"]
    assert {name: found[name] for name in ("version", "source", "detail-type", "account", "region", "resources")} == {
        "version": "0", "source": "shop", "detail-type": "order", "account": ACCOUNT,
        "region": REGION, "resources": [],
    }  # fmt: skip
    assert rule["RuleArn"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/large-orders"


def test_a_topic_that_does_not_let_events_in_gets_them_once_it_does(
    server: Running, tmp_path: Path
) -> None:
    events, sns = server.client("events"), server.client("sns")
    topic = sns.create_topic(Name="closed")["TopicArn"]
    path = tmp_path / "closed.jsonl"
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{path}")
    events.put_rule(Name="closed", EventPattern='{"source": ["closed"]}')
    events.put_targets(Rule="closed", Targets=[{"Id": "t", "Arn": topic}])
    events.put_events(Entries=[EVENT | {"Source": "closed"}])
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(TOPIC_POLICY)
    )
    advance(server, 3600)
    assert json.loads(lines(path, 1)[0]["Message"])["source"] == "closed"


def test_rules_and_targets_are_listed_changed_and_deleted(server: Running) -> None:
    events = server.client("events")
    pattern = '{"source": ["listed"]}'
    events.put_rule(Name="listed", EventPattern=pattern, Description="first", State="DISABLED")
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:any"
    events.put_targets(Rule="listed", Targets=[{"Id": "a", "Arn": topic}])
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/listed"
    assert events.list_rules(NamePrefix="listed")["Rules"] == [
        {
            "Name": "listed", "Arn": arn, "EventPattern": pattern, "State": "DISABLED",
            "Description": "first", "EventBusName": "default",
        }
    ]  # fmt: skip
    events.enable_rule(Name="listed")
    assert events.describe_rule(Name="listed")["State"] == "ENABLED"
    assert events.list_targets_by_rule(Rule="listed")["Targets"] == [{"Id": "a", "Arn": topic}]
    assert refusal(events.delete_rule, Name="listed") == (
        "ValidationException: Rule can't be deleted since it has targets."
    )
    events.remove_targets(Rule="listed", Ids=["a"])
    events.delete_rule(Name="listed")
    events.delete_rule(Name="listed")
    assert refusal(events.describe_rule, Name="listed") == (
        "ResourceNotFoundException: Rule listed does not exist on EventBus default."
    )


def test_what_is_no_pattern_or_no_modelled_target_is_refused(server: Running) -> None:
    events = server.client("events")
    assert refusal(events.put_rule, Name="bad", EventPattern='{"source": "shop"}') == (
        "InvalidEventPatternException: Event pattern is not valid. Reason: "
        '"source" must be an object or an array'
    )
    assert refusal(events.put_rule, Name="bad", ScheduleExpression="rate(5 minutes)") == (
        "UnsupportedOperationException: ScheduleExpression is not modelled"
    )
    events.put_rule(Name="aimless", EventPattern='{"source": ["shop"]}', State="DISABLED")
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    assert refusal(events.put_targets, Rule="aimless", Targets=[{"Id": "a", "Arn": arn}]) == (
        f"UnsupportedOperationException: target {arn} is not modelled; expected an SNS topic, or"
        f" a log group of account {ACCOUNT}, in {REGION}"
    )


def test_management_calls_are_on_record_and_calls_about_data_are_not(server: Running) -> None:
    account = "777788889999"
    sns, logs, events, trail = (
        server.client(name, account=account) for name in ("sns", "logs", "events", "cloudtrail")
    )
    topic = sns.create_topic(Name="recorded")["TopicArn"]
    sns.publish(TopicArn=topic, Message="m")
    group(logs, "/recorded")
    put(logs, "/recorded", (now_ms(), "m"))
    logs.filter_log_events(logGroupName="/recorded")
    logs.get_log_events(logGroupName="/recorded", logStreamName="s")
    events.put_events(Entries=[EVENT])
    events.put_rule(Name="recorded", EventPattern='{"source": ["x"]}')

    def recorded() -> list[str]:
        found = [event["EventName"] for event in trail.lookup_events()["Events"]]
        return found if "PutRule" in found else []

    assert sorted(until(recorded)) == ["CreateLogGroup", "CreateLogStream", "CreateTopic", "PutRule"]


def test_a_killed_server_has_everything_again_and_sends_what_it_owes(tmp_path: Path) -> None:
    folder, path, now = tmp_path / "data", tmp_path / "owed.jsonl", now_ms()
    with serving(folder, "--regions", REGION) as server, receiving() as receiver:
        sns, logs, events = (server.client(name) for name in ("sns", "logs", "events"))
        topic = sns.create_topic(Name="kept", Attributes={"Policy": json.dumps(TOPIC_POLICY)})["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
        (asked,) = receiver.bodies(1)
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{path}")
        group(logs, "/kept")
        put(logs, "/kept", (now, "kept"))
        logs.put_metric_filter(
            logGroupName="/kept", filterName="f", filterPattern="kept",
            metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}],
        )  # fmt: skip
        events.put_rule(Name="kept", EventPattern='{"source": ["shop"]}')
        events.put_targets(Rule="kept", Targets=[{"Id": "t", "Arn": topic}])
        receiver.refuses = 1
        sns.publish(TopicArn=topic, Message="owed")
        receiver.bodies(2)
        server.kill()
        with serving(folder) as again:
            sns, logs, events = (again.client(name) for name in ("sns", "logs", "events"))
            assert receiver.bodies(3)[2]["Message"] == "owed"
            assert len(sns.list_subscriptions()["Subscriptions"]) == 2
            (kept,) = logs.filter_log_events(logGroupName="/kept")["events"]
            assert (kept["timestamp"], kept["message"]) == (now, "kept")
            assert logs.describe_metric_filters(logGroupName="/kept")["metricFilters"][0]["filterName"] == "f"
            assert events.list_targets_by_rule(Rule="kept")["Targets"] == [{"Id": "t", "Arn": topic}]
            events.put_events(Entries=[EVENT])
            assert json.loads(receiver.bodies(4)[3]["Message"])["source"] == "shop"
