"""The life of each key as its callers saw it, in terms of a table of key states.

Each answer, or its absence, says in which states the key may have been and in which it was left.
The table is written from the documentation, not from the service that is judged by it.
What does not belong here: judging (invariants/).
Source: AWS KMS Developer Guide, "Key states of AWS KMS keys", its table of actions and states.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from scenarios.arena import Arena
from scenarios.witness import KeyUse
from sim.check.history import OK, Call
from sim.check.linearizability import Operation
from sim.units import days

ABSENT: Final = "absent"  #: CreateKey has not taken effect yet
ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
PENDING: Final = "PendingDeletion"
GONE: Final = "deleted"

_MULTI_REGION: Final = "mrk-"
_LIVING: Final = frozenset({ENABLED, DISABLED, PENDING})
_USABLE: Final = frozenset({ENABLED})
_STANDING: Final = frozenset({ENABLED, DISABLED})
_CONDEMNED: Final = frozenset({PENDING})
_NOWHERE: Final = frozenset({ABSENT, GONE})

#: Action -> the states that allow it, and the state in which it leaves the key.
_CHANGES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "CreateKey": (frozenset({ABSENT}), ENABLED),
    "DisableKey": (_STANDING, DISABLED),
    "EnableKey": (_STANDING, ENABLED),
    "ScheduleKeyDeletion": (_STANDING, PENDING),
    "CancelKeyDeletion": (_CONDEMNED, DISABLED),
}
#: Actions that need an enabled key. ReEncrypt uses two keys, so its answer tells of neither.
_CRYPTO: Final = frozenset(
    {"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"}
)
#: Crypto on a key that awaits deletion is refused with either of two errors.
_CRYPTO_REFUSED: Final = {
    "DisabledException": frozenset({DISABLED, PENDING}),
    "KMSInvalidStateException": _CONDEMNED,
}
_CHANGE_REFUSED: Final = {
    "DisableKey": _CONDEMNED,
    "EnableKey": _CONDEMNED,
    "ScheduleKeyDeletion": _CONDEMNED,
    "CancelKeyDeletion": _STANDING,
}
#: Of ScheduleKeyDeletion when the caller leaves it to the service.
_WINDOW_DAYS: Final = 30

#: (states in which the key may have been, state in which it was left or "" for the same one)
Meaning = tuple[frozenset[str], str]


def step(state: str, what: Meaning) -> tuple[str, ...]:
    """Return the state after a call; nothing if the call cannot have been answered so."""
    before, after = what
    if state not in before:
        return ()
    return (after or state,)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one call told of one key."""

    call: Call
    before: frozenset[str]  #: states in which the key may have been
    after: str = ""  #: the state in which it was left; "" when the call changes nothing

    @property
    def operation(self) -> Operation:
        """The call as one operation on the key."""
        call = self.call
        outcome = call.outcome or "no answer yet"
        shown = call.detail.state if not self.after and call.outcome == OK else ""
        text = f"{call.action} {outcome} {shown}".rstrip()
        end_ns = None if call.indefinite else call.end_ns
        return Operation(call.caller, call.begin_ns, end_ns, (self.before, self.after), text)


@dataclass(frozen=True, slots=True)
class Life:
    """All that callers saw of one key."""

    region: str
    key_id: str
    changes: tuple[Sight, ...]  #: in the order of their begin; unknown outcomes included
    views: tuple[Sight, ...]  #: answers that only show the state, refusals among them

    @property
    def initial(self) -> tuple[str, ...]:
        """The states in which the key may have been before the first call."""
        if any(sight.call.action == "CreateKey" for sight in self.changes):
            return (ABSENT,)
        return (ENABLED, DISABLED, PENDING)  # The service made it, or somebody unseen.

    def purges(self) -> Iterator[Operation]:
        """Yield that the service deletes the key some time after a deletion's date, or never."""
        for sight in self.changes:
            if sight.after == PENDING:
                due_ns = deletion_ns(sight.call)
                what = (_CONDEMNED, GONE)
                yield Operation("the service", due_ns, None, what, "deletes the key")

    def may_be_deleted(self, now_ns: int) -> bool:
        """Say whether a deletion was asked for, its date has come, and nobody cancelled it."""
        cancelled = [
            sight.call
            for sight in self.changes
            if sight.call.action == "CancelKeyDeletion" and not sight.call.indefinite
        ]
        for sight in self.changes:
            due_ns = deletion_ns(sight.call) if sight.after == PENDING else now_ns + 1
            saved = any(
                sight.call.begin_ns < call.begin_ns and call.end_ns < due_ns for call in cancelled
            )
            if due_ns <= now_ns and not saved:
                return True
        return False


def deletion_ns(call: Call) -> int:
    """Return the earliest world time at which a scheduled deletion may be carried out."""
    return call.begin_ns + days(call.detail.window_days or _WINDOW_DAYS)


def lives(arena: Arena) -> Iterator[Life]:
    """Yield what callers saw of each key, in the order in which keys were first seen.

    Replicas of multi-Region keys are left out.
    """
    found: dict[tuple[str, str], tuple[list[Sight], list[Sight]]] = {}
    for call in arena.calls():
        use = call.detail
        if isinstance(use, KeyUse) and use.key_id and call.service == "kms":
            sight = _sight(call, use)
            if sight is not None:
                both = found.setdefault((call.place, use.key_id), ([], []))
                both[0 if sight.after else 1].append(sight)
    for (region, key_id), (changes, views) in found.items():
        life = Life(region, key_id, tuple(changes), tuple(views))
        # When a replica comes into being, no call in its region says.
        if not key_id.startswith(_MULTI_REGION) or life.initial == (ABSENT,):
            yield life


def _sight(call: Call, use: KeyUse) -> Sight | None:
    """Return what a call tells of its key, or None when it tells nothing."""
    action, outcome = call.action, call.outcome
    change = _CHANGES.get(action)
    if change is not None and call.may_have_happened:
        return Sight(call, *change)
    before: Iterable[str] | None = None
    if call.indefinite:
        return None  # Whatever it showed, nobody saw it.
    if outcome == OK:
        if action in _CRYPTO:
            before = _USABLE
        elif action == "DescribeKey" and use.state in _LIVING:
            before = (use.state,)
    elif outcome == "NotFoundException":
        before = _NOWHERE
    elif action in _CRYPTO:
        before = _CRYPTO_REFUSED.get(outcome)
    elif outcome == "KMSInvalidStateException":
        before = _CHANGE_REFUSED.get(action)
    return None if before is None else Sight(call, frozenset(before))
