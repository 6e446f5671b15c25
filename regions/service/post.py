"""Hands parcels on: at least once, again after a pause, and not for ever; nothing polls.

A parcel that was not taken before a restart is tried from the beginning after it, so whoever
takes parcels may see one twice.
What does not belong here: what handing on means (each service's own), and what is kept (outbox.py).
"""

from collections.abc import Callable, Iterable
from functools import partial

from regions.service.outbox import Outbox, Parcel, ParcelDone
from sim.actor import Actor
from sim.wire import Message

#: Told how a try went: "" if the parcel was taken, else why not.
Then = Callable[[str], None]


class Post:
    """Tries the parcels of one service.

    Args:
      actor: the service; its timers and notes are used.
      outbox: part of its state.
      attempt: hands one parcel on, and calls back once.
      pauses_ns: between one try and the next, on the calendar; after the last it is given up.
      keep: writes a change into the service's journal.
    """

    def __init__(
        self,
        actor: Actor,
        outbox: Outbox,
        attempt: Callable[[Parcel, Then], None],
        pauses_ns: tuple[int, ...],
        keep: Callable[[Message], None],
    ) -> None:
        self._actor = actor
        self._outbox = outbox
        self._attempt = attempt
        self._pauses_ns = pauses_ns
        self._keep = keep

    def resume(self) -> None:
        """Try everything that an earlier incarnation has left."""
        self.take(list(self._outbox.parcels.values()))

    def take(self, changes: Iterable[Message]) -> None:
        """Try the parcels among some changes, which are durable by now."""
        for change in changes:
            if isinstance(change, Parcel):
                self._try(change, 0)

    def _try(self, parcel: Parcel, tries: int) -> None:
        self._attempt(parcel, partial(self._after, parcel, tries))

    def _after(self, parcel: Parcel, tries: int, failure: str) -> None:
        if failure and tries < len(self._pauses_ns):
            self._actor.after_calendar(self._pauses_ns[tries], self._try, parcel, tries + 1)
            return
        if failure:
            self._actor.note(
                "delivery-failed", to=parcel.to, about=parcel.about, tries=tries + 1, why=failure
            )
        done = ParcelDone(parcel_id=parcel.parcel_id)
        self._outbox.apply(done)
        self._keep(done)
