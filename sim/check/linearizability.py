"""Decides whether operations could have taken effect one at a time, each while under way.

The search is Wing's and Gong's over configurations (what has taken effect, and the state that it
left), each visited once, as Lowe does. It walks the history event by event, and gives an
operation its place only when its end demands one; so the first end without a configuration marks
the shortest beginning of the history that has no order.
An operation whose outcome nobody knows may take effect at any instant since its begin, or never.
What does not belong here: what an operation means (the model's step function), and how calls
become operations of one object (the checker that asks).
Source: M. Herlihy, J. Wing, "Linearizability", 1990; J. Wing, C. Gong, "Testing and verifying
concurrent objects", 1993; G. Lowe, "Testing for linearizability", 2017.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

VALID: Final = "valid"
INVALID: Final = "invalid"
UNKNOWN: Final = "unknown"
Word = Literal["valid", "invalid", "unknown"]

#: Configurations that are looked at before the answer is "unknown"; chosen: a second of work.
WORK_MAX: Final = 200_000
#: Operations that an explanation lists at most; chosen: what fits on a screen.
SHOWN_MAX: Final = 12
_NS_PER_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one object, as its caller saw it."""

    process: str  #: who called
    begin_ns: int
    end_ns: int | None  #: None: nobody knows whether, or when, it took effect
    what: Hashable  #: all that the model reads; operations with equal ones are interchangeable
    text: str = ""  #: what was asked and answered, for people

    def __str__(self) -> str:
        end = "?" if self.end_ns is None else _seconds(self.end_ns)
        return f"{_seconds(self.begin_ns)} – {end} {self.process}: {self.text or self.what}"


