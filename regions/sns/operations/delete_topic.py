"""DeleteTopic: a topic is gone, with its subscriptions; to delete what is not there is no error.

Source: SNS API Reference, DeleteTopic.
"""

from typing import Any

from regions.service.operation import Desk, Values
from regions.sns.changes import TopicDeleted
from regions.sns.wants import on_topic, seek_topic


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    topic = seek_topic(desk, parameters["TopicArn"])
    if topic is not None:
        desk.change(TopicDeleted(arn=topic.arn))
    return {}


OPERATION = on_topic("DeleteTopic", _perform)
