"""Unsubscribe: a subscription is gone; no last message is sent to the endpoint.

Source: SNS API Reference, Unsubscribe: who follows the link needs no signature, unless the
subscription was confirmed so.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.changes import SubscriptionDeleted
from regions.sns.errors import AuthorizationErrorException
from regions.sns.wants import find_subscription, is_anonymous, on_subscription


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    subscription = find_subscription(desk, parameters["SubscriptionArn"])
    if is_anonymous(desk) and (subscription.authenticated or not subscription.confirmed):
        raise AuthorizationErrorException("Unsubscribe needs a signature for this subscription")
    desk.change(SubscriptionDeleted(arn=subscription.arn))
    return {}


OPERATION = on_subscription("Unsubscribe", _perform, open_to_all=True)