#: (state, what) -> the states in which it may leave the object; none: impossible in that state.
Step = Callable[[Any, Any], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the search came to."""

    word: Word
    work: int  #: configurations looked at
    culprit: Operation | None = None  #: the first operation that ended without a place
    #: What began before the culprit ended, in that order: the shortest beginning without an order.
    prefix: tuple[Operation, ...] = ()
    #: Of them, the culprit, what overlaps it, and what last changed the possible states.
    tangle: tuple[Operation, ...] = ()
    states: tuple[Any, ...] = ()  #: in which the object could be before the culprit's end

    @property
    def line(self) -> str:
        """The counterexample in one line; empty unless invalid."""
        if self.culprit is None:
            return ""
        could = " or ".join(str(state) for state in self.states)
        return f"no order explains {self.culprit}; before it the state is {could}"

    def explain(self) -> str:
        """Return the counterexample in lines a person reads; empty unless invalid."""
        if self.culprit is None:
            return ""
        earlier = len(self.prefix) - len(self.tangle)
        lines = [self.line]
        if earlier:
            lines.append(f"  ({earlier} earlier operations have an order)")
        for operation in self.tangle[-SHOWN_MAX:]:
            mark = "> " if operation is self.culprit else "  "
            lines.append(f"{mark}{operation}")
        return "\n".join(lines)


def check(
    operations: Iterable[Operation],
    step: Step,
    initial: Iterable[Any],
    *,
    work_max: int = WORK_MAX,
) -> Judgement:
    """Say whether operations on one object are linearizable.

    Args:
      operations: in any order; ones that touch at one instant count as overlapping.
      step: the sequential meaning; it must be pure, and its states hashable.
      initial: the states in which the object may have been at first; at least one.
      work_max: give up with "unknown" after so many configurations.
    """
    ordered = sorted(operations, key=lambda operation: operation.begin_ns)
    search = _Search(ordered, step, initial, work_max)
    # Begins come before ends at one instant, so that what touches overlaps.
    events = [(operation.begin_ns, 0, place) for place, operation in enumerate(ordered)]
    events += [
        (operation.end_ns, 1, place)
        for place, operation in enumerate(ordered)
        if operation.end_ns is not None
    ]
    events.sort()
    for time_ns, ends, place in events:
        if not ends:
            search.begin(place)
        elif not search.end(place, time_ns):
            return search.judgement()
    return Judgement(VALID, search.work)


#: State, which open operations have taken effect (bits), how many of each unknown kind have.
_Configuration = tuple[Any, int, tuple[int, ...]]


class _Search:
    """All configurations that the history so far allows."""

    def __init__(
        self, operations: Sequence[Operation], step: Step, initial: Iterable[Any], work_max: int
    ) -> None:
        self._operations, self._step, self._work_max = operations, step, work_max
        self._configurations: set[_Configuration] = {(state, 0, ()) for state in initial}
        assert self._configurations, "an object is in some state at first"
        self._open: dict[int, int] = {}  #: place of an operation under way -> its bit
        self._free: list[int] = []
        self._kinds: dict[Hashable, int] = {}  #: of unknown operations: what -> place in counts
        self._begun: list[int] = []  #: of each such kind, how many have begun
        self._changed_ns = 0  #: when the set of possible states became what it is
        self._stuck: int | None = None
        self.work = 0

    def begin(self, place: int) -> None:
        """An operation begins; from now on it may take effect."""
        operation = self._operations[place]
        if operation.end_ns is not None:
            # Bits are used again, so that numbers stay small in long histories.
            self._open[place] = self._free.pop() if self._free else 1 << len(self._open)
            return
        kind = self._kinds.setdefault(operation.what, len(self._begun))
        if kind == len(self._begun):
            self._begun.append(0)
            self._configurations = {(s, d, (*used, 0)) for s, d, used in self._configurations}
        self._begun[kind] += 1

    def end(self, place: int, time_ns: int) -> bool:
        """An operation ends, so it has taken effect; say whether the search goes on."""
        bit = self._open[place]
        found = self._placed(bit)
        if not found:
            self._stuck = place
            return False
        del self._open[place]
        self._free.append(bit)
        if self._kinds:
            found = _best(found)
        if {state for state, _, _ in found} != self._states():
            self._changed_ns = time_ns
        self._configurations = found
        return self.work <= self._work_max

    def _placed(self, wanted: int) -> set[_Configuration]:
        """Return the configurations in which an operation has taken effect, without its bit."""
        found: set[_Configuration] = set()
        waiting = []
        for state, done, used in self._configurations:
            if done & wanted:
                found.add((state, done ^ wanted, used))
            else:
                waiting.append((state, done, used))
        seen = set(waiting)
        while waiting:
            self.work += 1
            if self.work > self._work_max:
                return found
            for bit, following in self._next(*waiting.pop()):
                if bit == wanted:
                    state, done, used = following
                    found.add((state, done ^ wanted, used))
                elif following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return found

    def _next(
        self, state: Any, done: int, used: tuple[int, ...]
    ) -> Iterable[tuple[int, _Configuration]]:
        """Yield what one more effect leads to, with the bit of the operation (0: unknown)."""
        for place, bit in self._open.items():
            if not done & bit:
                for after in self._step(state, self._operations[place].what):
                    yield bit, (after, done | bit, used)
        for what, kind in self._kinds.items():
            if used[kind] < self._begun[kind]:
                counted = (*used[:kind], used[kind] + 1, *used[kind + 1 :])
                for after in self._step(state, what):
                    if after != state:  # Else it helps nobody that it took effect.
                        yield 0, (after, done, counted)

    def _states(self) -> set[Any]:
        return {state for state, _, _ in self._configurations}

    def judgement(self) -> Judgement:
        """Return why the search ended early."""
        if self._stuck is None or self.work > self._work_max:
            return Judgement(UNKNOWN, self.work)
        culprit = self._operations[self._stuck]
        end_ns = culprit.end_ns
        assert end_ns is not None
        prefix = [one for one in self._operations if one.begin_ns <= end_ns]
        tangle = [
            one
            for one in prefix
            if one.end_ns is None or one.end_ns >= min(self._changed_ns, culprit.begin_ns)
        ]
        states = sorted(self._states(), key=str)
        return Judgement(
            INVALID, self.work, culprit, tuple(prefix), tuple(tangle), tuple(states)
        )


def _best(configurations: set[_Configuration]) -> set[_Configuration]:
    """Drop a configuration if another one is the same with fewer unknown effects spent.

    What has not taken effect yet may still do so, or never, so fewer allow whatever more allow.
    """
    groups: dict[tuple[Any, int], list[tuple[int, ...]]] = {}
    for state, done, used in configurations:
        groups.setdefault((state, done), []).append(used)
    kept: set[_Configuration] = set()
    for (state, done), counts in groups.items():
        counts.sort(key=sum)
        least: list[tuple[int, ...]] = []
        for used in counts:
            if not any(all(map(int.__le__, other, used)) for other in least):
                least.append(used)
                kept.add((state, done, used))
    return kept


def _seconds(time_ns: int) -> str:
    return f"{time_ns / _NS_PER_SECOND:.6f} s"
