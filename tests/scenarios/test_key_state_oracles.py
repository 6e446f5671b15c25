"""What callers saw of a key is judged by hand-made histories: at the bound, and beyond the search.

Method: a stub of a run that has nothing but calls; the whole runs stand in test_oracles.py.
"""

from functools import partial
from typing import Any

import pytest

from regions.topology import Topology, default_azs
from scenarios.budget import Allowance, Stretch
from scenarios.invariants import key_state_linearizable
from scenarios.invariants.bounded_staleness import BOUND_NS, BoundedStaleness
from scenarios.invariants.key_state_linearizable import KeyStateLinearizable
from scenarios.invariants.promise import Promise
from scenarios.witness import KeyUse
from sim.check.history import OK, TIMEOUT, Call
from sim.check.linearizability import check
from sim.units import ms, seconds

ONE = "us-east-1"


class Seen:
    """All of an arena that these promises look at."""

    start_ns = 0

    def __init__(self, *calls: Call, consistency: Any = "eventual", **allowed: Any) -> None:
        self.topology = Topology(regions={ONE: default_azs(ONE)}, consistency=consistency)
        self.allowance = Allowance(**allowed)
        self._calls = calls

    def calls(self) -> tuple[Call, ...]:
        return self._calls


def call(
    action: str, begin_ns: int, outcome: str = OK, state: str = "", *, key: str = "k1"
) -> Call:
    """A call of a millisecond."""
    return Call(
        caller="app",
        place=ONE,
        service="kms",
        action=action,
        request_id=f"{action}-{begin_ns}",
        begin_ns=begin_ns,
        end_ns=begin_ns + ms(1),
        outcome=outcome,
        definite=outcome != TIMEOUT,
        detail=KeyUse(key, state),
    )


def concluded(promise: Promise, seen: Any) -> Promise:
    promise.conclude(seen)
    return promise


CREATED = call("CreateKey", 0)
DISABLED = call("DisableKey", seconds(10))
#: The first time at which an answer may no longer show the key as it was before DISABLED.
LATE_NS = DISABLED.end_ns + BOUND_NS


@pytest.mark.parametrize(("after_ns", "holds"), [(-1, True), (0, True), (1, False)])
def test_an_answer_may_be_as_old_as_the_bound_and_no_older(after_ns: int, holds: bool) -> None:
    stale = call("DescribeKey", LATE_NS + after_ns, state="Enabled")
    found = concluded(BoundedStaleness(), Seen(CREATED, DISABLED, stale))
    assert (found.holds, found.checked) == (holds, 1)


def test_a_change_that_nobody_knows_of_may_have_happened_at_any_later_time() -> None:
    lost = call("EnableKey", seconds(11), TIMEOUT)
    enabled = call("DescribeKey", LATE_NS + seconds(60), state="Enabled")
    disabled = call("DescribeKey", LATE_NS + seconds(70), state="Disabled")
    found = concluded(BoundedStaleness(), Seen(CREATED, DISABLED, lost, enabled, disabled))
    assert (found.holds, found.checked) == (True, 2)
    # One that was surely refused has not.
    refused = call("EnableKey", seconds(11), "AccessDeniedException")
    found = concluded(BoundedStaleness(), Seen(CREATED, DISABLED, refused, enabled))
    assert not found.holds


def test_answers_near_a_fault_are_not_held_against_the_bound() -> None:
    stale = call("DescribeKey", LATE_NS + 1, state="Enabled")
    near = Stretch(LATE_NS, LATE_NS + 1, "a fault")
    found = concluded(BoundedStaleness(), Seen(CREATED, DISABLED, stale, faults={ONE: (near,)}))
    assert (found.holds, found.checked) == (True, 0)


def test_the_order_of_keys_that_were_too_busy_is_unknown_and_not_said_to_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The search gives up on k2, whose calls overlap; k1 is in order.
    monkeypatch.setattr(key_state_linearizable, "check", partial(check, work_max=2))
    others = [call(a, 0, key="k2") for a in ("CreateKey", "DisableKey", "EnableKey", "DisableKey")]
    found = concluded(KeyStateLinearizable(), Seen(CREATED, *others))
    assert (found.holds, found.checked) == (True, 0)
    assert found.detail == f"{KeyStateLinearizable.compared}; 1 keys too busy to judge"


def test_a_key_out_of_order_is_a_counterexample_whatever_is_unknown_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_state_linearizable, "check", partial(check, work_max=2))
    others = [call(a, 0, key="k2") for a in ("CreateKey", "DisableKey", "EnableKey", "DisableKey")]
    saved = call("CancelKeyDeletion", seconds(20))
    found = concluded(KeyStateLinearizable(), Seen(CREATED, saved, *others))
    assert not found.holds
    assert found.detail.startswith("key k1 in us-east-1: no order explains 20.000000 s")
    assert found.detail.endswith("; 1 keys too busy to judge")


def test_a_replica_whose_birth_no_call_tells_is_not_judged() -> None:
    # DescribeKey in the replica's region says "not found" before it is there, and then Enabled.
    key = "mrk-" + "a" * 32
    early = call("DescribeKey", seconds(1), "NotFoundException", key=key)
    late = call("DescribeKey", seconds(60), state="Enabled", key=key)
    assert concluded(BoundedStaleness(), Seen(early, late)).checked == 0
