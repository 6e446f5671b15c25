"""A region with nothing to do does nothing: days and years of silence cost almost nothing.

When everything has healed and all is delivered, one hour passes so that the last timers run out,
and then the events of another hour are counted. What polls, heartbeats or retries for ever shows.
What does not belong here: that a sleeping region wakes up again; every later call shows that.
Source: ARCHITECTURE, "Quiet time is free"; the bound is chosen, a few scrubs and probes.
"""

from collections import Counter
from typing import ClassVar, Final

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise
from sim.trace import Event
from sim.units import hours

#: Events of one region in a quiet hour.
EVENTS_MAX: Final = 50
#: Events of a digest under a KMS key, whose data key is asked for, recorded and told of; chosen.
SEALED_DIGEST_EVENTS_MAX: Final = 50
_SHOWN: Final = 3


class QuietTime(Promise):
    """A region that nobody calls, long after the last fault, has next to no events."""

    name: ClassVar[str] = "quiet-time"
    compared: ClassVar[str] = "events of an hour in which nobody called, an hour after the last"

    def conclude(self, arena: Arena) -> None:
        """Let two hours pass and count the events of the second."""
        if not arena.topology.may_sleep:
            return
        world = arena.world
        world.run_for(hours(1))
        talk: Counter[str] = Counter()

        def seen(event: Event) -> None:
            talk[f"{event.kind} {event.subject}"] += 1

        world.trace.observers.append(seen)
        before = world.statistics()["events"]
        world.run_for(hours(1))
        events = world.statistics()["events"] - before
        world.trace.observers.remove(seen)
        self.checked += 1
        sealing = [trail for trail in arena.trails.values() if trail.validates and trail.outlets]
        each = EVENTS_MAX + SEALED_DIGEST_EVENTS_MAX * len(sealing)
        if events > each * len(arena.regions):
            most = ", ".join(f"{count} {what}" for what, count in talk.most_common(_SHOWN))
            text = f"{events} events in a quiet hour; most: {most or 'timers'}"
            self.fail(world.now_ns, text, excuse=self._excuse(arena))

    def _excuse(self, arena: Arena) -> str:
        """Return why some region may have been in need of something in that hour."""
        now_ns = arena.world.now_ns
        for region in arena.regions:
            excuse = arena.allowance.service(region, now_ns - hours(1), now_ns + 1)
            if excuse or (excuse := arena.allowance.keys(region)):
                return excuse
        return ""
