"""The run folder: complete files under the hash of the run."""

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest

from scenarios import report, run_folder
from scenarios.result import RunResult


def test_a_run_leaves_its_report_and_its_description(
    broken_run: RunResult, tmp_path: Path
) -> None:
    place = run_folder.save(broken_run, tmp_path)
    assert place == Path(".nines/runs/9f2c9f2c9f2c")
    kept = tmp_path / place
    assert sorted(path.name for path in kept.iterdir()) == ["report.json", "scenario.toml"]
    assert json.loads((kept / "report.json").read_text()) == json.loads(report.to_json(broken_run))
    assert tomllib.loads((kept / "scenario.toml").read_text()) == {
        "scenario": "az-outage",
        "summary": "one availability zone of us-east-1 loses power and comes back",
        "seed": 7,
        "version": "0.1.0",
        "trace_hash": "9f2c" * 16,
        "span_ns": 3_900_000_000_000,
        "command": "nines run az-outage --seed 7 --replay '../shared/my logs/2023'",
        "topology": {
            "us-east-1": ["use1-az1", "use1-az2", "use1-az4"],
            "ap-northeast-1": ["apne1-az1", "apne1-az2", "apne1-az4"],
        },
        "fault": [{"plan": "at 5m power-off us-east-1/use1-az1 for 40m"}],
    }


def test_any_text_survives_the_description(broken_run: RunResult) -> None:
    strange = 'quote " back \\ del \x7f tab \t bell \x07 emoji \U0001f511'
    described = run_folder.describe(dataclasses.replace(broken_run, command=strange))
    assert tomllib.loads(described)["command"] == strange


def test_the_same_run_twice_is_one_folder(broken_run: RunResult, tmp_path: Path) -> None:
    first = run_folder.save(broken_run, tmp_path)
    assert run_folder.save(broken_run, tmp_path) == first
    assert len(list((tmp_path / first).iterdir())) == 2


def test_a_write_that_fails_leaves_the_earlier_file_whole(
    broken_run: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / run_folder.save(broken_run, tmp_path)
    before = (place / "report.json").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device$"):
        run_folder.save(dataclasses.replace(broken_run, seed=8), tmp_path)
    assert (place / "report.json").read_bytes() == before
    assert len(list(place.iterdir())) == 2
