"""What a channel may be and how it reads in answers.

What does not belong here: the events that come through one (audit_events.py).
Source: CloudTrail API Reference, Channel, Destination and IngestionStatus; quotas.
"""

from typing import Any, Final

from regions.errors import InvalidParameterException
from regions.lake.changes import Channel
from regions.lake.desk import LakeDesk
from regions.lake.errors import (
    ChannelAlreadyExistsException,
    ChannelMaxLimitExceededException,
    InvalidEventDataStoreCategoryException,
)
from regions.lake.shapes import seconds_of
from regions.lake.state import LakeState
from regions.lake.stores import category_of, store_arn
from regions.trail.selectors import ACTIVITY

#: Channels of an account in one region. Source: quotas.
CHANNELS_MAX: Final = 25
_STORE: Final = "EVENT_DATA_STORE"


def channels_of(state: LakeState, account: str) -> list[Channel]:
    """Return an account's channels, in order of their names."""
    found = [channel for channel in state.channels.values() if channel.account == account]
    return sorted(found, key=lambda channel: channel.name)


def check_channel_name(desk: LakeDesk, name: str) -> None:
    """Refuse a name that another channel of the account has.

    Raises:
      ChannelAlreadyExistsException: it is taken.
    """
    if any(channel.name == name for channel in channels_of(desk.state, desk.account)):
        raise ChannelAlreadyExistsException(f"Channel {name} already exists.")


def check_channel_room(desk: LakeDesk) -> None:
    """Refuse one more channel where there are as many as there may be.

    Raises:
      ChannelMaxLimitExceededException: there are 25.
    """
    if len(channels_of(desk.state, desk.account)) >= CHANNELS_MAX:
        raise ChannelMaxLimitExceededException(
            f"User: {desk.account} already has {CHANNELS_MAX} channels in {desk.region}."
        )


def read_stores(desk: LakeDesk, listed: Any) -> tuple[str, ...]:
    """Return the ids of the event data stores that a channel is to lead to.

    Raises:
      InvalidParameterException: a destination is none of an event data store.
      InvalidEventDataStoreCategoryException: a store is for events of AWS.
    """
    found: dict[str, None] = {}
    for each in listed:
        if each["Type"] != _STORE:
            raise InvalidParameterException(f"Destination type {each['Type']} is not supported.")
        store = desk.store(each["Location"])
        if category_of(store) != ACTIVITY:
            raise InvalidEventDataStoreCategoryException(
                f"Event data store {store.name} is for events of category {category_of(store)}."
            )
        found[store.store_id] = None
    return tuple(found)


def show_channel(desk: LakeDesk, channel: Channel) -> dict[str, Any]:
    """Return a channel as Create-, Get- and UpdateChannel answer."""
    places = [store_arn(desk.region, channel.account, store) for store in channel.stores]
    return {
        "ChannelArn": desk.arn_of(channel),
        "Name": channel.name,
        "Source": channel.source,
        "Destinations": [{"Type": _STORE, "Location": place} for place in places],
    }


def show_ingestion(channel: Channel) -> dict[str, Any]:
    """Return how the last events of a channel fared."""
    shown: dict[str, Any] = {}
    if channel.success_ns:
        shown["LatestIngestionSuccessTime"] = seconds_of(channel.success_ns)
        shown["LatestIngestionSuccessEventID"] = channel.success_id
    if channel.attempt_ns:
        shown["LatestIngestionAttemptTime"] = seconds_of(channel.attempt_ns)
        shown["LatestIngestionAttemptEventID"] = channel.attempt_id
    if channel.error_code:
        shown["LatestIngestionErrorCode"] = channel.error_code
    return shown
