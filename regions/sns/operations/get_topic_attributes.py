"""GetTopicAttributes: a topic's settings and counts, all as text.

Source: SNS API Reference, GetTopicAttributes; the effective delivery policy is the documented
default.
"""

import json
from typing import Any, Final

from regions.service.operation import Desk, Values
from regions.sns.wants import find_topic, on_topic

_DELIVERY: Final = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topic = find_topic(desk, parameters["TopicArn"])
    states = [subscription.confirmed for subscription in desk.state.of_topic(topic.arn)]
    return {
        "Attributes": {
            "TopicArn": topic.arn,
            "Owner": topic.account,
            "Policy": topic.policy,
            "DisplayName": topic.display_name,
            "SubscriptionsConfirmed": str(states.count(True)),
            "SubscriptionsPending": str(states.count(False)),
            "SubscriptionsDeleted": str(topic.unsubscribed),
            "EffectiveDeliveryPolicy": json.dumps(_DELIVERY, separators=(",", ":")),
        }
    }


OPERATION = on_topic("GetTopicAttributes", _perform, read_only=True)
