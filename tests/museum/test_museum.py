"""Every planted bug still applies, is caught, and leaves nothing behind.

Goal: a green run means something, because each checker was seen to catch its bug. Method: the seed
that once showed a bug (catches.json) is run again with the bug planted; the matrix of bugs and
checkers in tests/README.md is what `python tests/museum/matrix.py --write` made of them.
"""

from dataclasses import replace

import pytest
from museum.bug import Bug, NoLongerApplies
from museum.collection import BUGS
from museum.hunt import ASSERTION, checkers_of, task_of, try_seed
from museum.matrix import KEPT, PAGE, load, page_with, to_markdown

from scenarios.swarm_worker import ERROR, HANG, Outcome, scenario_of

CATCHES = load() if KEPT.exists() else {}


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_bug_applies_to_its_function_and_is_taken_out_again(bug: Bug) -> None:
    before = bug.target.__code__
    with bug.planted():
        assert bug.target.__code__ is not before
        assert bug.target.__code__ != before
    assert bug.target.__code__ is before


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_the_world_of_a_bug_can_be_made(bug: Bug) -> None:
    scenario_of(task_of(bug, seed=1))  # Else its error would count as a catch.


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_bug_is_caught_by_who_is_expected_to(bug: Bug) -> None:
    catch = CATCHES[bug.name]
    if not catch.seed:
        pytest.skip("nobody catches it yet: see tests/README.md")
    outcome = try_seed(bug, catch.seed)
    assert set(checkers_of(bug, outcome)) & set(bug.expects), outcome.detail


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_an_assertion_is_expected_of_bugs_that_name_it_only(bug: Bug) -> None:
    assert (ASSERTION in bug.expects) == bool(bug.says)
    assert bug.expects


def test_an_error_of_a_program_that_trips_over_a_bug_catches_nothing() -> None:
    bug = replace(BUGS["votes-twice-in-a-term"], says="both lead term")
    task = task_of(bug, seed=1)

    def seen(verdict: str, detail: str) -> tuple[str, ...]:
        return checkers_of(bug, Outcome(task=task, verdict=verdict, detail=detail))

    assert seen(ERROR, "AssertionError: a and b both lead term 4 (leader.py:1)") == (ASSERTION,)
    assert seen(ERROR, "AssertionError: another one (leader.py:1)") == ()
    assert seen(ERROR, "NameError: both lead term") == ()
    assert seen(HANG, "no end") == (HANG,)
    silent = replace(bug, says="")
    loud = Outcome(task=task, verdict=ERROR, detail="AssertionError: x")
    assert checkers_of(silent, loud) == ()


def test_nineteen_of_twenty_bugs_are_caught() -> None:
    assert sorted(CATCHES) == sorted(BUGS)
    caught = sum(1 for catch in CATCHES.values() if catch.seed)
    assert len(BUGS) >= 40
    assert caught * 100 >= len(BUGS) * 95


def test_the_matrix_in_the_readme_is_the_one_that_was_made() -> None:
    text = PAGE.read_text(encoding="utf-8")
    ordered = [CATCHES[name] for name in BUGS]
    assert text == page_with(text, to_markdown(ordered))


def test_a_patch_whose_lines_are_gone_says_so() -> None:
    bug = Bug(
        name="gone",
        summary="",
        function="scenarios.witness:digest",
        old="return sha1(",
        new="return sha2(",
        expects=(),
    )
    with pytest.raises(
        NoLongerApplies, match=r"^gone: its lines occur 0 times in scenarios.witness:digest$"
    ):
        bug.code()


def test_a_patch_of_a_function_that_is_gone_says_so() -> None:
    bug = Bug(
        name="gone", summary="", function="scenarios.witness:nothing", old="", new="", expects=()
    )
    with pytest.raises(NoLongerApplies, match=r"^gone: there is no scenarios.witness:nothing$"):
        bug.code()
