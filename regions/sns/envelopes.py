"""What SNS sends to endpoints: bodies and headers of notifications and of confirmations.

Messages are not signed: Signature, SignatureVersion and SigningCertURL are left out.
What does not belong here: who gets them (operations/).
Source: SNS Developer Guide, "Parsing Amazon SNS message formats" and "HTTP/HTTPS headers".
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from regions.sns.changes import Subscription

_CONTENT_TYPE: Final = "text/plain; charset=UTF-8"
_AGENT: Final = "Amazon Simple Notification Service Agent"


def timestamp(now_ms: int) -> str:
    """Return a moment as SNS writes it, with milliseconds."""
    moment = datetime.fromtimestamp(now_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{now_ms % 1000:03d}Z"


def text_of(body: Mapping[str, Any]) -> str:
    """Return a body as SNS lays it out."""
    return json.dumps(body, indent=2, separators=(",", " : "), ensure_ascii=False)


def link(url: str, action: str, **parameters: str) -> str:
    """Return a link that performs an action when it is visited."""
    return f"{url}/?{urlencode({'Action': action, **parameters})}"


def headers(kind: str, message_id: str, topic: str) -> dict[str, Any]:
    """Return the headers of a request to an endpoint."""
    return {
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": topic,
        "content-type": _CONTENT_TYPE,
        "user-agent": _AGENT,
    }


def confirmation(
    subscription: Subscription, message_id: str, now_ms: int, url: str
) -> tuple[dict[str, Any], str]:
    """Return headers and body that ask an endpoint whether it wants a topic's messages."""
    kind, topic, token = "SubscriptionConfirmation", subscription.topic, subscription.token
    body = {
        "Type": kind,
        "MessageId": message_id,
        "Token": token,
        "TopicArn": topic,
        "Message": f"You have chosen to subscribe to the topic {topic}.\nTo confirm the "
        "subscription, visit the SubscribeURL included in this message.",
        "SubscribeURL": link(url, "ConfirmSubscription", TopicArn=topic, Token=token),
        "Timestamp": timestamp(now_ms),
    }
    return headers(kind, message_id, topic), text_of(body)


def notification(
    subscription: Subscription,
    message: Mapping[str, Any],
    now_ms: int,
    url: str,
) -> tuple[dict[str, Any], str]:
    """Return headers and body that bring a message to an endpoint.

    Args:
      message: MessageId and Message, and Subject and MessageAttributes where there are any.
    """
    kind, arn = "Notification", subscription.arn
    sent = headers(kind, message["MessageId"], subscription.topic)
    sent["x-amz-sns-subscription-arn"] = arn
    if subscription.raw:
        sent["x-amz-sns-rawdelivery"] = "true"
        return sent, message["Message"]
    body: dict[str, Any] = {"Type": kind, "MessageId": message["MessageId"]}
    body["TopicArn"] = subscription.topic
    if "Subject" in message:
        body["Subject"] = message["Subject"]
    body["Message"] = message["Message"]
    body["Timestamp"] = timestamp(now_ms)
    body["UnsubscribeURL"] = link(url, "Unsubscribe", SubscriptionArn=arn)
    if message.get("MessageAttributes"):
        body["MessageAttributes"] = message["MessageAttributes"]
    return sent, text_of(body)
