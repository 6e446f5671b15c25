"""``nines run`` with files, kept runs, changed plans and observers. The run is a stand-in."""

import dataclasses
import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scenarios.result import RunResult

Nines = Callable[..., int]
Golden = Callable[[str, str], None]
Captured = pytest.CaptureFixture[str]
RUN = ".nines/runs/9f2c9f2c9f2c"
FILE = """
name = "mine"
seed = 11
[topology]
regions = ["us-east-1"]
[[fault]]
plan = "at 1m crash us-east-1/@leader"
"""


@pytest.fixture
def unreplayed(broken_run: RunResult) -> RunResult:
    """A broken run that was of no log folder."""
    return dataclasses.replace(broken_run, replay=None)


def told(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_scenario_file_is_run_with_its_seed_unless_another_is_given(
    nines: Nines, healthy_run: RunResult, capsys: Captured
) -> None:
    Path("mine.toml").write_text(FILE)
    assert nines("run", "mine.toml", "--json", result=healthy_run) == 0
    found = told(capsys)
    assert (found["scenario"], found["seed"]) == ("mine", 11)
    assert found["plan"] == ["at 1m crash us-east-1/@leader"]
    assert found["command"] == "nines run mine.toml --seed 11"
    assert nines("run", "mine.toml", "--json", "--seed", "3", result=healthy_run) == 0
    assert told(capsys)["command"] == "nines run mine.toml --seed 3"


def test_a_kept_run_is_found_by_folder_by_first_digits_and_as_the_last(
    nines: Nines, unreplayed: RunResult, capsys: Captured
) -> None:
    nines("run", "az-outage", "--seed", "9", "--quiet", result=unreplayed)
    capsys.readouterr()
    for word in (RUN, "9f2c", "9f2c" * 16, "last"):
        assert nines("run", word, "--json", result=unreplayed) == 1
        found = told(capsys)
        assert (found["scenario"], found["seed"]) == ("az-outage", 9)
        assert found["plan"] == ["at 5m power-off us-east-1/use1-az1 for 40m"]
        assert found["command"] == f"nines run {RUN}"


def test_a_run_that_was_kept_with_a_log_folder_replays_it(
    nines: Nines, broken_run: RunResult, capsys: Captured
) -> None:
    nines("run", "az-outage", "--quiet", result=broken_run)
    capsys.readouterr()
    assert nines("run", "last") == 2
    line = "folder '../shared/my logs/2023' does not exist; expected a folder of CloudTrail log files"
    assert capsys.readouterr() == ("", f"nines: {line}\n")


def test_a_run_kept_by_another_version_is_run_with_a_warning(
    nines: Nines, healthy_run: RunResult, capsys: Captured
) -> None:
    Path("old.toml").write_text('version = "0.0.1"\n')
    assert nines("run", "old.toml", "--quiet", result=healthy_run) == 0
    line = "warning: kept by version 0.0.1, and this is 0.1.0: the run may be another one"
    assert capsys.readouterr() == ("", f"nines: {line}\n")


def test_a_plan_file_takes_the_place_of_the_plan_and_further_faults_follow_it(
    nines: Nines, healthy_run: RunResult, capsys: Captured
) -> None:
    Path("plan.txt").write_text("at 10% pause us-east-1/front for 1m  # why\n\n# nothing more\n")
    words = ["--plan", "plan.txt", "--fault", "at 5m crash eu-west-1/@leader"]
    assert nines("run", "az-outage", "--json", *words, result=healthy_run) == 0
    found = told(capsys)
    assert found["plan"] == [
        "at 10% pause us-east-1/front for 1m",
        "at 5m crash eu-west-1/@leader",
    ]
    assert found["command"] == (
        "nines run az-outage --seed 1 --plan plan.txt --fault 'at 5m crash eu-west-1/@leader'"
    )


def test_a_fault_is_left_out_in_a_second_run_and_the_difference_is_printed(
    nines: Nines, healthy_run: RunResult, golden: Golden, capsys: Captured
) -> None:
    words = ["run", "az-outage", "--without", "1"]
    assert nines(*words, result=healthy_run) == 0
    out, err = capsys.readouterr()
    head, title, rest = out.partition("What was different without\n")
    assert head.endswith("  run again  nines run az-outage --seed 1 --without 1\n\n")
    golden("difference.txt", title + rest)
    assert err == ""


def test_a_broken_run_with_all_faults_says_how_to_make_it_again_beside_the_one_without(
    nines: Nines, unreplayed: RunResult, capsys: Captured
) -> None:
    assert nines("run", "az-outage", "--without", "1", result=unreplayed) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"  with all faults, run again  nines run {RUN}"


def test_the_difference_is_one_json_object_with_both_reports(
    nines: Nines, unreplayed: RunResult, capsys: Captured
) -> None:
    assert nines("run", "az-outage", "--without", "1", "--json", result=unreplayed) == 1
    found = told(capsys)
    assert list(found) == ["with", "without", "difference"]
    assert len(found["with"]["plan"]) == 1
    assert found["without"]["plan"] == []
    assert found["difference"]["left_out"] == ["at 5m power-off us-east-1/use1-az1 for 40m"]


def test_a_broken_run_that_was_not_kept_says_how_to_make_it_again(
    nines: Nines, unreplayed: RunResult, capsys: Captured
) -> None:
    assert nines("run", "az-outage", "--quiet", "--no-save", result=unreplayed) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "run again: nines run az-outage --seed 1"


def test_observers_watch_the_run_and_write_their_files(
    nines: Nines, healthy_run: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Watching:
        attached = 0

        def attach(self, _arena: Any) -> None:
            self.attached += 1

        def write(self, result: RunResult, path: Path) -> None:
            path.write_text(f"{type(self).__name__} {result.scenario} {self.attached}")

    html = types.SimpleNamespace(HtmlReport=Watching)
    trace = types.SimpleNamespace(PerfettoTrace=Watching)
    monkeypatch.setitem(sys.modules, "scenarios.html_report", html)
    monkeypatch.setitem(sys.modules, "scenarios.perfetto", trace)
    words = ["--html", "page.html", "--trace", "trace.json", "--quiet"]
    assert nines("run", "az-outage", *words, result=healthy_run) == 0
    assert Path("page.html").read_text() == "Watching az-outage 1"
    assert Path("trace.json").read_text() == "Watching az-outage 1"
