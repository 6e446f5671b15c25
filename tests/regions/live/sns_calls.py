"""A call of every SNS operation by boto3; each function is named as boto3 names the operation."""

from pathlib import Path

from receiver import receiving
from serving import REGION
from stand import ACCOUNT, Stand, policy


def _topic(at: Stand) -> str:
    arn: str = at.sns.create_topic(Name=at.name("topic"))["TopicArn"]
    return arn


def _file(at: Stand) -> Path:
    return at.server.data.parent / f"{at.name('mail')}.jsonl"


def _subscription(at: Stand, topic: str) -> str:
    endpoint = f"file://{_file(at)}"
    answer = at.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
    arn: str = answer["SubscriptionArn"]
    return arn


def create_topic(at: Stand) -> None:
    name = at.name("topic")
    arn = at.sns.create_topic(Name=name)["TopicArn"]
    assert arn == f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    assert at.sns.create_topic(Name=name)["TopicArn"] == arn


def delete_topic(at: Stand) -> None:
    arn = _topic(at)
    at.sns.delete_topic(TopicArn=arn)
    at.sns.delete_topic(TopicArn=arn)
    assert arn not in [topic["TopicArn"] for topic in at.sns.list_topics()["Topics"]]


def list_topics(at: Stand) -> None:
    made = {_topic(at) for _ in range(101)}
    pages = at.sns.get_paginator("list_topics").paginate()
    found = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    assert made <= set(found)
    assert len(found) == len(set(found))


def get_topic_attributes(at: Stand) -> None:
    arn = _topic(at)
    _subscription(at, arn)
    found = at.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (found["Owner"], found["SubscriptionsConfirmed"]) == (ACCOUNT, "1")


def set_topic_attributes(at: Stand) -> None:
    arn = _topic(at)
    at.sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="News")
    assert at.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "News"


def subscribe(at: Stand) -> None:
    topic = _topic(at)
    assert _subscription(at, topic).startswith(f"{topic}:")


def confirm_subscription(at: Stand) -> None:
    topic = _topic(at)
    with receiving() as receiver:
        at.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=receiver.url)
        (asked,) = receiver.bodies(1)
    arn = at.sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")


def unsubscribe(at: Stand) -> None:
    topic = _topic(at)
    at.sns.unsubscribe(SubscriptionArn=_subscription(at, topic))
    assert at.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def list_subscriptions(at: Stand) -> None:
    arn = _subscription(at, _topic(at))
    pages = at.sns.get_paginator("list_subscriptions").paginate()
    assert arn in [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]


def list_subscriptions_by_topic(at: Stand) -> None:
    topic = _topic(at)
    made = sorted(_subscription(at, topic) for _ in range(2))
    found = at.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["SubscriptionArn"] for one in found] == made


def get_subscription_attributes(at: Stand) -> None:
    topic = _topic(at)
    arn = _subscription(at, topic)
    found = at.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (found["TopicArn"], found["PendingConfirmation"]) == (topic, "false")


def set_subscription_attributes(at: Stand) -> None:
    arn = _subscription(at, _topic(at))
    at.sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    found = at.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["RawMessageDelivery"] == "true"


def publish(at: Stand) -> None:
    topic = _topic(at)
    at.sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy",
        AttributeValue=policy("SNS:Publish", Principal={"AWS": ACCOUNT}),
    )  # fmt: skip
    assert at.sns.publish(TopicArn=topic, Message="m")["MessageId"]
