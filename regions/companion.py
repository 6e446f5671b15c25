"""Whether the recorder beside a host answers, as far as the host knows.

A host without its recorder can answer no call, so it says in answer to probes that it does not
serve; the front hands its calls to other AZs meanwhile. The recorder is asked at the host's start,
when something was asked of it in vain, and, while it is silent, with each probe: only traffic
causes that, so a quiet region asks nothing.
What does not belong here: whether the recorder keeps what it is given (trail/recorder.py), and
who is handed a call (region.py).
Source: health checks that reach one step further than the process itself; the time is chosen.
"""

from typing import Final

from regions.trail.messages import CalendarRead, ReadCalendar
from sim.actor import Actor
from sim.units import ms

#: In one AZ an answer takes less than a millisecond; chosen, as the front's own probe.
ANSWER_NS: Final = ms(150)


class Companion:
    """What one AZ host knows of its recorder.

    Args:
      host: the AZ actor.
      recorder: its name.
    """

    def __init__(self, host: Actor, recorder: str) -> None:
        self._host, self._recorder = host, recorder
        self._answers = False
        self._asking = False

    def check(self) -> None:
        """Find out whether the recorder answers."""
        if self._asking:
            return
        self._asking = True

        def then(answer: object) -> None:
            self._asking = False
            self._answers = isinstance(answer, CalendarRead)

        self._host.call(self._recorder, ReadCalendar(), then, timeout_ns=ANSWER_NS)

    def answers(self) -> bool:
        """Say whether it answered last; if it did not, it is asked again."""
        if not self._answers:
            self.check()
        return self._answers
