"""One call to a lake on its way: what its actions may look at, find and must be allowed.

What does not belong here: what an action does (operations/), and authorization itself.
Source: Service Authorization Reference, "AWS CloudTrail" and "AWS CloudTrail Data": event data
stores, channels and trails are resources, and the first two may have a policy.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regions.errors import UnsupportedOperationException
from regions.lake.changes import Channel, EventDataStore
from regions.lake.errors import (
    ChannelARNInvalidException,
    ChannelNotFoundException,
    EventDataStoreARNInvalidException,
    EventDataStoreNotFoundException,
    InactiveEventDataStoreException,
)
from regions.lake.events import EventFiles
from regions.lake.query.warehouse import Warehouse
from regions.lake.state import LakeState
from regions.lake.stores import channel_arn, is_over, store_arn
from regions.service.operation import Desk, Operation, Values, Wanted

_ARN_PARTS: Final = 6
_STORE: Final = "eventdatastore/"
_CHANNEL: Final = "channel/"


@dataclass(slots=True)
class LakeDesk(Desk):
    """One call, and what of the actor its action may use."""

    state: LakeState
    warehouse: Callable[[], Warehouse] | None = None  #: raises if DuckDB is not installed
    result: Callable[[str], list[list[list[str]]] | None] | None = None  #: of a query
    files: EventFiles | None = None  #: of events, for calls that bring some
    bucket_site: str = ""  #: who holds the bucket that the call names
    key_arn: str = ""  #: of the KMS key that the call names

    # What calls name.

    def store(self, name: str, *, deleted: bool = False) -> EventDataStore:
        """Return an event data store by its ARN or id.

        Args:
          deleted: also one that waits for its deletion.

        Raises:
          EventDataStoreARNInvalidException: the ARN is not one of a store of this region.
          EventDataStoreNotFoundException: there is no such store.
          InactiveEventDataStoreException: it waits for its deletion.
        """
        account, store_id = self._named(name)
        found = self.state.stores.get(store_id)
        if found is None or found.account != account or is_over(found, self.now_ns):
            raise EventDataStoreNotFoundException(f"Event data store {name} does not exist.")
        if found.deleted_ns and not deleted:
            raise InactiveEventDataStoreException(f"Event data store {name} is pending deletion.")
        return found

    def _named(self, name: str) -> tuple[str, str]:
        if not name.startswith("arn:"):
            return self.account, name.lower()
        parts = name.split(":")
        known = len(parts) == _ARN_PARTS and parts[5].startswith(_STORE)
        if not known or parts[3] != self.region:
            raise EventDataStoreARNInvalidException(f"Event data store ARN {name} is not valid.")
        return parts[4], parts[5].removeprefix(_STORE).lower()

    def channel(self, name: str) -> Channel:
        """Return a channel by its ARN or id.

        Raises:
          ChannelARNInvalidException: the ARN is not one of a channel of this region.
          ChannelNotFoundException: there is no such channel.
        """
        account, channel_id = self.account, name
        if name.startswith("arn:"):
            parts = name.split(":")
            known = len(parts) == _ARN_PARTS and parts[5].startswith(_CHANNEL)
            if not known or parts[3] != self.region:
                raise ChannelARNInvalidException(f"Channel ARN {name} is not valid.")
            account, channel_id = parts[4], parts[5].removeprefix(_CHANNEL)
        found = self.state.channels.get(channel_id)
        if found is None or found.account != account:
            raise ChannelNotFoundException(f"Channel {name} does not exist.")
        return found

    def arn_of(self, thing: EventDataStore | Channel) -> str:
        """Return the ARN of a store or a channel of this region."""
        if isinstance(thing, Channel):
            return channel_arn(self.region, thing.account, thing.channel_id)
        return store_arn(self.region, thing.account, thing.store_id)


Perform = Callable[[LakeDesk, Values], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeOperation(Operation):
    """One API action of a lake; it may name a bucket or a KMS key, which are looked for first."""

    #: The URI of a bucket that the call wants to write to, or to read from; "" if it names none.
    bucket_of: Callable[[Values], str] = lambda _: ""
    reads_from: Callable[[Values], str] = lambda _: ""
    key_of: Callable[[Values], str] = lambda _: ""
    #: What must be allowed besides, where a call is about several things.
    wants_all: Callable[[Any, Values], Iterable[Wanted]] = lambda _desk, _parameters: ()
    modelled: bool = True  #: False: it is refused as UnsupportedOperationException


def wanted(
    desk: LakeDesk, action: str, thing: EventDataStore | Channel | None, tags: Any = None
) -> Wanted:
    """Return what a call on a store or a channel needs; None: on none that there is."""
    request_tags = None if tags is None else tags_of(tags)
    if thing is None:
        return Wanted(
            action=f"cloudtrail:{action}",
            resource="*",
            account=desk.account,
            request_tags=None if request_tags is None else dict(request_tags),
        )
    arn = desk.arn_of(thing)
    return Wanted(
        action=f"cloudtrail:{action}",
        resource=arn,
        account=thing.account,
        policy=desk.state.policies.get(arn, ""),
        resource_tags=dict(thing.tags),
        request_tags=None if request_tags is None else dict(request_tags),
    )


def tags_of(listed: Any) -> tuple[tuple[str, str], ...]:
    """Return tags as they are kept, sorted; the last of equal keys counts."""
    return tuple(sorted({each["Key"]: each.get("Value", "") for each in listed}.items()))


def shown_tags(tags: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Return tags as answers show them."""
    return [{"Key": key, "Value": value} if value else {"Key": key} for key, value in tags]


def on_store(
    name: str,
    perform: Perform,
    *,
    read_only: bool = False,
    deleted: bool = False,
    member: str = "EventDataStore",
    **more: Any,
) -> LakeOperation:
    """Return an action on the event data store that a member of the request names.

    Args:
      deleted: also on one that waits for its deletion.
    """

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        return wanted(desk, name, desk.store(parameters[member], deleted=deleted))

    return LakeOperation(name=name, perform=perform, read_only=read_only, wants=wants, **more)


def on_channel(name: str, perform: Perform, *, read_only: bool = False) -> LakeOperation:
    """Return an action on the channel that the request names."""

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        return wanted(desk, name, desk.channel(parameters["Channel"]))

    return LakeOperation(name=name, perform=perform, read_only=read_only, wants=wants)


def on_any(
    name: str, perform: Perform, *, read_only: bool = False, tags: str = "", **more: Any
) -> LakeOperation:
    """Return an action that names nothing that there is.

    Args:
      tags: the member that has the tags of what is made.
    """

    def wants(desk: LakeDesk, parameters: Values) -> Wanted:
        return wanted(desk, name, None, parameters.get(tags))

    return LakeOperation(name=name, perform=perform, read_only=read_only, wants=wants, **more)


def unmodelled(name: str, *, read_only: bool = False) -> LakeOperation:
    """Return an action that is refused, whoever asks for it and whatever he says."""

    def refuse(_desk: LakeDesk, _parameters: Mapping[str, Any]) -> dict[str, Any]:
        raise UnsupportedOperationException(f"{name} is not modelled")

    return on_any(name, refuse, read_only=read_only, modelled=False)
