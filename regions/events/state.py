"""What EventBridge of one region knows: rules, their targets, events under way.

What does not belong here: what a call may do with it (operations/), and disks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from regions.events.changes import Rule, RuleDeleted, Target, TargetRemoved
from regions.service.outbox import Outbox, Parcel, ParcelDone
from sim.wire import Message


@dataclass(slots=True)
class Ruled:
    """A rule with its targets by id."""

    rule: Rule
    targets: dict[str, Target] = field(default_factory=dict)


class EventsState:
    """The state of the service in one region, changed by messages alone."""

    def __init__(self) -> None:
        self.rules: dict[tuple[str, str], Ruled] = {}  #: account, name
        self.outbox = Outbox()

    def of_account(self, account: str) -> list[Ruled]:
        """Return the rules of an account, by name."""
        return [self.rules[key] for key in sorted(self.rules) if key[0] == account]

    def apply(self, change: Message) -> None:
        """Take one change over."""
        _APPLY[type(change)](self, change)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for ruled in self.rules.values():
            yield ruled.rule
            yield from ruled.targets.values()
        yield from self.outbox.changes()


def _put_rule(state: EventsState, rule: Rule) -> None:
    found = state.rules.get((rule.account, rule.name))
    if found is None:
        state.rules[rule.account, rule.name] = Ruled(rule)
    else:
        found.rule = rule


def _delete_rule(state: EventsState, change: RuleDeleted) -> None:
    del state.rules[change.account, change.name]


def _put_target(state: EventsState, target: Target) -> None:
    state.rules[target.account, target.rule].targets[target.target_id] = target


def _remove_target(state: EventsState, change: TargetRemoved) -> None:
    del state.rules[change.account, change.rule].targets[change.target_id]


def _send(state: EventsState, change: Parcel | ParcelDone) -> None:
    state.outbox.apply(change)


_APPLY: Final[dict[type[Any], Callable[[EventsState, Any], None]]] = {
    Rule: _put_rule,
    RuleDeleted: _delete_rule,
    Target: _put_target,
    TargetRemoved: _remove_target,
    Parcel: _send,
    ParcelDone: _send,
}
