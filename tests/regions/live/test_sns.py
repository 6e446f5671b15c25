"""What a client of SNS relies on, against a running server."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest
from notified import advance, lines, refusal, until
from receiver import receiving
from serving import ACCOUNT, PATIENCE_S, REGION, Running, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sns") / "data"
    with serving(folder, "--regions", f"{REGION},eu-west-1") as running:
        yield running


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
        with urllib.request.urlopen(asked["SubscribeURL"], timeout=PATIENCE_S) as page:
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
        with urllib.request.urlopen(told["UnsubscribeURL"], timeout=PATIENCE_S):
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
            with urllib.request.urlopen(asked["SubscribeURL"], timeout=PATIENCE_S):
                pass
            (one,) = sns.list_subscriptions()["Subscriptions"]
            assert one["SubscriptionArn"].startswith(topic)
            query = urlencode({"Action": "Publish", "TopicArn": topic, "Message": "m"})
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"{server.url}/?{query}", timeout=PATIENCE_S)
            with refused.value:
                assert refused.value.code == 403

        def recorded() -> list[str]:
            found = [event["EventName"] for event in trail.lookup_events()["Events"]]
            return found if "ConfirmSubscription" in found else []

        until(recorded)
