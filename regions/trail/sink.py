"""What a sink is: one place that records of a region's trails go to, and what it may use.

A sink hears of records that came in, of trails that changed and of files that were delivered. Its
durable state is a pure object of its own, changed by messages that stand in the Trail actor's
state file; what it does is done by callbacks and timers, so that it never takes a worker.
What does not belong here: any one sink (sinks/), or which records a trail wants (trails.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from regions.trail.archive import Archive, State
from regions.trail.deliveries import DeliveryPlan
from regions.trail.group_commit import Then
from regions.trail.kept import Kept
from regions.trail.record import AuditRecord
from regions.trail.stored_file import StoredFile
from regions.trail.trails import TrailSettings
from sim.actor import Actor, Expired
from sim.wire import Message, Refusal

#: What an actor answered, or that it did not.
Answer = Message | Refusal | Expired
#: What an ask raises that came to nothing.
NO_ANSWER: Final = (Refusal, Expired)


class Host(Actor):
    """What the Trail actor lends its sinks, beside its clocks, timers and messages."""

    archive: Archive
    states: Mapping[str, Any]  #: of the sinks, by their names
    asks_policy: bool  #: buckets have policies, which must let CloudTrail in
    lakes: tuple[str, ...] = ()  #: CloudTrail Lake in any region, as far as the configuration says

    def service(self, name: str, region: str) -> str:
        """Return who serves ``kms``, ``sns``, ``logs`` ... in a region; "" if nobody does."""
        known = self.archive.regions.get(region)
        return "" if known is None else str(known.services.get(name, ""))

    def region_of(self, bucket_site: str) -> str:
        """Return the region that a store of buckets stands in."""
        regions = self.archive.regions
        return next((r for r in sorted(regions) if regions[r].bucket == bucket_site), "")

    def take(self, records: Iterable[AuditRecord], then: Then | None = None) -> None:
        """Take records of this region in, once by event id; ``then()`` when they are durable."""
        raise NotImplementedError

    def change(self, changes: Iterable[Message], then: Then | None = None) -> None:
        """Apply changes of state; ``then()`` when they are durable."""
        raise NotImplementedError

    def stored(self, plan: DeliveryPlan, file: StoredFile) -> Iterable[Message]:
        """Tell all sinks of a delivered file; return what they want kept together with it."""
        raise NotImplementedError

    def settled(self, arn: str) -> None:
        """Tell all sinks that what ``stored()`` returned is durable."""
        raise NotImplementedError


def complaint(answer: Answer) -> str:
    """Return the word that a trail's status shows for an answer that is none."""
    if isinstance(answer, Expired):
        return "RequestTimeout"
    return answer.record_code if isinstance(answer, ServiceError) else type(answer).__name__


class NoState:
    """The state of a sink that remembers nothing of its own."""

    def apply(self, change: Any) -> None:
        """Never called: there are no changes."""

    def changes(self) -> Iterable[Message]:
        """Yield nothing."""
        return ()


class Sink:
    """The base of all sinks; each hook does nothing unless a sink says otherwise.

    Args:
      host: the Trail actor.
      state: as its ``new_state()`` made it, and the disk has changed it since.
    """

    name: ClassVar[str]
    #: Ids (on the Trail actor's disk only, see archive.py) and types of its changes.
    frames: ClassVar[Mapping[int, type[Any]]] = {}

    def __init__(self, host: Host, state: Any) -> None:
        self.host = host
        self.state = state

    @staticmethod
    def new_state() -> State:
        """Return the state of a sink that has never done anything."""
        return NoState()

    def resume(self) -> None:
        """Go on after a restart: the state is as the disk says."""

    def arrived(self, events: Sequence[Kept]) -> None:
        """Records came in that are new; they are durable soon."""

    def altered(self, settings: TrailSettings) -> None:
        """A trail was made, changed or deleted, here or in its home region."""

    def heard(self, sender: str, message: Message) -> None:
        """A lake reads on, or wants to hear no more."""

    def stored(self, plan: DeliveryPlan, file: StoredFile) -> Iterable[Message]:
        """Hear that a log file lies in its bucket; return changes to be kept together with that.

        Once they are durable, ``settled()`` is called.
        """
        del plan, file
        return ()

    def settled(self, arn: str) -> None:
        """Changes of ``stored()`` for a trail are durable."""
