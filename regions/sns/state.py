"""What SNS of one region knows: topics, subscriptions, messages under way.

What does not belong here: what a call may do with it (operations/), and disks.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from regions.service.outbox import Outbox, Parcel, ParcelDone
from regions.sns.changes import Subscription, SubscriptionDeleted, Topic, TopicDeleted
from sim.quick import changed
from sim.wire import Message


class SnsState:
    """The state of the service in one region, changed by messages alone.

    Args:
      url: where links in messages lead; it is no part of what is kept.
    """

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.topics: dict[str, Topic] = {}  #: by ARN
        self.subscriptions: dict[str, Subscription] = {}  #: by ARN
        self.outbox = Outbox()

    def of_topic(self, arn: str) -> list[Subscription]:
        """Return the subscriptions of a topic, in order of their ARNs."""
        found = self.subscriptions
        return [found[one] for one in sorted(found) if found[one].topic == arn]

    def apply(self, change: Message) -> None:
        """Take one change over."""
        _APPLY[type(change)](self, change)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        yield from self.topics.values()
        yield from self.subscriptions.values()
        yield from self.outbox.changes()


def _put_topic(state: SnsState, topic: Topic) -> None:
    state.topics[topic.arn] = topic


def _delete_topic(state: SnsState, change: TopicDeleted) -> None:
    del state.topics[change.arn]
    for subscription in state.of_topic(change.arn):
        del state.subscriptions[subscription.arn]


def _put_subscription(state: SnsState, subscription: Subscription) -> None:
    state.subscriptions[subscription.arn] = subscription


def _delete_subscription(state: SnsState, change: SubscriptionDeleted) -> None:
    topic = state.topics[state.subscriptions.pop(change.arn).topic]
    state.topics[topic.arn] = changed(topic, unsubscribed=topic.unsubscribed + 1)


def _send(state: SnsState, change: Parcel | ParcelDone) -> None:
    state.outbox.apply(change)


_APPLY: Final[dict[type[Any], Callable[[SnsState, Any], None]]] = {
    Topic: _put_topic,
    TopicDeleted: _delete_topic,
    Subscription: _put_subscription,
    SubscriptionDeleted: _delete_subscription,
    Parcel: _send,
    ParcelDone: _send,
}
