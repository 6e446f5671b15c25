"""The run folder: complete files under the hash of the run, from which the run can be made again."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from scenarios import files, report, run_folder
from scenarios.catalogue import SCENARIOS
from scenarios.result import FaultSpan, RunResult
from scenarios.run import run
from scenarios.scenario import Scenario
from sim.plan import Plan

MADE = Scenario(
    name="az-outage",
    summary="one availability zone of us-east-1 loses power and comes back",
    plan=Plan.parse(["at 7.7% power-off us-east-1/use1-az1 for 61.6%"]),
)


def test_a_run_leaves_its_report_and_a_scenario_with_the_times_it_had(
    broken_run: RunResult, tmp_path: Path
) -> None:
    place = run_folder.save(broken_run, MADE, tmp_path)
    assert place == Path(".nines/runs/9f2c9f2c9f2c")
    kept = tmp_path / place
    assert sorted(path.name for path in kept.iterdir()) == ["report.json", "scenario.toml"]
    assert json.loads((kept / "report.json").read_text()) == json.loads(report.to_json(broken_run))
    found = files.load_file(kept / "scenario.toml")
    assert found == files.ScenarioFile(
        scenario=dataclasses.replace(MADE, plan=Plan.parse(broken_run.plan)),
        seed=7,
        version="0.1.0",
        replay="../shared/my logs/2023",
    )
    assert (tmp_path / ".nines" / "last").read_text() == "9f2c9f2c9f2c\n"


def test_a_run_made_again_from_its_folder_has_the_same_trace_hash(tmp_path: Path) -> None:
    scenario = SCENARIOS["two-azs-dark"].small()
    scenario = dataclasses.replace(scenario, length_ns=scenario.length_ns // 3)
    first = run(scenario, seed=5)
    run_folder.save(first, scenario, tmp_path)
    kept = run_folder.open_run("last", tmp_path)
    assert "%" not in str(kept.scenario.plan)
    again = run(kept.scenario, seed=kept.seed)
    assert again.trace_hash == first.trace_hash
    assert kept.result["trace_hash"] == first.trace_hash
    assert again.faults == first.faults


def test_any_text_survives_the_description(broken_run: RunResult) -> None:
    strange = 'quote " back \\ del \x7f emoji \U0001f511'
    assert broken_run.replay is not None
    replay = dataclasses.replace(broken_run.replay, source=strange)
    described = run_folder.describe(dataclasses.replace(broken_run, replay=replay), MADE)
    with pytest.raises(files.FileError, match=r"key 'replay': expected a text, not"):
        files.parse(described, source="x")  # DEL is no printable text
    shorter = strange.replace("\x7f", "")
    replay = dataclasses.replace(broken_run.replay, source=shorter)
    described = run_folder.describe(dataclasses.replace(broken_run, replay=replay), MADE)
    assert files.parse(described, source="x").replay == shorter


def test_the_same_run_twice_is_one_folder(broken_run: RunResult, tmp_path: Path) -> None:
    first = run_folder.save(broken_run, MADE, tmp_path)
    assert run_folder.save(broken_run, MADE, tmp_path) == first
    assert len(list((tmp_path / first).iterdir())) == 2


def test_a_write_that_fails_leaves_the_earlier_file_whole(
    broken_run: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / run_folder.save(broken_run, MADE, tmp_path)
    before = (place / "report.json").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device$"):
        run_folder.save(dataclasses.replace(broken_run, seed=8), MADE, tmp_path)
    assert (place / "report.json").read_bytes() == before
    assert len(list(place.iterdir())) == 2


def test_digits_that_begin_two_names_are_not_guessed_at(
    broken_run: RunResult, tmp_path: Path
) -> None:
    for digits in ("abcd1", "abcd2"):
        result = dataclasses.replace(broken_run, trace_hash=digits + "0" * 27, replay=None)
        run_folder.save(result, MADE, tmp_path)
    text = "run 'abc' is not clear; there are: abcd10000000, abcd20000000"
    with pytest.raises(run_folder.RunFolderError, match=f"^{text}$"):
        run_folder.open_run("abc", tmp_path)
    assert run_folder.open_run("abcd2", tmp_path).folder == Path(".nines/runs/abcd20000000")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("last", "no run 'last'; expected one kept in .nines/runs by 'nines run'"),
        (
            "nowhere",
            "no run 'nowhere'; expected a run folder, the first digits of its name, or 'last'",
        ),
    ],
)
def test_a_run_that_is_not_there_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(run_folder.RunFolderError, match=f"^{re.escape(message)}$"):
        run_folder.open_run(text, tmp_path)


def test_a_report_that_was_cut_is_named(broken_run: RunResult, tmp_path: Path) -> None:
    place = tmp_path / run_folder.save(
        dataclasses.replace(broken_run, replay=None), MADE, tmp_path
    )
    (place / "report.json").write_text('{"scenario": ')
    with pytest.raises(run_folder.RunFolderError, match=r"expected the report of a run$"):
        run_folder.open_run("last", tmp_path)


def test_a_run_without_faults_is_kept_without_a_plan(
    healthy_run: RunResult, tmp_path: Path
) -> None:
    run_folder.save(healthy_run, dataclasses.replace(MADE, plan=Plan()), tmp_path)
    assert run_folder.open_run("last", tmp_path).scenario.plan == Plan()


def test_times_of_a_fault_are_written_out_exactly(healthy_run: RunResult, tmp_path: Path) -> None:
    line = "at 61234.567891ms pause us-east-1/front for 1s"
    span = FaultSpan(line=line, begin_ns=61_234_567_891, end_ns=62_234_567_891)
    run_folder.save(dataclasses.replace(healthy_run, faults=(span,)), MADE, tmp_path)
    (kept,) = run_folder.open_run("last", tmp_path).scenario.plan.lines
    assert str(kept) == line
    assert kept.at.ns == span.begin_ns
