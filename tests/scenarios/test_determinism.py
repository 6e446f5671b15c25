"""The same seed is the same run in any process; if it is not, the first event is named."""

import inspect
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scenarios import determinism
from scenarios.__main__ import main
from scenarios.determinism import (
    ChildFailed,
    Parting,
    describe,
    part,
    there,
    to_text,
    variant_of,
    verify,
)
from scenarios.determinism_child import Job, perform
from scenarios.files import dumps
from scenarios.scenario import Scenario, Workload
from scenarios.swarm_worker import Task, scenario_of
from sim.units import minutes

ROOT = Path(__file__).resolve().parents[2]

TINY = dumps(
    Scenario(
        name="tiny",
        summary="one caller for a minute",
        length_ns=minutes(1),
        workloads=(Workload(clients=1, regions=("us-east-1",)),),
    )
)


def test_every_way_to_differ_comes_up() -> None:
    found = [variant_of(seed) for seed in range(8)]
    assert len({v["hash_seed"] for v in found}) == 8
    assert {(v["hypothesis"], v["after_seed"] is None) for v in found} == {
        (False, False), (False, True), (True, False), (True, True)
    }


def test_a_seed_is_the_same_run_in_fresh_processes_that_differ() -> None:
    jobs = [
        Job(scenario=dumps(scenario_of(Task(seed=seed))), seed=seed, **variant_of(seed))
        for seed in (3, 4)  # The README's own command runs the first two.
    ]
    reruns = list(verify(jobs, workers=2))
    assert [rerun.same for rerun in reruns] == [True] * 2
    assert [rerun.variant for rerun in reruns] == [describe(job) for job in jobs]


#: A process in which actors of one name draw from dice that nobody seeded.
PLANTED = """
import os
from sim.kernel import Kernel
original = Kernel.actor_rng
def unseeded(self, actor, names):
    found = original(self, actor, names)
    if actor.name.endswith("use1-az2/node") and "election" in names:
        found.seed(os.getpid())
    return found
Kernel.actor_rng = unseeded
from scenarios.determinism_child import main
main()
"""


def test_runs_that_differ_are_parted_at_the_first_event() -> None:
    """A planted bug: in the fresh process one stream of chance does not come from the seed."""
    job = Job(scenario=TINY, seed=1, **variant_of(1))
    (rerun,) = verify([job], launcher=(sys.executable, "-c", PLANTED))
    assert not rerun.same
    assert rerun.parting is not None
    parting = rerun.parting
    assert parting.index > 0
    assert parting.here != parting.there
    # The other events of that index are the same in both: the first difference is the first.
    looked = perform(Job(scenario=TINY, seed=1, window=(parting.index, parting.index)))
    assert looked["window"] == [[parting.index, parting.here]]
    text = to_text(rerun)
    assert text.startswith("seed 1 was another run in a fresh process (PYTHONHASHSEED=")
    assert f"  the first event that differs is number {parting.index:,}\n" in text


def test_a_child_reports_the_same_as_this_process() -> None:
    job = Job(scenario=TINY, seed=5, checkpoint_every=500, window=(500, 502))
    found = there(job)
    assert found == perform(job)
    assert len(found["window"]) == 3


# What goes and comes: sides that are made up, and a child that differs elsewhere each time.


def made_up(job: dict[str, Any], parts_at: int = 0) -> dict[str, Any]:
    """Return what a run of 2,000 events reports that differs from the event ``parts_at`` on."""
    def text(number: int) -> str:
        return f"event {number}" + (" otherwise" if 0 < parts_at <= number else "")

    every, window = job["checkpoint_every"], job["window"] or (1, 0)
    return {
        "hash": text(2_000),
        "checkpoints": [text(number) for number in range(every, 2_001, every)] if every else [],
        "window": [[n, text(n)] for n in range(window[0], min(window[1], 2_000) + 1)],
    }


FICKLE = """
import json, sys
from typing import Any
{made_up}
runs = open({kept!r}, "a+")
runs.seek(0)
turn = len(runs.read())
runs.write("x")
sys.stdout.write(json.dumps(made_up(json.load(sys.stdin), {parts_at!r}[turn])))
"""


def fickle(tmp_path: Path, parts_at: Sequence[int]) -> list[str]:
    """Return the command of a child that parts from us elsewhere in each run; 0: nowhere."""
    code = FICKLE.format(
        made_up=inspect.getsource(made_up),
        kept=str(tmp_path / "runs"),
        parts_at=[*parts_at, *[0] * 20],
    )
    return [sys.executable, "-c", code]


