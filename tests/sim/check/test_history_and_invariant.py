"""What a call's outcome says of whether it happened, and how a promise keeps what it catches."""

from typing import ClassVar

import pytest

from sim.check import Call, History, Invariant, Violation
from sim.check.history import BLOCK_CALLS, OK, TIMEOUT
from sim.check.invariant import VIOLATIONS_KEPT


class Promise(Invariant):
    name: ClassVar[str] = "example"
    compared: ClassVar[str] = "one thing with another"


def call(outcome: str, *, definite: bool = True) -> Call:
    return Call("a", "here", "kms", "Do", "id", 1, outcome=outcome, definite=definite)


@pytest.mark.parametrize(
    ("one", "indefinite", "may_have_happened"),
    [
        (call(OK), False, True),
        (call("Refused"), False, False),
        (call(TIMEOUT, definite=False), True, True),
        (call("InternalError", definite=False), True, True),
        (call(""), True, True),
    ],
    ids=["answered", "refused", "timeout", "internal-error", "under-way"],
)
def test_only_a_definite_answer_says_whether_a_call_happened(
    one: Call, indefinite: bool, may_have_happened: bool
) -> None:
    assert (one.indefinite, one.may_have_happened) == (indefinite, may_have_happened)


def test_very_many_calls_are_packed_once_they_have_ended_and_nothing_shows_it() -> None:
    history, begun = History(plain=100), []
    for number in range(3 * BLOCK_CALLS):
        made = Call("a", "here", "kms", "Do", f"id {number}", number, detail={"number": number})
        begun.append(history.begin(made))
        if number >= 10:  # One of the first ten is still under way for a while.
            history.end(begun[number - 10], now_ns=number, outcome=OK)
        if number == 2 * BLOCK_CALLS:
            assert len(history._blocks) == 1
    assert list(history) == list(history) == begun
    assert (len(history), len(history._blocks)) == (3 * BLOCK_CALLS, 2)


def test_a_call_under_way_is_never_packed() -> None:
    history = History(plain=0)
    first = history.begin(call(""))
    for _ in range(2 * BLOCK_CALLS):
        history.begin(call(OK))
    history.end(first, now_ns=5, outcome=OK)
    assert next(iter(history)) is first


def test_a_history_tells_its_observers_how_calls_end() -> None:
    history, seen = History(), []
    history.observers.append(seen.append)
    begun = history.begin(call(""))
    history.end(begun, now_ns=5, outcome=TIMEOUT, definite=False, served=False)
    assert seen == [begun]
    assert (list(history), len(history)) == ([begun], 1)
    assert (begun.end_ns, begun.outcome, begun.definite, begun.served) == (5, TIMEOUT, False, False)
    with pytest.raises(AssertionError, match=r"(?m)^id ended twice$"):
        history.end(begun, now_ns=6, outcome=OK)


def test_a_promise_that_caught_nothing_says_what_it_compared() -> None:
    promise = Promise()
    assert (promise.holds, promise.detail) == (True, "one thing with another")


def test_a_counterexample_breaks_a_promise_and_an_excused_loss_does_not() -> None:
    promise = Promise()
    promise.fail(1, "a record is lost", excuse="the setting permits it")
    assert (promise.holds, promise.broken, promise.allowed) == (True, 0, 1)
    assert promise.excused == ["a record is lost (the setting permits it)"]
    assert promise.detail == "a record is lost (the setting permits it)"
    promise.fail(2, "a key is lost")
    promise.fail(3, "another key is lost")
    assert (promise.holds, promise.broken, promise.allowed) == (False, 2, 1)
    assert promise.violations == [Violation(2, "a key is lost"), Violation(3, "another key is lost")]
    assert promise.detail == "a key is lost (and 1 more)"


def test_a_promise_keeps_a_few_counterexamples_and_counts_all() -> None:
    promise = Promise()
    for time_ns in range(VIOLATIONS_KEPT + 5):
        promise.fail(time_ns, "lost")
        promise.fail(time_ns, "lost", excuse="permitted")
    assert (promise.broken, len(promise.violations)) == (VIOLATIONS_KEPT + 5, VIOLATIONS_KEPT)
    assert (promise.allowed, len(promise.excused)) == (VIOLATIONS_KEPT + 5, VIOLATIONS_KEPT)
