"""ListSubscriptionsByTopic: the subscriptions of a topic, by ARN.

Source: SNS API Reference, ListSubscriptionsByTopic.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.operations.list_subscriptions import subscription_shape
from regions.sns.places import page
from regions.sns.wants import find_topic, on_topic


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topic = find_topic(desk, parameters["TopicArn"])
    found = desk.state.of_topic(topic.arn)
    shapes = [subscription_shape(one) for one in found]
    return page(shapes, [one.arn for one in found], parameters, "Subscriptions")


OPERATION = on_topic("ListSubscriptionsByTopic", _perform, read_only=True)