def here(job: Job) -> dict[str, Any]:
    return made_up({"checkpoint_every": job.checkpoint_every, "window": job.window})


JOB = Job(scenario="", seed=1)


@pytest.mark.parametrize("parts_at", [1, 500, 501, 2_000])
def test_wherever_runs_part_the_first_event_is_found(parts_at: int, tmp_path: Path) -> None:
    found = part(JOB, fickle(tmp_path, [parts_at] * 2), here)
    assert found == Parting(
        index=parts_at,
        before=tuple(f"event {n}" for n in range(max(1, parts_at - 3), parts_at)),
        here=f"event {parts_at}",
        there=f"event {parts_at} otherwise",
    )


def test_runs_that_part_earlier_when_looked_at_are_looked_at_again(tmp_path: Path) -> None:
    # Else the first event of the block that was looked at would pass for the first that differs.
    found = part(JOB, fickle(tmp_path, [1_200, 700, 700]), here)
    assert (found.index, found.before[-1], found.there) == (700, "event 699", "event 700 otherwise")


def test_runs_that_part_elsewhere_each_time_are_not_blamed_on_one_event(tmp_path: Path) -> None:
    rerun = determinism.Rerun(
        seed=1,
        variant="x",
        here="a",
        there="b",
        parting=part(JOB, fickle(tmp_path, [1_700, 1_200, 100, 1_600, 700, 200]), here),
    )
    assert to_text(rerun).splitlines()[-1] == (
        "  run again, both were the same or parted elsewhere each time: it depends on more"
    )


# What the user sees.


@pytest.fixture
def short(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return str(path)


def children(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let fresh processes run other code."""
    launched = partial(verify, launcher=(sys.executable, "-c", code))
    monkeypatch.setattr(determinism, "verify", launched)


def test_equal_runs_are_counted(short: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["verify-determinism", "--scenario", short, "--first", "7", "--seeds"]
    assert main([*arguments, "2"]) == 0
    assert capsys.readouterr().out == "4 runs of 2 seeds: 0 mismatches\n"
    assert main([*arguments, "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"seeds": 1, "runs": 2, "mismatches": []}


def test_a_mismatch_is_shown_from_both_sides_and_costs_the_exit_status(
    short: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    children(monkeypatch, PLANTED)
    arguments = ["verify-determinism", "--scenario", short, "--seeds", "1"]
    assert main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("seed 1 was another run in a fresh process (PYTHONHASHSEED=")
    assert [line[:11] for line in lines[-3:-1]] == ["    here   ", "    there  "]
    assert lines[-1] == "2 runs of 1 seeds: 1 mismatches"


def test_a_proof_that_is_stopped_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(jobs: list[Job], **_: Any) -> Iterator[determinism.Rerun]:
        for job in jobs[:2]:
            yield determinism.Rerun(seed=job.seed, variant="", here="a", there="a")
        raise KeyboardInterrupt

    monkeypatch.setattr(determinism, "verify", stopped)
    assert main(["verify-determinism", "--seeds", "5"]) == 130
    caught = capsys.readouterr()
    assert caught.out == "4 runs of 2 seeds: 0 mismatches\n"
    assert caught.err == "nines: interrupted\n"


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("raise ValueError('no dice')", "failed: ValueError: no dice"),
        ("raise SystemExit(3)", "failed: it said nothing"),
        ("print('hello')", "printed no result: hello"),
        ("import time; time.sleep(100)", "gave no result within 0.5 s"),
    ],
)
def test_a_fresh_process_without_a_result_is_no_bad_input(
    code: str,
    how: str,
    short: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    children(monkeypatch, code)
    if "sleep" in code:
        monkeypatch.setattr(determinism, "PATIENCE_S", 0.5)
    assert main(["verify-determinism", "--scenario", short, "--seeds", "9", "--first", "4"]) == 70
    caught = capsys.readouterr()
    assert caught.err == (
        f"nines: the fresh process of seed 4 {how}; again: "
        f"nines verify-determinism --scenario {short} --first 4 --seeds 1\n"
    )
    assert caught.out == ""


def test_a_failure_names_its_seed() -> None:
    job = Job(scenario="", seed=12)
    with pytest.raises(ChildFailed, match=r"^the fresh process of seed 12 failed: ") as caught:
        there(job, (sys.executable, "-c", "raise SystemExit(1)"))
    assert caught.value.seed == 12
