"""The search for an order answers as brute force does, and as published examples say."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations, permutations
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from sim.check.linearizability import INVALID, UNKNOWN, VALID, Operation, check


def register(state: Any, what: tuple[str, Any]) -> Iterable[Any]:
    """A register: it reads what was written last; a swap fails unless it finds the old value."""
    action, value = what
    if action == "write":
        return (value,)
    if action == "read":
        return (state,) if value == state else ()
    old, new = value
    return (new,) if old == state else ()


def queue(state: tuple[str, ...], what: tuple[str, str]) -> Iterable[tuple[str, ...]]:
    """A FIFO queue: what is taken is what has been there longest."""
    action, item = what
    if action == "put":
        return ((*state, item),)
    return (state[1:],) if state[:1] == (item,) else ()


def op(begin_ns: int, end_ns: int | None, action: str, value: Any, process: str = "p") -> Operation:
    return Operation(process, begin_ns, end_ns, (action, value))


def brute_force(operations: Sequence[Operation], initial: Any) -> bool:
    """Try every order of what surely happened and of any of what may have."""
    known = [one for one in operations if one.end_ns is not None]
    unknown = [one for one in operations if one.end_ns is None]
    some = chain.from_iterable(combinations(unknown, n) for n in range(len(unknown) + 1))
    return any(
        _possible(order, initial)
        for chosen in some
        for order in permutations([*known, *chosen])
    )


def _possible(order: Sequence[Operation], state: Any) -> bool:
    for place, one in enumerate(order):
        if any(later.end_ns is not None and later.end_ns < one.begin_ns for later in order[place:]):
            return False
        after = tuple(register(state, one.what))
        if not after:
            return False
        (state,) = after
    return True


VALUES = st.integers(0, 2)
ACTIONS = st.one_of(
    st.tuples(st.just("write"), VALUES),
    st.tuples(st.just("read"), VALUES),
    st.tuples(st.just("swap"), st.tuples(VALUES, VALUES)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """A few operations of any length at any time, some of them with an unknown outcome."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        begin_ns = draw(st.integers(0, 12))
        lasts_ns = draw(st.one_of(st.integers(0, 6), st.none()))
        end_ns = None if lasts_ns is None else begin_ns + lasts_ns
        found.append(Operation(f"p{number}", begin_ns, end_ns, draw(ACTIONS)))
    return found


@settings(max_examples=400, deadline=None)
@given(histories(), st.sets(VALUES, min_size=1, max_size=2))
def test_the_search_answers_as_brute_force_does(
    operations: list[Operation], initial: set[int]
) -> None:
    # Goal: neither an alarm without cause nor a missed one, on all that is small enough to try.
    expected = VALID if any(brute_force(operations, state) for state in initial) else INVALID
    assert check(operations, register, initial).word == expected


@pytest.mark.parametrize("pending", [False, True])
@pytest.mark.parametrize("valid", [False, True])
def test_what_brute_force_judges_is_of_every_kind(valid: bool, pending: bool) -> None:
    # Goal: the comparison proves something: valid and invalid ones come up, with and without calls
    # that nobody knows the outcome of. Of those with such calls some are valid through them only.
    def wanted(operations: list[Operation]) -> bool:
        known = [one for one in operations if one.end_ns is not None]
        needs = not brute_force(known, 0)
        if brute_force(operations, 0) is not valid or len(operations) < 2:
            return False
        return (len(known) < len(operations) and needs) if pending else len(known) > 1

    patient = settings(max_examples=2_000, database=None, derandomize=True)
    assert find(histories(), wanted, settings=patient)


@pytest.mark.parametrize("first", [0, 1])
def test_of_calls_that_explain_the_same_each_may_be_the_one_that_happened(first: int) -> None:
    # The first read needs either lost call, the second one needs the write: a swap does not fit.
    lost = [op(0, None, "write", 1), op(0, None, "swap", (0, 1))]
    known = [op(1, 2, "read", 1), op(3, 4, "write", 2), op(5, 6, "read", 1)]
    assert check([lost[first], lost[1 - first], *known], register, [0]).word == VALID
    assert check([lost[1], *known], register, [0]).word == INVALID


@st.composite
def executions(draw: st.DrawFn) -> list[Operation]:
    """What a correct register shows: each takes effect at one instant, and callers wait longer."""
    state, found = 0, []
    for instant in range(draw(st.integers(1, 30))):
        action, value = draw(ACTIONS)
        if action == "read":
            value = state
        elif action == "swap":
            value = (state, value[1])
        (state,) = register(state, (action, value))
        before, after = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        # A read that nobody heard of tells nothing, so it is never among the unknown.
        lost = action != "read" and draw(st.integers(0, 4)) == 0
        end_ns = None if lost else 10 * instant + 10 * after
        begin_ns = 10 * instant - 10 * before
        found.append(Operation(f"p{instant}", begin_ns, end_ns, (action, value)))
    return found


@settings(max_examples=100, deadline=None)
@given(executions())
def test_what_a_correct_register_shows_always_has_an_order(operations: list[Operation]) -> None:
    assert check(operations, register, [0]).word == VALID


