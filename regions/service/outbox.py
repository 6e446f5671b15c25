"""What a service has promised to hand on and has not handed on yet: part of its state.

What does not belong here: when and how often it is tried (post.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel(Message):
    """One thing to hand on; it is kept until it was taken, or was refused often enough."""

    parcel_id: str  #: a UUID
    to: str  #: an endpoint, or the ARN of a target
    about: str  #: ARN of the subscription or rule that wants it
    account: str  #: whose that is
    body: str = field(repr=False)
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDone(Message):
    """A parcel needs no further try."""

    parcel_id: str


#: Ids in the journal of every service that has an outbox.
OUTBOX_CHANGES: Final[dict[int, type[Any]]] = {890: Parcel, 891: ParcelDone}


class Outbox:
    """All parcels under way."""

    def __init__(self) -> None:
        self.parcels: dict[str, Parcel] = {}

    def apply(self, change: Parcel | ParcelDone) -> None:
        """Take one change over."""
        if isinstance(change, Parcel):
            self.parcels[change.parcel_id] = change
        else:
            self.parcels.pop(change.parcel_id, None)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this outbox out of an empty one."""
        return self.parcels.values()
