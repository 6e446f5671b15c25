"""Campaigns: the same outcomes however they are run; what failed is kept and comes first."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regions.az import Az
from scenarios import swarm, swarm_worker
from scenarios.coverage import PROBES
from scenarios.files import dumps
from scenarios.junit import to_xml
from scenarios.scenario import Scenario, Workload
from scenarios.swarm import Campaign, State, StateError, Summary, run_campaign
from scenarios.swarm_report import failure, to_json, to_text
from scenarios.swarm_worker import BROKEN, ERROR, HANG, HOLDS, Outcome, Task, run_task
from sim.units import minutes

MET = (("crash", "hsm", "calm"),)


def outcome(seed: int, verdict: str = HOLDS, **more: Any) -> Outcome:
    return Outcome(task=Task(seed=seed), verdict=verdict, met=MET, **more)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """A worker that runs nothing: seeds that end in 3 break a promise."""
    ran: list[Task] = []

    def pretend(task: Task, _under: str) -> Outcome:
        ran.append(task)
        verdict = BROKEN if task.seed % 10 == 3 else HOLDS
        found = Outcome(task=task, verdict=verdict, met=MET, calls=5, wall_s=0.5)
        return found if found.holds else replace(found, broken=("custody",), folder="f")

    monkeypatch.setattr(swarm, "run_task", pretend)
    return ran


def test_every_seed_is_run_once_in_order(worker: list[Task], tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    summary = run_campaign(
        Campaign(seeds=40, first=5), tmp_path, seen=lambda o, d, t: told.append((o.task.seed, d, t))
    )
    assert [task.seed for task in worker] == list(range(5, 45))
    assert told == [(seed, seed - 4, 40) for seed in range(5, 45)]
    assert summary.verdicts == {HOLDS: 36, BROKEN: 4}
    assert (summary.calls, summary.wall_s) == (200, 20.0)
    assert not summary.passed()


def test_what_failed_comes_first_next_time_until_it_holds(
    worker: list[Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_campaign(Campaign(seeds=15), tmp_path)
    worker.clear()
    run_campaign(Campaign(seeds=2, first=100), tmp_path)
    assert [task.seed for task in worker] == [3, 13, 100, 101]
    monkeypatch.setattr(swarm, "run_task", lambda task, _: Outcome(task=task, verdict=HOLDS))
    assert run_campaign(Campaign(seeds=1, first=100), tmp_path).passed()
    assert State(tmp_path).failed_before() == ()


def test_a_campaign_goes_on_where_it_was_broken_off(
    worker: list[Task], tmp_path: Path
) -> None:
    whole = run_campaign(Campaign(seeds=40, retry=False), tmp_path / "whole")
    aims = [task.focus for task in worker]
    worker.clear()

    class Enough(Exception):
        pass

    def stop(_: Outcome, done: int, __: int) -> None:
        if done == 25:
            raise Enough

    with pytest.raises(Enough):
        run_campaign(Campaign(seeds=40, retry=False), tmp_path, seen=stop)
    with State(tmp_path).results.open("a") as file:
        file.write('{"task": {"seed": 2')  # Killed as it wrote.
    worker.clear()
    rest = run_campaign(Campaign(seeds=40, retry=False), tmp_path, resume=True)
    assert [task.seed for task in worker] == list(range(26, 41))
    assert [task.focus for task in worker] == aims[25:]
    assert to_json(rest) == to_json(whole)


def test_a_seed_that_fails_again_is_run_and_counted_once(
    worker: list[Task], tmp_path: Path
) -> None:
    run_campaign(Campaign(seeds=15), tmp_path)
    worker.clear()
    told: list[tuple[int, int]] = []
    summary = run_campaign(
        Campaign(seeds=15), tmp_path, seen=lambda _, done, total: told.append((done, total))
    )
    assert [task.seed for task in worker][:3] == [3, 13, 1]
    assert sorted(task.seed for task in worker) == list(range(1, 16))
    assert [found.task.seed for found in summary.failures] == [3, 13]
    assert told[-1] == (15, 15)


@pytest.mark.usefixtures("worker")
def test_progress_counts_what_was_retried_before_it_was_broken_off(tmp_path: Path) -> None:
    run_campaign(Campaign(seeds=15), tmp_path)

    class Enough(Exception):
        pass

    def stop(_: Outcome, done: int, __: int) -> None:
        if done == 5:
            raise Enough

    with pytest.raises(Enough):
        run_campaign(Campaign(seeds=10, first=100), tmp_path, seen=stop)
    told: list[tuple[int, int]] = []
    run_campaign(
        Campaign(seeds=10, first=100),
        tmp_path,
        resume=True,
        seen=lambda _, done, total: told.append((done, total)),
    )
    assert told == [(done, 12) for done in range(6, 13)]


@pytest.mark.usefixtures("worker")
def test_a_drawn_world_still_fails_though_a_scenario_holds_with_its_seed(tmp_path: Path) -> None:
    drawn = Task(seed=5)
    State(tmp_path).keep_failing([drawn])
    run_campaign(Campaign(seeds=9, scenario=tiny(), retry=False), tmp_path)
    assert drawn in State(tmp_path).failed_before()


@pytest.mark.usefixtures("worker")
def test_a_summary_has_the_outcomes_of_before_a_campaign_was_broken_off(tmp_path: Path) -> None:
    run_campaign(Campaign(seeds=5), tmp_path)
    summary = run_campaign(Campaign(seeds=8), tmp_path, resume=True)
    assert [found.task.seed for found in summary.outcomes] == list(range(1, 9))


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("text", ["[1]", "{", '[{"seed": "x"}]', '[{"seed": 1, "what": 2}]', "\xff"])
def test_a_list_of_failing_seeds_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    failing = State(tmp_path).failing
    failing.parent.mkdir(parents=True)
    failing.write_bytes(text.encode("latin-1"))
    with pytest.raises(StateError, match=f"^{failing} is no list of failing seeds: "):
        run_campaign(Campaign(seeds=1), tmp_path)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("name", ["failing.json", "results.jsonl"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    place = tmp_path / ".nines" / "swarm" / name
    place.mkdir(parents=True)
    with pytest.raises(StateError, match=f"^{place} cannot be "):
        run_campaign(Campaign(seeds=1), tmp_path)


@pytest.mark.usefixtures("worker")
def test_another_campaign_is_not_gone_on_with(tmp_path: Path) -> None:
    results = tmp_path / ".nines" / "swarm" / "results.jsonl"
    with pytest.raises(StateError, match=f"^nothing to resume: there is no {results}$"):
        run_campaign(Campaign(seeds=1), tmp_path, resume=True)
    run_campaign(Campaign(seeds=1), tmp_path)
    with pytest.raises(StateError, match=r"holds another campaign \(first seed 1, version "):
        run_campaign(Campaign(seeds=1, first=2), tmp_path, resume=True)
    results.write_text("nonsense\n")
    with pytest.raises(StateError, match=r"is no campaign's results: Expecting value"):
        run_campaign(Campaign(seeds=1), tmp_path, resume=True)
    results.write_bytes(b"\xff")
    with pytest.raises(StateError, match=r"is no campaign's results: 'utf-8' codec"):
        run_campaign(Campaign(seeds=1), tmp_path, resume=True)


def test_a_probe_that_is_never_hit_fails_a_long_campaign_of_drawn_worlds() -> None:
    summary = Summary()
    for seed in range(swarm.PROBES_FROM - 1):
        summary.add(outcome(seed, probes=tuple(PROBES)[1:]))
    assert summary.passed()
    summary.add(outcome(999))
    assert summary.missed() == (next(iter(PROBES)),)
    assert not summary.passed()
    assert summary.passed(drawn=False)


def test_outcomes_travel_as_json() -> None:
    found = outcome(7, ERROR, detail="x", probes=("a",), folder="f", broken=("b",))
    assert Outcome.from_json(json.loads(json.dumps(found.to_json()))) == found


def tiny(name: str = "tiny") -> str:
    scenario = Scenario(
        name=name,
        summary="one caller for a minute",
        length_ns=minutes(1),
        workloads=(Workload(clients=1, regions=("us-east-1",)),),
    )
    return dumps(scenario)


def test_a_seed_that_holds_leaves_no_folder_and_tells_what_it_met(tmp_path: Path) -> None:
    found = run_task(Task(seed=4), str(tmp_path))
    assert (found.verdict, found.folder, found.broken) == (HOLDS, "", ())
    assert len(found.trace_hash) == 32
    assert list(tmp_path.iterdir()) == []
    assert found == replace(run_task(Task(seed=4), str(tmp_path)), wall_s=found.wall_s)


def test_a_broken_promise_is_kept_in_a_run_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive = Az._drive

    async def forgetful(self: Az, call: Any) -> Any:
        found = await drive(self, call)
        return type(found)(found.answer, None) if call.action == "GenerateDataKey" else found

    monkeypatch.setattr(Az, "_drive", forgetful)
    found = run_task(Task(seed=1, scenario=tiny()), str(tmp_path))
    assert found.verdict == BROKEN
    assert "audit-complete" in found.broken
    assert (tmp_path / found.folder / "scenario.toml").exists()


def test_an_error_of_ours_is_a_finding_with_a_file_that_shows_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_self: Az, _call: Any) -> Any:
        raise ZeroDivisionError("nine nines")

    monkeypatch.setattr(Az, "_drive", broken)
    found = run_task(Task(seed=1, scenario=tiny()), str(tmp_path))
    assert found.verdict == ERROR
    assert found.detail.startswith("ZeroDivisionError: nine nines (test_swarm.py:")
    assert (tmp_path / found.folder).read_text().startswith('name = "tiny"')


def test_a_world_that_never_ends_is_a_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swarm_worker, "PATIENCE_S", 1)

    async def endless(_self: Az, _call: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(Az, "_drive", endless)
    found = run_task(Task(seed=1, scenario=tiny()), str(tmp_path))
    assert (found.verdict, found.detail) == (HANG, "no end after 1 s of wall time")


def test_processes_side_by_side_give_the_outcomes_of_one(tmp_path: Path) -> None:
    one = run_campaign(Campaign(seeds=4), tmp_path / "one")
    two = run_campaign(Campaign(seeds=4, jobs=2), tmp_path / "two")
    left, right = to_json(one), to_json(two)
    assert {**left, "wall_s": 0} == {**right, "wall_s": 0}


def test_the_report_says_what_failed_and_how_to_see_it_again() -> None:
    bad = outcome(3, BROKEN, broken=("custody",), detail="a key in the clear", folder=".nines/x")
    assert failure(bad) == (
        "seed 3: custody\n  a key in the clear\n"
        "  again  nines run .nines/x\n  least  nines shrink .nines/x\n"
    )
    hung = outcome(4, HANG, detail="no end", folder=".nines/y")
    assert failure(hung) == "seed 4: hang\n  no end\n  again  nines run .nines/y\n"
    summary = Summary()
    summary.add(bad)
    text = to_text(summary)
    assert text.startswith("1 seed: 1 broken\n")
    assert "  again  nines run .nines/x" in text
    assert all(len(line) <= 100 for line in text.splitlines() if "again" not in line)


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_names_roles_that_were_missed_after_those_that_were_met(width: int) -> None:
    summary = Summary()
    summary.add(replace(outcome(1), met=(("crash", "follower", "calm"),)))
    text = to_text(summary, width=width)
    assert all(len(line) <= width for line in text.splitlines())
    row, _, rest = text.partition("\ncrash")[2].partition("NEVER struck: ")
    assert " ".join(row.split()).startswith("1 0 0 follower 1/0/0; NEVER host, leader, recorder")
    missed = rest.partition("\n  overlapping")[0].replace("\n", " ").split(", ")
    assert "power-off" in missed
    assert "crash" not in missed


def test_the_summary_tells_how_often_a_fault_struck_a_role_in_each_phase() -> None:
    summary = Summary()
    for phase in ("calm", "calm", "healing"):
        met = (("power-off", "other az", phase), ("pause", "safe", "calm"))
        summary.add(Outcome(task=Task(seed=1), verdict=HOLDS, met=met))
    coverage = to_json(summary)["coverage"]
    assert coverage["power-off"] == {
        "az of the leader": {"calm": 0, "overlapping": 0, "healing": 0},
        "other az": {"calm": 2, "overlapping": 0, "healing": 1},
    }
    assert coverage["pause"]["safe"] == {"calm": 3, "overlapping": 0, "healing": 0}
    (line,) = (line for line in to_text(summary).splitlines() if line.startswith("power-off"))
    words = " ".join(line.split())
    assert words == "power-off 2 0 1 other az 2/0/1; NEVER az of the leader"


def test_junit_has_a_case_for_each_seed_and_each_missed_probe() -> None:
    text = to_xml(
        [
            outcome(1),
            outcome(2, BROKEN, broken=("custody",), detail="clear \x00 <key>", folder="f"),
            outcome(3, ERROR, detail="boom", folder="g"),
        ],
        missed=["a torn tail was cut"],
    )
    suite = ET.fromstring(text.encode()).find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "4", "failures": "2", "errors": "1"}
    cases = [(case.get("name"), [child.tag for child in case]) for case in suite]
    assert cases == [
        ("seed 1", []),
        ("seed 2", ["failure"]),
        ("seed 3", ["error"]),
        ("a torn tail was cut", ["failure"]),
    ]
    failed = suite[1][0]
    assert failed.text == "clear ? <key>\nagain: nines run f"
