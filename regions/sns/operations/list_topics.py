"""ListTopics: the topics of an account, by ARN.

Source: SNS API Reference, ListTopics.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.places import page
from regions.sns.wants import on_account


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topics = desk.state.topics
    names = sorted(arn for arn, topic in topics.items() if topic.account == desk.account)
    return page([{"TopicArn": arn} for arn in names], names, parameters, "Topics")


OPERATION = on_account("ListTopics", _perform)
