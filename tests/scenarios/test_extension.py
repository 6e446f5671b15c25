"""Parts of a user's own: what is made known by hand, judged, and refused in one line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from own_parts import FILE, Flicker, Poller, Quiet, polled

import sim
from regions import DomainFault
from scenarios import (
    PluginError,
    Promise,
    PromiseError,
    SdkClient,
    catalogue,
    register,
)
from scenarios.files import dumps, loads
from scenarios.invariants import INVARIANTS
from scenarios.judges import judges
from scenarios.run import run
from scenarios.scenario import Scenario
from scenarios.workloads import WORKLOADS
from sim.plan import Plan
from sim.units import minutes, seconds


def test_parts_added_by_hand_are_known_by_name_in_files_and_run() -> None:
    with register(Poller, Quiet, Flicker):
        scenario = polled()
        assert loads(dumps(scenario), "polled") == scenario
        result = run(scenario, seed=1)
    audit, quiet = result.promises
    begin_ns, end_ns = seconds(30), seconds(40)
    lists = sum(result.calls["us-east-1"].values()) - 2  # beside CreateKey and Encrypt
    assert (audit.name, audit.word, quiet.word) == ("audit-complete", "holds", "BROKEN")
    # At an event, with its time; and in the end, with an excuse.
    assert quiet.violations == tuple(
        (time_ns, "us-east-1/clients/poller-0 lists keys") for time_ns, _ in quiet.violations
    )
    assert all(begin_ns <= time_ns < end_ns for time_ns, _ in quiet.violations)
    assert quiet.violations
    assert quiet.excused == (f"{lists} lists of keys (that is many)",)


@pytest.mark.parametrize(("lies", "word"), [("false", "holds"), ("true", "BROKEN")])
def test_what_callers_say_of_keys_and_blobs_is_held_against_the_world(lies: str, word: str) -> None:
    promises = 'promises = ["key-survival", "plaintext-fidelity", "recoverability"]'
    text = FILE.replace('promises = ["audit-complete", "quiet"]', promises)
    text = text.replace('every = "4s"', f'every = "40s"\nlies = {lies}').partition("[[fault]]")[0]
    with register(Poller):
        found = {v.name: v for v in run(loads(text, "polled"), seed=1).promises}
    # The key is described and its blob opened in each of three AZs, then by recoverability.
    assert (found["key-survival"].word, found["key-survival"].checked) == ("holds", 6)
    assert found["plaintext-fidelity"].word == word
    assert found["recoverability"].detail.startswith("keys: 1 kept")


def test_what_leaves_its_block_is_known_no_longer() -> None:
    with register(Quiet):
        assert INVARIANTS["quiet"] is Quiet
    assert "quiet" not in INVARIANTS


def test_a_promise_that_only_watches_changes_no_trace() -> None:
    with register(Poller, Flicker):
        scenario = replace(loads(FILE.replace(', "quiet"', ""), "polled"), length_ns=seconds(20))
        scenario = replace(scenario, plan=Plan())
        alone, seen = run(scenario, seed=3), run(scenario, seed=3, promises=[Quiet])
    assert (seen.trace_hash, seen.span_ns) == (alone.trace_hash, alone.span_ns)
    assert [v.name for v in seen.promises] == ["audit-complete", "quiet"]


def test_all_in_a_file_is_all_of_ours_beside_those_that_are_named() -> None:
    with register(Quiet):
        text = 'promises = ["all", "quiet"]'
        assert loads(text).promises == (*INVARIANTS.builtin, "quiet")
        assert loads("").promises == ()


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (["audit"], f"no promise 'audit'; there are: {', '.join(INVARIANTS)}"),
        (["custody", "custody"], "promise 'custody' is asked for twice; expected it once"),
        ([7], "promise 7: expected a name, a subclass of scenarios.Promise or an object of one"),
        ([Promise], "promise Promise: expected a text 'name' in its class"),
    ],
)
def test_a_promise_that_cannot_judge_is_refused(wanted: list[Any], problem: str) -> None:
    with pytest.raises(PromiseError) as caught:
        judges(wanted)
    assert str(caught.value) == problem


def test_an_object_judges_one_run_only() -> None:
    once = Quiet()
    once.checked = 1
    problem = "^promise 'quiet' has judged already; expected a fresh object$"
    with pytest.raises(PromiseError, match=problem):
        judges([once])


class Unnamed(sim.Fault):
    """Has no name."""


class Endless(sim.Fault):
    """Begins and never ends."""

    name: ClassVar[str] = "endless"

    def inject(self, world: sim.World) -> None:
        pass


class Aimless(DomainFault):
    """Says not whom it hits."""

    name: ClassVar[str] = "aimless"
    inject, heal = Flicker.inject, Flicker.heal


class Silent(Promise):
    """Says not what it compares."""

    name: ClassVar[str] = "silent"


class Bare(SdkClient):
    """Has no settings."""

    label: ClassVar[str] = "bare"


class All(Quiet):
    """Takes the name of a word."""

    name: ClassVar[str] = "all"


class App(Poller):
    """Takes the name of our callers."""

    label: ClassVar[str] = "app"


class Power(Flicker):
    """Takes a name of ours."""

    name: ClassVar[str] = "power-off"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (Unnamed, "Unnamed: expected a text 'name' in the class"),
        (Endless, f"fault 'endless' of {__name__}: expected a fault with a method 'heal'"),
        (
            Aimless,
            (f"fault 'aimless' of {__name__}: expected a regions.DomainFault that says 'hits' in a"
             " text"),
        ),
        (
            Silent,
            (f"promise 'silent' of {__name__}: expected a promise that says in a text 'compared'"
             " what was compared"),
        ),
        (
            Bare,
            (f"workload 'bare' of {__name__}: expected Settings, a dataclass derived from"
             " scenarios.CallerSettings"),
        ),
        (
            Power,
            (f"fault 'power-off' of {__name__}: the name 'power-off' is one of Eleven Nines;"
             " expected another name"),
        ),
        (
            All,
            (
                f"promise 'all' of {__name__}: expected another name, as 'all' stands for several"
                " promises or none"
            ),
        ),
        (
            App,
            (
                f"workload 'app' of {__name__}: expected another name, as callers of 'envelope' are"
                " called 'app'"
            ),
        ),
        (
            int,
            ("<class 'int'>: expected a subclass of scenarios.Promise, sim.Fault or"
             " scenarios.SdkClient, or a scenarios.Scenario"),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_part_of_the_wrong_kind_is_refused_and_none_beside_it_is_added(
    part: Any, problem: str
) -> None:
    with pytest.raises(PluginError) as caught:
        register(Poller, part)
    assert str(caught.value) == problem
    assert "poller" not in WORKLOADS


# Scenarios of other packages.


def test_a_folder_of_files_is_as_many_scenarios(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text('length = "2m"')
    found = catalogue._accept("shop", tmp_path)
    assert [(name, get().name, get().length_ns) for name, get in found.items()] == [
        ("a", "a", minutes(2)),
        ("b", "b", minutes(2)),
    ]


def test_a_value_or_one_file_is_called_as_its_entry_is(tmp_path: Path) -> None:
    path = tmp_path / "dusk.toml"
    path.write_text('summary = "evening"')
    value = Scenario(name="dawn", summary="morning")
    assert catalogue._accept("dusk", path)["dusk"]().summary == "evening"
    assert catalogue._accept("dawn", value)["dawn"]() is value
    for part, called in ((value, "dawn"), (path, "dusk")):
        problem = f"^expected the scenario 'noon', as its entry is called, not {called!r}$"
        with pytest.raises(ValueError, match=problem):
            catalogue._accept("noon", part)


EXPECTED = "expected a Scenario, the Path of a TOML file, or a folder or package of such"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda _: 7, f"{EXPECTED}, not int"),
        (lambda folder: folder, f"{EXPECTED}; there is no TOML file in it"),
        (lambda folder: folder / "none", f"{EXPECTED}, not '{{folder}}/none'"),
        (lambda _: sim.units, f"{EXPECTED}; there is no TOML file in it"),
    ],
)
def test_what_leads_to_no_scenario_is_refused(
    make: Callable[[Path], Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        catalogue._accept("shop", make(tmp_path))
    assert str(caught.value) == problem.replace("{folder}", str(tmp_path))