@settings(max_examples=100, deadline=None)
@given(histories())
def test_the_prefix_of_a_counterexample_is_the_shortest_one(operations: list[Operation]) -> None:
    judged = check(operations, register, [0])
    if judged.culprit is None:
        return
    end_ns = judged.culprit.end_ns
    assert end_ns is not None
    assert check(judged.prefix, register, [0]).word == INVALID

    def open_after(one: Operation, horizon_ns: int) -> Operation:
        ended = one.end_ns is not None and one.end_ns < horizon_ns
        return one if ended else Operation(one.process, one.begin_ns, None, one.what)

    # Just before the culprit's end nothing of that instant had ended, and all could be ordered.
    before = [open_after(one, end_ns) for one in operations if one.begin_ns < end_ns]
    assert check(before, register, [0]).word == VALID


def test_the_register_of_the_mit_quiz_is_judged_as_its_answer_says() -> None:
    # Source: MIT 6.824, 2017, quiz 2, section VII; also the first test of Porcupine.
    valid = [
        op(0, 100, "write", 100, "a"),
        op(25, 75, "read", 100, "b"),
        op(30, 60, "read", 0, "c"),
    ]
    assert check(valid, register, [0]).word == VALID
    invalid = [
        op(0, 100, "write", 200, "a"),
        op(10, 30, "read", 200, "b"),
        op(40, 90, "read", 0, "c"),
    ]
    judged = check(invalid, register, [0])
    assert judged.word == INVALID
    assert judged.culprit == invalid[2]


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        # Two puts overlap, so either item may come out first.
        (
            [
                op(0, 3, "put", "x", "a"),
                op(1, 2, "put", "y", "b"),
                op(4, 5, "take", "x", "b"),
                op(6, 7, "take", "y", "a"),
                op(8, None, "put", "z", "a"),
            ],
            VALID,
        ),
        # x was there before y, and y comes out first.
        (
            [
                op(0, 1, "put", "x", "a"),
                op(2, 3, "put", "y", "b"),
                op(4, 5, "take", "y", "a"),
            ],
            INVALID,
        ),
        # A put that never ended has taken effect.
        ([op(0, None, "put", "x", "a"), op(1, 2, "take", "x", "b")], VALID),
        # What was put once comes out twice.
        (
            [
                op(0, 2, "put", "x", "a"),
                op(1, 3, "put", "y", "b"),
                op(4, 6, "take", "y", "a"),
                op(5, 7, "take", "y", "c"),
            ],
            INVALID,
        ),
    ],
    ids=["overlap", "out-of-order", "pending", "twice"],
)
def test_the_queues_of_herlihy_and_wing_are_judged_as_they_say(
    operations: list[Operation], expected: str
) -> None:
    # Source: after M. Herlihy, J. Wing, "Linearizability", 1990, the queue histories H1 to H4.
    assert check(operations, queue, [()]).word == expected


def test_a_counterexample_tells_what_cannot_be_ordered_and_what_the_state_was() -> None:
    operations = [
        Operation("a", 0, 1_000_000, ("write", 1), "write 1"),
        Operation("b", 2_000_000, 3_000_000, ("read", 1), "read 1"),
        Operation("a", 4_000_000, 5_000_000, ("write", 2), "write 2"),
        Operation("b", 6_000_000, 8_000_000, ("read", 1), "read 1"),
        Operation("c", 7_000_000, None, ("write", 3), "write 3"),
        Operation("c", 9_000_000, 9_500_000, ("read", 3), "read 3"),
    ]
    judged = check(operations, register, [0])
    assert judged.line == (
        "no order explains 0.006000 s – 0.008000 s b: read 1; before it the state is 2"
    )
    assert judged.explain().splitlines() == [
        judged.line,
        "  (2 earlier operations have an order)",
        "  0.004000 s – 0.005000 s a: write 2",
        "> 0.006000 s – 0.008000 s b: read 1",
        "  0.007000 s – ? c: write 3",
    ]


def test_the_answer_is_unknown_when_the_search_would_take_too_long() -> None:
    # Every order of many overlapping swaps must be tried, and none ends in the state that is read.
    swaps = [op(0, 100, "swap", (n % 3, (n + 1) % 3), f"p{n}") for n in range(12)]
    operations = [*swaps, op(200, 201, "read", 7)]
    judged = check(operations, register, [0], work_max=100)
    assert (judged.word, judged.culprit, judged.line) == (UNKNOWN, None, "")
    assert judged.work > 100
    assert check(operations, register, [0]).word == INVALID


def test_many_operations_with_an_unknown_outcome_cost_little() -> None:
    # Equal ones are interchangeable, so they are counted and not told apart.
    operations = []
    for turn in range(200):
        begin_ns = 10 * turn
        operations.append(op(begin_ns, None, "write", turn % 3))
        operations.append(op(begin_ns + 5, begin_ns + 6, "read", turn % 3))
    judged = check(operations, register, [0])
    assert judged.word == VALID
    assert judged.work < 5_000


def test_an_object_may_have_begun_in_one_of_several_states() -> None:
    assert check([op(0, 1, "read", 2)], register, [1, 2]).word == VALID
    assert check([op(0, 1, "read", 2), op(2, 3, "read", 1)], register, [1, 2]).word == INVALID
