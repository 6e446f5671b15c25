"""What time it is, as a majority of a region's AZs says: no single clock decides what is final.

A host asks the recorders of the other AZs for their calendars and takes the median, the earlier
one of two. In between it counts on with its monotonic clock, which no time service steps. So a
calendar that lies in one AZ neither brings a purge forward nor puts a rotation off.
What does not belong here: what is due when (kms/jobs/), and who asks (jobs.py, az.py).
Source: the median of a majority is within the range of true clocks while a minority lies
(K. Marzullo, "Maintaining the Time in a Distributed System", 1984); the limits are chosen.
"""

from collections.abc import Callable
from typing import Final

from regions.trail.messages import CalendarRead, ReadCalendar
from sim.actor import Actor
from sim.clock import Timer
from sim.promise import Promise
from sim.units import days, ms, seconds

#: Whoever does not answer in this time is left out; chosen, 100 times a round trip between AZs.
ASK_NS: Final = ms(250)
#: Once a majority has answered, the others get this long; chosen, several such round trips.
LATE_NS: Final = ms(10)
#: A calendar this near to the median is taken as it is: the way of a message is not known better.
TRUST_NS: Final = seconds(1)
#: An agreement is good for so long where the act can be undone; chosen: a monotonic clock that is
#: off by 500 millionths, far more than any that works, errs by five minutes in that time.
STALE_NS: Final = days(7)


def median(calendars_ns: list[int], members: int) -> int | None:
    """Return the median of a majority's calendars; None when fewer have answered.

    Args:
      calendars_ns: one for each member that answered, in any order.
      members: how many there are.
    """
    if len(calendars_ns) <= members // 2:
        return None
    return sorted(calendars_ns)[(len(calendars_ns) - 1) // 2]


class AgreedTime:
    """The agreed calendar as one host knows it.

    Args:
      host: whose calendar and monotonic clock are meant.
      witnesses: names of the recorders of the other AZs.
      own_ns: reads the host's own calendar, where ``host.calendar_ns`` is already the agreed one.
    """

    def __init__(
        self,
        host: Actor,
        witnesses: tuple[str, ...],
        own_ns: Callable[[], int] | None = None,
    ) -> None:
        self._host = host
        self._own_ns = own_ns or (lambda: host.calendar_ns)
        self._witnesses = witnesses
        self._ahead_ns: int | None = None  #: the agreed calendar less the monotonic clock
        self._asked_ns = 0  #: when the last agreement was made, on the monotonic clock

    def witnesses_are(self, witnesses: tuple[str, ...]) -> None:
        """Ask these from now on."""
        self._witnesses = witnesses

    def moved(self, by_ns: int) -> None:
        """Go along with all calendars, which somebody has moved forward together."""
        if self._ahead_ns is not None:
            self._ahead_ns += by_ns

    @property
    def estimate_ns(self) -> int:
        """The calendar, counted on from the last agreement; the host's own before the first."""
        if self._ahead_ns is None:
            return self._own_ns()
        return self._host.now_ns + self._ahead_ns

    def read(self) -> int:
        """Return ``estimate_ns``, for those who want a function."""
        return self.estimate_ns

    @property
    def stale_in_ns(self) -> int:
        """How long the last agreement is good enough to wait by; 0 before the first."""
        if self._ahead_ns is None:
            return 0
        return max(0, self._asked_ns + STALE_NS - self._host.now_ns)

    async def agree(self, *, afresh: bool = True) -> int | None:
        """Return the agreed calendar; None when no majority answers.

        Args:
          afresh: ask even if the last agreement is good enough to wait by.
        """
        host = self._host
        if not afresh and self.stale_in_ns:
            return self.estimate_ns
        # Every calendar as its lead over the own monotonic clock, so that waiting adds no error.
        leads = [self._own_ns() - host.now_ns, *await self._ask()]
        lead = median(leads, len(self._witnesses) + 1)
        if lead is None:
            return None
        own = self._own_ns() - host.now_ns
        if abs(own - lead) > TRUST_NS:
            host.note("time", disagrees_ns=own - lead)
        else:
            lead = own
        self._ahead_ns, self._asked_ns = lead, host.now_ns
        return self.estimate_ns

    async def _ask(self) -> list[int]:
        """Return the leads of the witnesses that answer in time."""
        if not self._witnesses:
            return []
        host, leads = self._host, list[int]()
        begin_ns, done = host.now_ns, Promise(host)
        waiting, late = len(self._witnesses), list[Timer]()
        enough = (waiting + 1) // 2  # With the host's own, a majority.

        def then(answer: object) -> None:
            nonlocal waiting
            waiting -= 1
            if isinstance(answer, CalendarRead):
                # As it stood half-way between question and answer.
                leads.append(answer.calendar_ns - (begin_ns + host.now_ns) // 2)
            if not waiting:
                done.set(None)
            elif len(leads) == enough:
                late.append(host.after(LATE_NS, done.set, None))

        for witness in self._witnesses:
            host.call(witness, ReadCalendar(), then, timeout_ns=ASK_NS)
        await done.wait()
        for timer in late:
            timer.cancel()
        return leads
