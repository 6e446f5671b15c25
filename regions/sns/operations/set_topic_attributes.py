"""SetTopicAttributes: a topic's policy or display name.

Source: SNS API Reference, SetTopicAttributes.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.operations.create_topic import check_attributes
from regions.sns.policies import default_policy
from regions.sns.wants import find_topic, on_topic
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    name, value = parameters["AttributeName"], parameters.get("AttributeValue", "")
    topic = find_topic(desk, parameters["TopicArn"])
    if name == "Policy" and not value:
        value = default_policy(topic.arn, topic.account)
    check_attributes({name: value})
    if name == "Policy":
        desk.change(changed(topic, policy=value))
    else:
        desk.change(changed(topic, display_name=value))
    return {}


OPERATION = on_topic("SetTopicAttributes", _perform)
