"""What is asked of EventBridge, beside API calls.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
PutServiceEvents      CloudTrail asks EventBridge    ServiceEventsTaken
====================  =============================  ==============================================

What does not belong here: API calls (calls.py), and what the service keeps on its disk.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent(Message):
    """One event of an AWS service, for the default bus of an account in this region."""

    account: str
    source: str  #: such as ``aws.kms``
    detail_type: str
    time_ns: int  #: calendar time
    detail: str = field(repr=False)  #: a JSON object
    #: A management event that changed nothing: most rules do not see those.
    read_only_management: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutServiceEvents(Message):
    """Match these events against the rules of their accounts."""

    events: tuple[ServiceEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEventsTaken(Message):
    """What goes to targets is on EventBridge's disk."""


#: Wire ids 750–752.
EVENTS_FRAMES: Final[dict[int, type[Any]]] = {
    750: ServiceEvent,
    751: PutServiceEvents,
    752: ServiceEventsTaken,
}
