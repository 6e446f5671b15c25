"""What a client of SNS, CloudWatch Logs and EventBridge relies on, against a running server."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from receiver import receiving
from serving import ACCOUNT, REGION, Running, serving

TOPIC_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    },
}  # fmt: skip
LOGS_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/events/*:*",
    },
}  # fmt: skip
EVENT = {"Source": "shop", "DetailType": "order", "Detail": '{"state": "paid", "total": 12.50}'}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("notifications") / "data"
    with serving(folder, "--regions", f"{REGION},eu-west-1") as running:
        yield running


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def until(look: Callable[[], Any], timeout_s: float = 20.0) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found


def lines(path: Path, count: int) -> list[Any]:
    def look() -> list[str]:
        found = path.read_text().splitlines() if path.exists() else []
        return found if len(found) >= count else []

    return [json.loads(line) for line in until(look)]


def admin(server: Running, method: str, path: str, body: Any = None) -> bytes:
    found = json.loads((server.data / "admin.json").read_text())
    request = urllib.request.Request(
        found["url"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {found['token']}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def advance(server: Running, seconds: int) -> None:
    admin(server, "POST", "/advance", {"seconds": seconds})


# SNS.


@pytest.mark.parametrize("region", [REGION, "eu-west-1"])
def test_an_endpoint_gets_messages_once_it_has_followed_the_link(
    server: Running, region: str
) -> None:
    sns = server.client("sns", region)
    topic = sns.create_topic(Name="confirmed")["TopicArn"]
    with receiving() as receiver:
        answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
        assert answer["SubscriptionArn"] == "pending confirmation"
        (asked,) = receiver.bodies(1)
        assert (asked["Type"], asked["TopicArn"]) == ("SubscriptionConfirmation", topic)
        sns.publish(TopicArn=topic, Message="too early")
        with urllib.request.urlopen(asked["SubscribeURL"], timeout=20) as page:
            assert b"<SubscriptionArn>" + topic.encode() in page.read()
        message_id = sns.publish(TopicArn=topic, Subject="s", Message="order 1")["MessageId"]
        _, told = receiver.bodies(2)
        headers = receiver.came[1][0]
        arn = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
        assert headers["x-amz-sns-message-type"] == "Notification"
        assert headers["x-amz-sns-message-id"] == message_id
        assert headers["x-amz-sns-topic-arn"] == topic
        assert headers["x-amz-sns-subscription-arn"] == arn
        assert list(told) == [
            "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "UnsubscribeURL",
        ]  # fmt: skip
        assert (told["MessageId"], told["Subject"], told["Message"]) == (message_id, "s", "order 1")
        with urllib.request.urlopen(told["UnsubscribeURL"], timeout=20):
            assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_a_token_confirms_by_api_and_a_wrong_one_does_not(server: Running) -> None:
    sns = server.client("sns")
    topic = sns.create_topic(Name="token")["TopicArn"]
    with receiving() as receiver:
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
        (asked,) = receiver.bodies(1)
        wrong = refusal(sns.confirm_subscription, TopicArn=topic, Token=asked["Token"][::-1])
        assert wrong == "InvalidParameter: Invalid parameter: Token"
        assert parse_qs(urlsplit(asked["SubscribeURL"]).query)["Token"] == [asked["Token"]]
        arn = sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])["SubscriptionArn"]
        found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        assert (found["PendingConfirmation"], found["ConfirmationWasAuthenticated"]) == (
            "false", "true",
        )  # fmt: skip


def test_a_file_gets_a_line_of_json_for_each_message(server: Running, tmp_path: Path) -> None:
    sns, path = server.client("sns"), tmp_path / "mail.jsonl"
    topic = sns.create_topic(Name="to-file")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{path}")
    assert arn["SubscriptionArn"].startswith(f"{topic}:")
    for number in range(3):
        sns.publish(TopicArn=topic, Message=f"line {number}\nmore")
    told = [line["Message"] for line in lines(path, 3)]
    assert sorted(told) == [f"line {number}\nmore" for number in range(3)]


def test_a_raw_subscription_gets_the_bare_message(server: Running, tmp_path: Path) -> None:
    sns, path = server.client("sns"), tmp_path / "raw.jsonl"
    topic = sns.create_topic(Name="raw")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=f"file://{path}",
        Attributes={"RawMessageDelivery": "true"},
    )  # fmt: skip
    sns.publish(TopicArn=topic, Message='{"a": 1}')
    assert lines(path, 1) == [{"a": 1}]


@pytest.mark.parametrize(
    ("protocol", "endpoint", "refused"),
    [
        ("http", "http://example.com/", "endpoint http://example.com/ is not modelled; expected a server on this machine"),
        ("http", "http://127.0.0.1.example.com/", "endpoint http://127.0.0.1.example.com/ is not modelled; expected a server on this machine"),
        ("email", "a@example.com", "protocol email is not modelled; expected http, to a server on this machine or to file:///PATH.jsonl"),
    ],
)  # fmt: skip
def test_nothing_is_sent_beyond_this_machine(
    server: Running, protocol: str, endpoint: str, refused: str
) -> None:
    sns = server.client("sns")
    topic = sns.create_topic(Name="beyond")["TopicArn"]
    told = refusal(sns.subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert told == f"UnsupportedOperationException: {refused}"


def test_a_topic_that_is_not_there_is_not_found(server: Running) -> None:
    sns = server.client("sns")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:nowhere"
    assert refusal(sns.publish, TopicArn=arn, Message="m") == "NotFound: Topic does not exist"
    assert refusal(sns.publish, TopicArn="arn:x", Message="m") == (
        "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6"
        " elements, not 2"
    )


def test_another_account_needs_the_topic_policy(server: Running, tmp_path: Path) -> None:
    sns, other = server.client("sns"), server.client("sns", account="444455556666")
    topic = sns.create_topic(Name="shared")["TopicArn"]
    told = refusal(other.publish, TopicArn=topic, Message="m")
    assert told == (
        "AuthorizationError: User: arn:aws:iam::444455556666:root is not authorized to perform:"
        f" SNS:Publish on resource: {topic} because no resource-based policy allows the"
        " SNS:Publish action"
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "444455556666"},
            "Action": "sns:Publish", "Resource": topic,
        },
    }  # fmt: skip
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    path = tmp_path / "shared.jsonl"
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"file://{path}")
    other.publish(TopicArn=topic, Message="from afar")
    assert lines(path, 1)[0]["Message"] == "from afar"


def test_a_refused_message_is_tried_again_after_a_pause(server: Running) -> None:
    sns = server.client("sns")
    topic = sns.create_topic(Name="again")["TopicArn"]
    with receiving() as receiver:
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
        (asked,) = receiver.bodies(1)
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        receiver.refuses = 2
        sns.publish(TopicArn=topic, Message="patience")
        for tries in (2, 3, 4):
            receiver.bodies(tries)
            advance(server, 20)
        told = receiver.bodies(4)[1:]
        assert [one["Message"] for one in told] == ["patience"] * 3
        assert len({one["MessageId"] for one in told}) == 1


# CloudWatch Logs.


def group(logs: Any, name: str) -> str:
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def put(logs: Any, name: str, *events: tuple[int, str]) -> Any:
    return logs.put_log_events(
        logGroupName=name, logStreamName="s",
        logEvents=[{"timestamp": time_ms, "message": text} for time_ms, text in events],
    )  # fmt: skip


def now_ms() -> int:
    return int(time.time() * 1000)


def test_events_come_back_in_order_forward_and_backward(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/order"), now_ms()
    put(logs, name, *((now + number, f"m{number}") for number in range(10)))

    def page(**more: Any) -> tuple[list[str], str, str]:
        found = logs.get_log_events(logGroupName=name, logStreamName="s", limit=4, **more)
        texts = [event["message"] for event in found["events"]]
        return texts, found["nextForwardToken"], found["nextBackwardToken"]

    seen, token = [], None
    while True:
        texts, after, _ = page(startFromHead=True, **({"nextToken": token} if token else {}))
        if after == token:
            break
        seen += texts
        token = after
    assert seen == [f"m{number}" for number in range(10)]
    latest, _, before = page()
    assert latest == ["m6", "m7", "m8", "m9"]
    earlier, _, before = page(nextToken=before)
    assert earlier == ["m2", "m3", "m4", "m5"]
    first, _, before = page(nextToken=before)
    assert first == ["m0", "m1"]
    none, after, same = page(nextToken=before)
    assert (none, same) == ([], before)
    assert page(nextToken=after)[0] == ["m0", "m1", "m2", "m3"]


def test_events_that_are_too_old_or_too_new_are_rejected_and_the_others_taken(
    server: Running,
) -> None:
    logs = server.client("logs")
    name, now, day = group(logs, "/ages"), now_ms(), 86_400_000
    answer = put(
        logs, name, (now - 15 * day, "old"), (now, "good"), (now + day, "new"),
    )  # fmt: skip
    assert answer["rejectedLogEventsInfo"] == {
        "tooNewLogEventStartIndex": 2, "tooOldLogEventEndIndex": 1,
    }  # fmt: skip
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    answer = put(logs, name, (now - 2 * day, "expired"), (now, "good too"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    found = logs.filter_log_events(logGroupName=name)["events"]
    assert [event["message"] for event in found] == ["good", "good too"]


def test_a_batch_out_of_order_or_too_large_or_too_long_is_refused(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/batches"), now_ms()
    with pytest.raises(ClientError, match="must be in chronological order"):
        put(logs, name, (now, "b"), (now - 1, "a"))
    with pytest.raises(ClientError, match="Upload too large: 1048603 bytes exceeds limit of 1048576"):
        put(logs, name, (now, "x" * (1_048_576 + 1)))
    with pytest.raises(ClientError, match="cannot span more than 24 hours"):
        put(logs, name, (now - 86_400_001, "a"), (now, "b"))
    put(logs, name, (now, "x" * (1_048_576 - 26)))


def test_filtering_goes_over_streams_and_pages(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/filter"), now_ms()
    logs.create_log_stream(logGroupName=name, logStreamName="t")
    put(logs, name, *((now + 2 * n, f'{{"n": {n}, "kind": "even"}}') for n in range(50)))
    logs.put_log_events(
        logGroupName=name, logStreamName="t",
        logEvents=[{"timestamp": now + 2 * n + 1, "message": f'{{"n": {n}, "kind": "odd"}}'} for n in range(50)],
    )  # fmt: skip
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=name, filterPattern="{ $.n >= 40 }", PaginationConfig={"PageSize": 7}
    )
    found = [event for page in pages for event in page["events"]]
    assert [json.loads(event["message"])["n"] for event in found] == [n for n in range(40, 50) for _ in "ab"]
    assert {event["logStreamName"] for event in found} == {"s", "t"}
    assert len({event["eventId"] for event in found}) == 20
    bad = refusal(logs.filter_log_events, logGroupName=name, filterPattern="{ $.n >= x }")
    assert bad == "InvalidParameterException: Invalid filter pattern: >= needs a number, not 'x'"


def test_what_is_not_there_or_there_already_is_said_in_the_services_words(server: Running) -> None:
    logs = server.client("logs")
    name = group(logs, "/words")
    assert refusal(logs.create_log_group, logGroupName=name) == (
        "ResourceAlreadyExistsException: The specified log group already exists"
    )
    assert refusal(logs.create_log_stream, logGroupName=name, logStreamName="s") == (
        "ResourceAlreadyExistsException: The specified log stream already exists"
    )
    assert refusal(logs.delete_log_group, logGroupName="/none") == (
        "ResourceNotFoundException: The specified log group does not exist."
    )
    assert refusal(logs.get_log_events, logGroupName=name, logStreamName="none") == (
        "ResourceNotFoundException: The specified log stream does not exist."
    )


def test_groups_and_streams_are_listed_page_by_page(server: Running) -> None:
    logs = server.client("logs")
    for number in range(7):
        group(logs, f"/list/{number}")
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix="/list/", PaginationConfig={"PageSize": 3}
    )
    names = [one["logGroupName"] for page in pages for one in page["logGroups"]]
    assert names == [f"/list/{number}" for number in range(7)]
    now = now_ms()
    for number in range(5):
        logs.create_log_stream(logGroupName="/list/0", logStreamName=f"x{number}")
        logs.put_log_events(
            logGroupName="/list/0", logStreamName=f"x{number}",
            logEvents=[{"timestamp": now - number, "message": "m"}],
        )  # fmt: skip
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName="/list/0", orderBy="LastEventTime", descending=True,
        PaginationConfig={"PageSize": 2},
    )  # fmt: skip
    names = [one["logStreamName"] for page in pages for one in page["logStreams"]]
    assert names == ["x0", "x1", "x2", "x3", "x4", "s"]


def test_metric_filters_count_what_comes_after_them(server: Running) -> None:
    logs = server.client("logs")
    name, now = group(logs, "/metrics"), now_ms()
    put(logs, name, (now, '{"took": 100}'))
    logs.put_metric_filter(
        logGroupName=name, filterName="slow", filterPattern="{ $.took > 10 }",
        metricTransformations=[
            {
                "metricName": "Took", "metricNamespace": "Shop", "metricValue": "$.took",
                "dimensions": {"Kind": "$.kind"},
            }
        ],
    )  # fmt: skip
    for took in (5, 20, 30):
        put(logs, name, (now, json.dumps({"took": took, "kind": "order"})))
    assert logs.test_metric_filter(
        filterPattern="{ $.took > 10 }", logEventMessages=['{"took": 5}', '{"took": 20}']
    )["matches"] == [
        {"eventNumber": 2, "eventMessage": '{"took": 20}', "extractedValues": {"$.took": "20"}}
    ]
    shown = admin(server, "GET", "/metrics").decode()
    labels = f'account="{ACCOUNT}",dimensions="Kind=order",metric="Took",namespace="Shop",region="{REGION}"'
    assert f"nines_log_metric_sum{{{labels}}} 50.0" in shown
    assert f"nines_log_metric_samples_total{{{labels}}} 2.0" in shown


# EventBridge.


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


def test_a_link_needs_no_signature_and_everything_else_does(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION, auth="sigv4") as server:
        keys = (server.exports["AWS_ACCESS_KEY_ID"], server.exports["AWS_SECRET_ACCESS_KEY"])
        sns, trail = (
            boto3.client(
                name, region_name=REGION, endpoint_url=server.url,
                aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
            )
            for name in ("sns", "cloudtrail")
        )  # fmt: skip
        topic = sns.create_topic(Name="signed")["TopicArn"]
        with receiving() as receiver:
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
            (asked,) = receiver.bodies(1)
            with urllib.request.urlopen(asked["SubscribeURL"], timeout=20):
                pass
            (one,) = sns.list_subscriptions()["Subscriptions"]
            assert one["SubscriptionArn"].startswith(topic)
            with pytest.raises(urllib.error.HTTPError) as refused:
                query = urlencode({"Action": "Publish", "TopicArn": topic, "Message": "m"})
                urllib.request.urlopen(f"{server.url}/?{query}", timeout=20)
            with refused.value:
                assert refused.value.code == 403

        def recorded() -> list[str]:
            found = [event["EventName"] for event in trail.lookup_events()["Events"]]
            return found if "ConfirmSubscription" in found else []

        until(recorded)
