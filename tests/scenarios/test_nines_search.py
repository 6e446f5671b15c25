"""``nines swarm`` and ``nines shrink`` on the command line: what they print, keep and refuse."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regions.az import Az
from scenarios import __main__ as command
from scenarios import swarm
from scenarios.coverage import PROBES
from scenarios.run import START_NS
from scenarios.swarm_worker import BROKEN, HOLDS, Outcome, Task
from sim.units import seconds

Captured = pytest.CaptureFixture[str]
Nines = Callable[..., int]

#: Twenty seconds after the calls have begun.
_LATE_NS = START_NS + seconds(20)
#: Seconds of one caller, whose promises take a moment to judge.
TINY = """
length = "30s"
promises = ["audit-complete", "custody"]
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 3
think = "1s"
[[fault]]
plan = "at 5s pause us-east-1/use1-az1 for 2s"
"""


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nines:
    """Run a command line with the program's own parts, beside a file ``tiny.toml``."""
    monkeypatch.chdir(tmp_path)
    Path("tiny.toml").write_text(TINY)
    return lambda *words: command.main(words)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeds that end in 3 break a promise; nothing is run."""

    def pretend(task: Task, _under: str) -> Outcome:
        broken = ("custody",) if task.seed % 10 == 3 else ()
        verdict = BROKEN if broken else HOLDS
        return Outcome(task=task, verdict=verdict, broken=broken, folder="f" if broken else "")

    monkeypatch.setattr(swarm, "run_task", pretend)


def forget_records(monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Az._drive

    async def forgetful(self: Az, call: Any) -> Any:
        found = await drive(self, call)
        return type(found)(found.answer, None) if call.action == "GenerateDataKey" else found

    monkeypatch.setattr(Az, "_drive", forgetful)


@pytest.mark.usefixtures("pretended")
def test_a_swarm_in_which_a_seed_fails_ends_with_status_1(real: Nines, capsys: Captured) -> None:
    assert real("swarm", "--seeds", "2") == 0
    assert real("swarm", "--seeds", "3") == 1
    assert "\n3 seeds: 2 holds, 1 broken\n" in capsys.readouterr().out


@pytest.mark.usefixtures("pretended")
def test_the_junit_file_of_a_resumed_swarm_has_every_seed(real: Nines) -> None:
    real("swarm", "--seeds", "4")
    assert real("swarm", "--seeds", "6", "--resume", "--junit", "swarm.xml") == 1
    suite = ET.fromstring(Path("swarm.xml").read_bytes()).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")


@pytest.mark.usefixtures("pretended")
def test_a_long_swarm_of_drawn_worlds_fails_when_it_never_reached_a_place(
    real: Nines, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(swarm, "PROBES_FROM", 5)
    assert real("swarm", "--seeds", "4", "--first", "4") == 0
    assert real("swarm", "--seeds", "5", "--first", "4", "--scenario", "tiny.toml") == 0
    capsys.readouterr()
    assert real("swarm", "--seeds", "5", "--first", "4", "--junit", "swarm.xml") == 1
    assert f"  NEVER  {next(iter(PROBES))}\n" in capsys.readouterr().out
    suite = ET.fromstring(Path("swarm.xml").read_bytes()).find("testsuite")
    assert suite is not None
    assert suite.get("failures") == str(len(PROBES))


def test_an_interrupted_swarm_says_how_to_go_on(
    real: Nines, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def pretend(task: Task, _under: str) -> Outcome:
        if task.seed == 3:
            raise KeyboardInterrupt
        return Outcome(task=task, verdict=HOLDS)

    monkeypatch.setattr(swarm, "run_task", pretend)
    assert real("swarm", "--seeds", "9") == 130
    assert capsys.readouterr() == (
        "",
        "nines: 2 of 9 seeds are done; the same command with --resume goes on\nnines: interrupted\n",
    )


def test_shrinking_a_broken_run_keeps_the_smallest_one(
    real: Nines, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    forget_records(monkeypatch)
    assert real("shrink", "tiny.toml", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["breaks"], told["minimal"], told["plan"]) == ("audit-complete", True, [])
    assert told["faults"] == [1, 0]
    assert told["calls"][1] <= 10 < told["calls"][0]
    assert real(*told["again"].split()[1:], "--quiet") == 1


def test_shrinking_a_run_that_ends_with_an_error_counts_its_calls(
    real: Nines, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    drive = Az._drive

    async def fails_late(self: Az, call: Any) -> Any:
        if self.now_ns > _LATE_NS:
            raise ZeroDivisionError("nine nines")
        return await drive(self, call)

    monkeypatch.setattr(Az, "_drive", fails_late)
    assert real("shrink", "tiny.toml", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["breaks"] == "ZeroDivisionError"
    before, after = told["calls"]
    assert before > after


def test_a_promise_that_nobody_knows_is_refused_before_the_run(
    real: Nines, capsys: Captured
) -> None:
    assert real("shrink", "tiny.toml", "--promise", "custodi") == 2
    assert capsys.readouterr().err == (
        "nines: unknown promise 'custodi'; did you mean 'custody'?\n"
    )
