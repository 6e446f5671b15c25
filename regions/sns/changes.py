"""What changes the state of SNS, as its journal keeps it.

What does not belong here: what a change does (state.py), and parcels (service/outbox.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.service.outbox import OUTBOX_CHANGES
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Message):
    """There is such a topic; one of the same ARN takes over its settings."""

    arn: str
    account: str
    policy: str  #: a JSON document
    display_name: str = ""
    tags: dict[str, Any] = field(default_factory=dict)
    unsubscribed: int = 0  #: how many subscriptions were deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDeleted(Message):
    """A topic is gone, with its subscriptions."""

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Message):
    """An endpoint wants, or has, a topic's messages; one of the same ARN is replaced."""

    arn: str
    topic: str  #: ARN
    account: str  #: who subscribed
    protocol: str
    endpoint: str
    token: str = field(repr=False)  #: confirms it; "" of one that needs no confirmation
    asked_ms: int  #: when the token was made
    confirmed: bool
    raw: bool = False  #: messages come without their envelope
    authenticated: bool = False  #: only its owner, or the topic's, may end it
    by_owner: bool = False  #: confirmed by a signed call


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDeleted(Message):
    """A subscription is gone."""

    arn: str


#: Ids in the journal of this service alone.
CHANGES: Final[dict[int, type[Any]]] = OUTBOX_CHANGES | {
    1: Topic,
    2: TopicDeleted,
    3: Subscription,
    4: SubscriptionDeleted,
}
