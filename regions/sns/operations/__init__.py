"""The API actions of SNS, one per file; this is their table."""

from typing import Final

from regions.service.operation import Operation
from regions.sns.operations import (
    confirm_subscription,
    create_topic,
    delete_topic,
    get_subscription_attributes,
    get_topic_attributes,
    list_subscriptions,
    list_subscriptions_by_topic,
    list_topics,
    publish,
    set_subscription_attributes,
    set_topic_attributes,
    subscribe,
    unsubscribe,
)

_MODULES: Final = (
    confirm_subscription,
    create_topic,
    delete_topic,
    get_subscription_attributes,
    get_topic_attributes,
    list_subscriptions,
    list_subscriptions_by_topic,
    list_topics,
    publish,
    set_subscription_attributes,
    set_topic_attributes,
    subscribe,
    unsubscribe,
)

#: API action to what it does.
OPERATIONS: Final[dict[str, Operation]] = {
    module.OPERATION.name: module.OPERATION for module in _MODULES
}
