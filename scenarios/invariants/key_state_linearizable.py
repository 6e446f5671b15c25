"""Changes of a key's state take effect one at a time, in an order that every caller could see.

Each key is one object: CreateKey, DisableKey, EnableKey, ScheduleKeyDeletion and CancelKeyDeletion
change its state; DescribeKey, cryptographic calls and refusals show it. A call without a certain
answer may have taken effect at any later time, or never. With ``consistency = "linearizable"`` all
of them must have one order; with eventual reads the changes that were answered with success must,
and what was only shown is judged by bounded-staleness. A key whose calls are too many to order in
bounded work is unknown: the promise counts as unchecked then, unless another key breaks it.
What does not belong here: the meaning of an answer (key_history.py), the search (sim.check).
Source: AWS KMS API Reference (every action is eventually consistent); ARCHITECTURE, "Copies".
"""

from dataclasses import replace
from typing import ClassVar, Final

from scenarios.arena import Arena
from scenarios.invariants.promise import Promise
from scenarios.key_history import Life, lives, step
from sim.check.linearizability import INVALID, UNKNOWN, check

LINEARIZABLE: Final = "linearizable"


class KeyStateLinearizable(Promise):
    """For each key there is an order of all changes of its state that explains every answer."""

    name: ClassVar[str] = "key-state-linearizable"
    compared: ClassVar[str] = "calls that changed or showed a key's state, ordered key by key"

    def __init__(self) -> None:
        super().__init__()
        self.unknown = 0  #: keys whose calls were too many to order in bounded work

    def conclude(self, arena: Arena) -> None:
        """Order the calls of every key."""
        with_views = arena.topology.consistency == LINEARIZABLE
        for life in lives(arena):
            excuse = arena.allowance.keys(life.region)
            self._judge(life, arena.start_ns, with_views=with_views, excuse=excuse)
        if self.unknown:
            self.checked = 0  # Unknown is neither: without a counterexample it is "unchecked".

    def _judge(self, life: Life, start_ns: int, *, with_views: bool, excuse: str) -> None:
        sights = (*life.changes, *life.views) if with_views else life.changes
        if not sights:
            return
        operations = [sight.operation for sight in sights]
        judged = check([*operations, *life.purges()], step, life.initial)
        if judged.word == UNKNOWN:
            self.unknown += 1
            return
        self.checked += len(operations)
        if judged.word == INVALID:
            assert judged.culprit is not None
            end_ns = judged.culprit.end_ns
            assert end_ns is not None
            # A reader counts time from the start of the run, as every report does.
            seen = replace(
                judged.culprit,
                begin_ns=judged.culprit.begin_ns - start_ns,
                end_ns=end_ns - start_ns,
            )
            text = f"key {life.key_id} in {life.region}: {replace(judged, culprit=seen).line}"
            self.fail(end_ns, text, excuse=excuse)

    @property
    def detail(self) -> str:
        """What was found, and how many keys were too busy to judge."""
        tail = f"; {self.unknown} keys too busy to judge" if self.unknown else ""
        return super().detail + tail
