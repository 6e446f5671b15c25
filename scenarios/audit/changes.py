"""What was changed of a key or a trail, when, by whom, and from what to what.

What records show is tracked from the first record on; a value that nothing showed before is None,
which means unknown. Attempts that were refused are listed and change nothing.
What does not belong here: how each event changes what (key_changes.py, trail_changes.py).
"""

from dataclasses import dataclass
from typing import Any, Final

from scenarios.audit.event import Event
from scenarios.audit.key_changes import ABSENT, KEY_CHANGES
from scenarios.audit.naming import KMS, AliasBook, named
from scenarios.audit.trail_changes import TRAIL_CHANGES, trail_of

_TRAIL: Final = "cloudtrail"
_BIRTHS: Final = ("CreateKey", "CreateTrail")
_BORN: Final = "(born in these records)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One call that changed something, or was refused."""

    time: str
    subject: str  #: ARN of the key or trail
    event: str
    who: str
    via: str
    address: str
    error: str
    event_id: str
    #: (what, before, after); None is unknown, "absent" is not there.
    values: tuple[tuple[str, Any, Any], ...]


class ChangeBook:
    """Collects the changes of the keys and trails that a text names."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.aliases = AliasBook()
        self._events: list[Event] = []

    def see(self, event: Event) -> None:
        """Keep a record of a change."""
        if event.service == KMS:
            self.aliases.learn(event)
            if event.name in KEY_CHANGES:
                self._events.append(event)
        elif event.service == _TRAIL and event.name in TRAIL_CHANGES:
            self._events.append(event)

    def changes(self) -> list[Change]:
        """Return the changes in order of time, once all records were seen."""
        keys = set(self.aliases.keys_ever(self.name)) if "alias/" in self.name else set()
        states: dict[str, dict[str, Any]] = {}
        found = []
        # Sorting is stable: records of one second stay as they came in the files.
        for event in sorted(self._events, key=lambda event: event.time):
            found += [
                _change(event, subject, states.setdefault(subject, {}))
                for subject in self._subjects(event)
                if subject in keys or _is(subject, self.name)
            ]
        return found

    def _subjects(self, event: Event) -> tuple[str, ...]:
        if event.service == _TRAIL:
            return trail_of(event)
        names = named(event)
        found = [self.aliases.key_of(alias, event.time) for alias in names.aliases]
        return (*names.arns, *(key for key in found if key))


def _is(subject: str, name: str) -> bool:
    """Return whether a text means a key or trail: its ARN, its id, or its name."""
    return name in {subject, subject.rpartition("/")[2]}


def _change(event: Event, subject: str, state: dict[str, Any]) -> Change:
    setter = (KEY_CHANGES if event.service == KMS else TRAIL_CHANGES)[event.name]
    values = []
    if not event.error:
        if event.name in _BIRTHS:
            state.clear()
            state[_BORN] = True
        for what, after in setter(event, subject).items():
            # What was born in these records had nothing before; and no grant is ever changed.
            new = _BORN in state or (event.name == "CreateGrant" and what not in state)
            before = state.get(what, ABSENT if new else None)
            state[what] = after
            if before != after:
                values.append((what, before, after))
    return Change(
        time=event.time,
        subject=subject,
        event=event.name,
        who=event.principal,
        via=event.via,
        address=event.address,
        error=event.error,
        event_id=event.id,
        values=tuple(values),
    )
