"""ConfirmSubscription: whoever got the token at the endpoint wants the topic's messages.

Source: SNS API Reference, ConfirmSubscription: tokens are valid for two days; the call needs a
signature only for AuthenticateOnUnsubscribe.
"""

import hmac
from typing import Any, Final

from regions.service.operation import Desk, Values
from regions.sns.errors import InvalidParameterException
from regions.sns.wants import find_topic, is_anonymous, now_ms, on_topic, truth
from sim.quick import changed

VALID_MS: Final = 2 * 86_400_000


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topic = find_topic(desk, parameters["TopicArn"])
    token = parameters["Token"].encode()
    wished = truth(
        parameters.get("AuthenticateOnUnsubscribe", "false"), "AuthenticateOnUnsubscribe"
    )
    for subscription in desk.state.of_topic(topic.arn):
        known = subscription.token.encode()
        if known and hmac.compare_digest(known, token):
            break
    else:
        raise InvalidParameterException("Invalid parameter: Token")
    if not subscription.confirmed:
        if now_ms(desk) - subscription.asked_ms > VALID_MS:
            raise InvalidParameterException("Invalid parameter: Token")
        signed = not is_anonymous(desk)
        desk.change(
            changed(subscription, confirmed=True, authenticated=wished and signed, by_owner=signed)
        )
    return {"SubscriptionArn": subscription.arn}


OPERATION = on_topic("ConfirmSubscription", _perform, secret=frozenset({"Token"}), open_to_all=True)
