"""GetSubscriptionAttributes: a subscription's settings, all as text.

Source: SNS API Reference, GetSubscriptionAttributes.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.wants import find_subscription, on_subscription


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    one = find_subscription(desk, parameters["SubscriptionArn"])
    return {
        "Attributes": {
            "SubscriptionArn": one.arn,
            "TopicArn": one.topic,
            "Owner": one.account,
            "Protocol": one.protocol,
            "Endpoint": one.endpoint,
            "PendingConfirmation": str(not one.confirmed).lower(),
            "ConfirmationWasAuthenticated": str(one.by_owner).lower(),
            "RawMessageDelivery": str(one.raw).lower(),
        }
    }


OPERATION = on_subscription("GetSubscriptionAttributes", _perform, read_only=True)
