"""What the actions of SNS need to be allowed, and on what; and what they find.

What does not belong here: what an action does (operations/).
Source: Service Authorization Reference, "Amazon SNS"; resources in refusals as observed.
"""

from collections.abc import Callable
from typing import Any

from regions.errors import UnsupportedOperationException
from regions.service.operation import Desk, Operation, Values, Wanted
from regions.service.outbox import Parcel
from regions.sns.changes import Subscription, Topic
from regions.sns.errors import InvalidParameterException, NotFoundException
from regions.sns.places import check_arn, topic_arn
from regions.sns.state import SnsState

Perform = Callable[[Desk, Values], dict[str, Any]]

_UUID_LENGTH = 36


def now_ms(desk: Desk) -> int:
    """Return the calendar time of a call."""
    return desk.now_ns // 1_000_000


def seek_topic(desk: Desk, arn: str, member: str = "TopicArn") -> Topic | None:
    """Return a topic, None if there is no such.

    Raises:
      InvalidParameterException: the ARN is none of a topic of this region.
    """
    check_arn(arn, member, desk.region)
    state: SnsState = desk.state
    return state.topics.get(arn)


def find_topic(desk: Desk, arn: str, member: str = "TopicArn") -> Topic:
    """Return a topic.

    Raises:
      InvalidParameterException: the ARN is none of a topic of this region.
      NotFoundException: there is no such topic.
    """
    topic = seek_topic(desk, arn, member)
    if topic is None:
        raise NotFoundException("Topic does not exist")
    return topic


def find_subscription(desk: Desk, arn: str) -> Subscription:
    """Return a subscription.

    Raises:
      InvalidParameterException: the ARN is none of a subscription of this region.
      NotFoundException: there is no such subscription.
    """
    check_arn(arn, "SubscriptionArn", desk.region)
    subscription: Subscription | None = desk.state.subscriptions.get(arn)
    if subscription is None:
        raise NotFoundException("Subscription does not exist")
    return subscription


def is_anonymous(desk: Desk) -> bool:
    """Tell whether nobody has signed a call, as those who follow a link do not."""
    return desk.call.principal.kind == "Anonymous"


def parcel(desk: Desk, subscription: Subscription, headers: dict[str, Any], body: str) -> Parcel:
    """Return what is to be carried to a subscription's endpoint."""
    return Parcel(
        parcel_id=desk.rng("parcel").uuid(),
        to=subscription.endpoint,
        about=subscription.arn,
        account=subscription.account,
        headers=headers,
        body=body,
    )


def refuse_attributes(given: Values, known: tuple[str, ...]) -> None:
    """Refuse attributes that are not modelled.

    Raises:
      UnsupportedOperationException: there is one.
    """
    for name in given:
        if name not in known:
            raise UnsupportedOperationException(
                f"attribute {name} is not modelled; expected {' or '.join(known)}"
            )


def truth(value: str, member: str) -> bool:
    """Return an attribute that is true or false.

    Raises:
      InvalidParameterException: it is neither.
    """
    if value.lower() not in ("true", "false"):
        raise InvalidParameterException(f"Invalid parameter: {member}: expected true or false")
    return value.lower() == "true"


def _on(name: str, arn: str, topic: Topic | None) -> Wanted:
    return Wanted(
        action=f"SNS:{name}",
        resource=arn,
        account=arn.split(":")[4] if topic is None else topic.account,
        policy="" if topic is None else topic.policy,
        resource_tags=None if topic is None else topic.tags,
    )


def on_topic(
    name: str,
    perform: Perform,
    *,
    member: str = "TopicArn",
    read_only: bool = False,
    recorded: bool = True,
    secret: frozenset[str] = frozenset(),
    open_to_all: bool = False,
) -> Operation:
    """Return an action on a topic that a parameter names.

    Args:
      open_to_all: nobody needs to have signed it.
    """

    def wants(desk: Desk, parameters: Values) -> Wanted | None:
        if open_to_all and is_anonymous(desk):
            return None
        arn: str = parameters.get(member) or parameters.get("TargetArn") or ""
        return _on(name, arn, seek_topic(desk, arn))

    return Operation(
        name=name,
        perform=perform,
        read_only=read_only,
        wants=wants,
        recorded=recorded,
        secret=secret,
    )


def on_subscription(
    name: str, perform: Perform, *, read_only: bool = False, open_to_all: bool = False
) -> Operation:
    """Return an action on a subscription, which its topic's policy speaks of."""

    def wants(desk: Desk, parameters: Values) -> Wanted | None:
        if open_to_all and is_anonymous(desk):
            return None
        subscription = find_subscription(desk, parameters["SubscriptionArn"])
        if desk.account == subscription.account:
            # Its owner's own policies decide, whoever owns the topic.
            return Wanted(
                action=f"SNS:{name}", resource=subscription.topic, account=subscription.account
            )
        topic = desk.state.topics[subscription.topic]
        return _on(name, topic.arn, topic)

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)


def on_account(name: str, perform: Perform) -> Operation:
    """Return an action that looks at everything of an account."""

    def wants(desk: Desk, _: Values) -> Wanted:
        arn = topic_arn(desk.region, desk.account, "*")
        return Wanted(action=f"SNS:{name}", resource=arn, account=desk.account)

    return Operation(name=name, perform=perform, read_only=True, wants=wants)
