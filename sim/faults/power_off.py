"""Power cut of a place: every actor in it stops at once, unflushed bytes are lost or torn.

Model: all actors lose power at the same instant and, by default, get it back together as the
fault ends; an actor then starts from class, config and disk. Real outages are short for the
power and long for what needs it: with ``tau`` the actors return in drawn order so that t after
the recovery began a fraction 1 - exp(-t / tau) of them is back. Everything happens within the
fault's time, for all that is still dark at its end returns then:

- the power is back ``dark`` after the cut; without it, 3 ``tau`` before the end, but never before
  half of the fault's time has passed;
- nobody may enter before ``staff`` after the cut, so nothing returns earlier (gas, fire brigade);
- with ``staff`` alone all return together when it is over.

An AZ that is dark for 80 minutes and recovers with tau = 40 minutes is
``for 200m with dark=80m tau=40m``. Limits: without an end fixed by a plan there is no early
recovery; no ramp down; hardware that never returns is ``site-loss``.
Source: shapes of public power events: AWS ap-southeast-2, June 2016 (81 minutes without power, a
tail of hours), us-east-2, July 2022 (20 minutes, and three hours for what ran there); staff kept
out by the gas of a fire suppression: eu-central-1, June 2021.
"""

from collections.abc import Mapping
from math import log
from typing import ClassVar, Final

from sim.clock import Timer
from sim.faults.crash import Crash
from sim.faults.fault import Option
from sim.world import World

#: How many tau lie between the power's return and the end: 95 % are back by then; chosen.
TAIL_TAUS: Final = 3


class PowerOff(Crash):
    """Everything in a place loses power; with the end it boots from its disks."""

    name: ClassVar[str] = "power-off"
    options: ClassVar[Mapping[str, Option]] = {
        "tau": Option("0s", "duration", "time constant of the recovery; 0s: all at once",
                      least="0s"),
        "dark": Option("0s", "duration", "when the power is back; 0s: as the model says",
                       least="0s"),
        "staff": Option("0s", "duration", "how long nobody may enter", least="0s"),
    }  # fmt: skip

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._returns: list[Timer] = []

    def inject(self, world: World) -> None:
        """Cut the power of the whole place, and plan who returns before the end."""
        super().inject(world)
        begin_ns = world.now_ns
        if self.ends_ns is None or not any(map(self.duration_ns, self.options)):
            return
        order = world.rng("fault", self.name, self.target).sample(self.held, len(self.held))
        first_ns, tau_ns = self._first_ns(begin_ns, self.ends_ns), self.duration_ns("tau")
        for place, name in enumerate(order):
            # The middle of the actor's own share of the curve: no draw can make a long tail.
            after_ns = int(-tau_ns * log(1 - (place + 0.5) / len(order)))
            if first_ns + after_ns < self.ends_ns:
                self._returns.append(world.at(first_ns + after_ns, world.let_up, name, self))

    def heal(self, world: World) -> None:
        """Give power to all that still waits for it."""
        for timer in self._returns:
            timer.cancel()
        self._returns.clear()
        super().heal(world)

    def _first_ns(self, begin_ns: int, ends_ns: int) -> int:
        """Return the world time at which the recovery begins."""
        tau_ns, dark_ns = self.duration_ns("tau"), self.duration_ns("dark")
        power_ns = begin_ns + dark_ns
        if tau_ns and not dark_ns:
            power_ns = max((begin_ns + ends_ns) // 2, ends_ns - TAIL_TAUS * tau_ns)
        return max(power_ns, begin_ns + self.duration_ns("staff"))
