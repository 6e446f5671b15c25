"""SetSubscriptionAttributes: whether messages come without their envelope.

Source: SNS API Reference, SetSubscriptionAttributes.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.operations.subscribe import ATTRIBUTES
from regions.sns.wants import find_subscription, on_subscription, refuse_attributes, truth
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    one, name = find_subscription(desk, parameters["SubscriptionArn"]), parameters["AttributeName"]
    refuse_attributes({name: ""}, ATTRIBUTES)
    raw = truth(parameters.get("AttributeValue", "false"), "AttributeValue")
    desk.change(changed(one, raw=raw))
    return {}


OPERATION = on_subscription("SetSubscriptionAttributes", _perform)
