"""What was done to the system and what it did about it, as lines a person reads.

What does not belong here: measurements.
"""

from collections.abc import Callable
from typing import Final

from scenarios import figures
from scenarios.result import TimelineEntry
from sim.trace import Event
from sim.world import SimWorld

#: More lines than this hide the story; the rest is counted; chosen.
ENTRIES_MAX: Final = 60
#: Notes of what may happen again and again: told at its first time, with a count.
_COUNTED: Final = (
    *("abort", "audit-lost", "disk", "delivery-given-up", "time"),
    *("notification-given-up", "log-events-given-up", "events-given-up"),
)


class Timeline:
    """Watches a world's notes."""

    def __init__(self, world: SimWorld) -> None:
        self._world = world
        self._lines: list[tuple[int, str]] = []
        self._leaders: dict[str, str] = {}
        self._members: dict[str, int] = {}  #: region -> version of the members told last
        self._jobs: dict[tuple[str, str], list[int]] = {}  #: (region, job) -> when it was done
        self._counted: dict[str, list[int]] = {}  #: text -> when it happened
        #: How notes are told of what happens once, or rarely enough to be told each time.
        self._tellers: dict[str, Callable[[str, dict[str, str]], str]] = {
            "fault": _fault,
            "health": _health,
            "hsm": _joins,
            "idle": _idles,
            "leader": self._leads,
            "members": self._consists,
            "operator": _opens,
            "quarantine": _quarantined,
            "response": _responds,
            "rollout": _halts,
            "theft": _stolen,
        }
        world.trace.watch("job", self._job_done)
        for kind in (*self._tellers, *_COUNTED):
            world.trace.watch(kind, self._seen)

    def _seen(self, event: Event) -> None:
        body = event.body.decode()
        fields = dict(pair.split("=", 1) for pair in body.split(" ") if "=" in pair)
        if event.kind == "abort":
            what = body.partition("reason=")[2]  # a reason is a sentence
            self._count(event, f"{event.subject} died of itself: {what}")
        elif event.kind in _COUNTED or "restarts" in fields:
            self._count(event, self._counted_text(event, fields))
        else:
            text = self._tellers[event.kind](event.subject, fields)
            if text:
                self._lines.append((event.time_ns, text))

    def _count(self, event: Event, text: str) -> None:
        self._counted.setdefault(text, []).append(event.time_ns)

    def _counted_text(self, event: Event, fields: dict[str, str]) -> str:
        if "restarts" in fields:
            return f"{event.subject} finds that {fields['az']} has restarted"
        if event.kind.endswith("-given-up"):
            what = "a delivery" if event.kind == "delivery-given-up" else event.kind[:-9]
            return f"{event.subject} gave up {what.replace('-', ' ')}"
        if event.kind == "audit-lost":
            return f"{event.subject} drops its oldest audit records for want of room"
        if event.kind == "time":
            return f"{event.subject} learns from the others that its calendar is wrong"
        return f"{event.subject} found damage on its disk"

    def _job_done(self, event: Event) -> None:
        word, _, job = event.body.decode().partition("=")
        if word == "done":
            region = event.subject.partition("/")[0]
            self._jobs.setdefault((region, job), []).append(event.time_ns)

    def _leads(self, place: str, fields: dict[str, str]) -> str:
        region, leader = place.partition("/")[0], fields.get("leader", "")
        if not leader or self._leaders.get(region) == leader:
            return ""
        self._leaders[region] = leader
        self._world.roles[region, "leader"] = leader
        return f"{leader} leads {region} (term {fields['term']})"

    def _consists(self, place: str, fields: dict[str, str]) -> str:
        region, version = place.partition("/")[0], int(fields["version"])
        if version <= self._members.get(region, 0):
            return ""  # Another node says the same.
        self._members[region] = version
        text = f"{region} now consists of {_azs(fields['voters'])}"
        return f"{text}; {_azs(fields['learners'])} is learning" if fields["learners"] else text

    def entries(self, start_ns: int) -> tuple[TimelineEntry, ...]:
        """Return what happened from ``start_ns`` on; times count from there."""
        lines = [(time_ns, text) for time_ns, text in self._lines if time_ns >= start_ns]
        lines = sorted(lines + self._once(start_ns), key=lambda line: line[0])
        shown = [TimelineEntry(time_ns=t - start_ns, text=text) for t, text in lines[:ENTRIES_MAX]]
        if len(lines) > ENTRIES_MAX:
            rest = f"... and {len(lines) - ENTRIES_MAX} more"
            shown.append(TimelineEntry(time_ns=lines[ENTRIES_MAX][0] - start_ns, text=rest))
        return tuple(shown + self._long_work(start_ns))

    def _once(self, start_ns: int) -> list[tuple[int, str]]:
        """Return one line for each kind of thing that happened again and again."""
        lines = []
        for text, times in self._counted.items():
            seen = [time_ns for time_ns in times if time_ns >= start_ns]
            if seen:
                more = f" (here for the first of {len(seen):,} times)" if len(seen) > 1 else ""
                lines.append((seen[0], text + more))
        return lines

    def _long_work(self, start_ns: int) -> list[TimelineEntry]:
        """Return one line for each kind of long work that a region did since ``start_ns``."""
        lines = []
        for (region, job), times in self._jobs.items():
            done = [time_ns for time_ns in times if time_ns >= start_ns]
            if done:
                count = "once" if len(done) == 1 else f"{len(done):,} times, here the last one"
                text = f"{region} did {job} {count}"
                lines.append(TimelineEntry(time_ns=done[-1] - start_ns, text=text))
        return lines


def _azs(nodes: str) -> str:
    return ", ".join(node.split("/")[1] for node in nodes.split(","))


def _fault(place: str, fields: dict[str, str]) -> str:
    begun = fields.get("inject")
    return f"{begun} {place}" if begun else f"{fields['heal']} {place} healed"


def _health(place: str, fields: dict[str, str]) -> str:
    state = "in rotation again" if fields["healthy"] == "True" else "out of rotation"
    return f"{place} takes {fields['az']} {state}"


def _idles(place: str, fields: dict[str, str]) -> str:
    why = fields["why"].replace("-", " ")
    return f"{fields['fault']} {place} changes nothing: {why}"


def _joins(_place: str, fields: dict[str, str]) -> str:
    return f"HSM {fields['joined']} joined the domain" if "joined" in fields else ""


def _opens(place: str, fields: dict[str, str]) -> str:
    region = place.split("/")[1]  # the safe's staff are no actors of the region
    if "ceremony" in fields:
        span = figures.span(int(fields["ns"]))
        return f"the staff of {region} begin to open the safe, which takes {span}"
    return f"the safe of {region} is {fields['safe']}"


def _quarantined(place: str, fields: dict[str, str]) -> str:
    return f"{place} puts a call in quarantine: {fields['of']} died of it"


def _halts(place: str, fields: dict[str, str]) -> str:
    return f"{place} fails its health check ({fields['halted']}): the rollout halts"


def _responds(place: str, fields: dict[str, str]) -> str:
    return f"{place.rpartition('/')[2]} calls {fields['action']} on {fields['key']}"


def _stolen(place: str, fields: dict[str, str]) -> str:
    return f"the thief of {place.rpartition('/')[2]} is refused: {fields['ended']}"
