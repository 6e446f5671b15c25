"""ListSubscriptions: the subscriptions of an account, by ARN.

Source: SNS API Reference, ListSubscriptions and Subscription.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.changes import Subscription
from regions.sns.places import page
from regions.sns.wants import on_account


def subscription_shape(one: Subscription) -> dict[str, Any]:
    """Return a subscription as listings show it."""
    return {
        "SubscriptionArn": one.arn if one.confirmed else "PendingConfirmation",
        "Owner": one.account,
        "Protocol": one.protocol,
        "Endpoint": one.endpoint,
        "TopicArn": one.topic,
    }


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    found = desk.state.subscriptions
    names = sorted(arn for arn, one in found.items() if one.account == desk.account)
    shapes = [subscription_shape(found[arn]) for arn in names]
    return page(shapes, names, parameters, "Subscriptions")


OPERATION = on_account("ListSubscriptions", _perform)
