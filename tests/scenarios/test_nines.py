"""The command line: outputs, exit status, one-line errors. The run itself is a stand-in."""

import dataclasses
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from scenarios import __main__ as command
from scenarios import listing, progress, report
from scenarios.commands import COMMANDS
from scenarios.parts import Parts, installed_parts
from scenarios.result import RunResult
from scenarios.scenario import Scenario
from scenarios.version import VERSION

ROOT = Path(__file__).parents[2]
Nines = Callable[..., int]
Fake = Callable[[RunResult], Parts]


def test_the_exit_status_tells_whether_all_promises_hold(
    nines: Nines, healthy_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("run", "az-outage", result=healthy_run) == 0
    assert nines("run", "az-outage") == 1
    out, err = capsys.readouterr()
    assert "No promise of 1 is broken." in out
    assert "1 of 4 promises BROKEN." in out
    assert err == ""


def test_run_prints_the_report_and_keeps_it(
    nines: Nines, broken_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("run", "az-outage", "--seed", "7") == 1
    again = "nines run .nines/runs/9f2c9f2c9f2c"
    expected = dataclasses.replace(broken_run, command=again)
    kept = "  kept in    .nines/runs/9f2c9f2c9f2c\n"
    assert capsys.readouterr() == (report.to_text(expected) + kept, "")
    saved = json.loads(Path(".nines/runs/9f2c9f2c9f2c/report.json").read_text())
    assert saved == json.loads(report.to_json(expected))


def test_the_seed_reaches_the_run_and_is_one_by_default(
    nines: Nines, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, seed in (((), 1), (("--seed", "0"), 0), (("--seed", str(2**63 - 1)), 2**63 - 1)):
        nines("run", "az-outage", "--json", "--no-save", *words)
        assert json.loads(capsys.readouterr().out)["seed"] == seed


def test_json_prints_one_object_and_nothing_else(
    nines: Nines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("run", "az-outage", "--json") == 1
    out, err = capsys.readouterr()
    assert list(json.loads(out)) == list(report.JSON_KEYS)
    assert err == ""


def test_quiet_prints_only_what_is_broken(
    nines: Nines, healthy_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("run", "az-outage", "--quiet", result=healthy_run) == 0
    assert capsys.readouterr() == ("", "")
    assert nines("run", "az-outage", "--quiet") == 1
    broken = "BROKEN decrypt-returns-what-was-encrypted: blob 17 of client us-east-1/clients/3"
    again = "run again: nines run .nines/runs/9f2c9f2c9f2c"
    assert capsys.readouterr() == (f"{broken} opened to other bytes\n{again}\n", "")


def test_no_save_leaves_the_folder_untouched(nines: Nines, tmp_path: Path) -> None:
    nines("run", "az-outage", "--no-save")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_one_warning_and_no_verdict(
    nines: Nines, healthy_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".nines").write_text("a file where the folder should be")
    assert nines("run", "az-outage", "--quiet", result=healthy_run) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("nines: warning: run folder not written: [Errno 20] Not a directory: ")
    assert err.count("\n") == 1


def test_list_names_every_part_with_its_summary(
    nines: Nines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("list") == 0
    assert capsys.readouterr().out == (
        "scenarios:\n"
        "  az-outage     az-outage in one line\n"
        "  steady-state  steady-state in one line\n"
        "workloads:\n"
        "  envelope  envelope in one line\n"
        "faults:\n"
        "  power-off A[<->B]  Cut the power of a site.\n"
        "      tau: how long most of it takes to come back; by default 30m\n"
        "      order: which comes first; by default any, or any, hsm\n"
        "promises:\n"
        "  keys-survive  keys-survive in one line\n"
    )
    assert nines("list", "--json") == 0
    assert json.loads(capsys.readouterr().out)["faults"] == {
        "power-off": {
            "summary": "Cut the power of a site.",
            "source": "",
            "target": "A[<->B]",
            "options": {
                "tau": "how long most of it takes to come back; by default 30m",
                "order": "which comes first; by default any, or any, hsm",
            },
            "package": "",
        }
    }


def test_sample_logs_writes_a_folder_and_says_what_to_do_next(
    nines: Nines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines("sample-logs", "my logs", "--seed", "3", "--hours", "2") == 0
    assert [path.name for path in (tmp_path / "my logs").iterdir()] == ["2.json.gz"]
    closing = "3 records in 1 files; next: nines run az-outage --replay 'my logs'\n"
    assert capsys.readouterr() == (closing, "")
    assert nines("sample-logs", "my logs") == 2
    assert capsys.readouterr() == ("", "nines: folder 'my logs' is not empty\n")
    assert nines("sample-logs", "quiet", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_version_and_help_succeed(nines: Nines, capsys: pytest.CaptureFixture[str]) -> None:
    assert nines("--version") == 0
    assert capsys.readouterr().out == f"nines {VERSION}\n"
    for words in (["--help"], ["-h"], ["run", "--help"], ["list", "--help"]):
        assert nines(*words) == 0
        assert "Usage: nines" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_in_a_help_stand_on_lines_of_their_own(
    nines: Nines, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert nines(name, "--help") == 0
    text = capsys.readouterr().out
    assert "\\b" not in text
    examples = [line.strip() for line in text.splitlines() if f" nines {name} " in line]
    assert all(line.startswith((f"nines {name} ", "Usage: ")) for line in examples)


def test_nothing_asked_shows_the_help_and_counts_as_wrong_usage(
    nines: Nines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nines() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: nines")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["run", "no-such"],
            ("unknown scenario 'no-such'; expected a scenario file, a kept run or one of"
             " az-outage, steady-state"),
        ),
        (
            ["run", "az-outage", "--seed", "abc"],
            "seed 'abc' is not an integer from 0 to 9223372036854775807",
        ),
        (
            ["run", "az-outage", "--seed", "-1"],
            "seed '-1' is not an integer from 0 to 9223372036854775807",
        ),
        (
            ["run", "az-outage", "--seed", "9223372036854775808"],
            "seed '9223372036854775808' is not an integer from 0 to 9223372036854775807",
        ),
        (
            ["run", "az-outage", "--seed", "\N{ARABIC-INDIC DIGIT ONE}"],
            "seed '\N{ARABIC-INDIC DIGIT ONE}' is not an integer from 0 to 9223372036854775807",
        ),
        (
            ["run", "az-outage", "--replay", "nowhere"],
            "folder 'nowhere' does not exist; expected a folder of CloudTrail log files",
        ),
        (["sample-logs", "x", "--hours", "0"], "hours '0' is not an integer from 1 to 168"),
        (["sample-logs", "x", "--hours", "169"], "hours '169' is not an integer from 1 to 168"),
        (
            ["run", "az-outage", "--without", "2"],
            "no fault 2 in the plan, which has 1",
        ),
        (
            ["run", "steady-state", "--without", "1"],
            "no fault 1 in the plan, which has 0",
        ),
        (
            ["run", "az-outage", "--without", "0"],
            "fault number '0' is not an integer from 1 to 10000",
        ),
        (
            ["run", "az-outage", "--fault", "at 5m power-off mars"],
            ("fault line 'at 5m power-off mars': no region 'mars' here; there are: us-east-1,"
             " eu-west-1, ap-northeast-1"),
        ),
        (
            ["run", "az-outage", "--fault", "at noon crash us-east-1"],
            ("fault line 'at noon crash us-east-1': duration 'noon': expected a number and us, ms,"
             " s, m, h, d or y, as 40m"),
        ),
        (
            ["run", "az-outage", "--plan", "gone.toml"],
            "file 'gone.toml' cannot be read (No such file or directory); expected a plan file",
        ),
        (
            ["run", "gone.toml"],
            ("file 'gone.toml' cannot be read (No such file or directory);"
             " expected a scenario file"),
        ),
        (["run", "last"], "no run 'last'; expected one kept in .nines/runs by 'nines run'"),
        (
            ["run", "az-outage", "--html", "no/where.html"],
            ("file 'no/where.html' cannot be written: its folder does not exist;"
             " expected a file to write to"),
        ),
        (
            ["run", "az-outage", "--trace", "locked.json"],
            "file 'locked.json' cannot be written (Permission denied); expected a file to write to",
        ),
        (
            ["availability", "az-outage", "--plot", "no/where.png"],
            ("file 'no/where.png' cannot be written: its folder does not exist;"
             " expected a file to write to"),
        ),
        (
            ["swarm", "--junit", "no/where.xml"],
            ("file 'no/where.xml' cannot be written: its folder does not exist;"
             " expected a file to write to"),
        ),
        (
            ["run", "az-outage", "--fault", "at 5m hsm-tamper us-east-1/trail"],
            ("fault line 'at 5m hsm-tamper us-east-1/trail': fault hsm-tamper wants a region, an"
             " AZ, one HSM, or safe/REGION as its target, not 'us-east-1/trail'"),
        ),
        (
            ["run", "az-outage", "--schedule", "hold:us-east-1/@leader"],
            "schedule 'hold:us-east-1/@leader': holds a place back, not a role",
        ),
        (["run", "az-outag"], "unknown scenario 'az-outag'; did you mean 'az-outage'?"),
        (["run"], "Missing argument 'SCENARIO'; see nines run --help"),
        (["run", "az-outage", "--xyz"], "No such option '--xyz'; see nines run --help"),
        (["frobnicate"], "No such command 'frobnicate'; see nines --help"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(
    nines: Nines,
    words: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("locked.json").touch()
    locked = ("locked.json", os.W_OK)  # Root may write anywhere: say no for it.
    monkeypatch.setattr(os, "access", lambda path, mode: (str(path), mode) != locked)
    assert nines(*words) == 2
    assert capsys.readouterr() == ("", f"nines: {line}\n")


def test_a_malformed_log_file_is_named_in_one_line(
    nines: Nines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_text('{"Records": [{"eventName": "Encrypt"}]}')
    assert nines("run", "az-outage", "--replay", "logs") == 2
    assert capsys.readouterr() == (
        "",
        ("nines: file 'logs/a.json', record 0: no eventTime;"
        " expected a UTC time such as '2023-07-10T11:57:49Z'\n"),
    )


def test_ctrl_c_ends_with_one_line_and_status_130(
    broken_run: RunResult, fake_parts: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> RunResult:
        raise KeyboardInterrupt

    parts = dataclasses.replace(fake_parts(broken_run), run=interrupted)
    assert command.main(["run", "az-outage"], load=lambda: parts) == 130
    assert capsys.readouterr() == ("", "nines: interrupted\n")


def test_a_defect_of_ours_is_not_dressed_up_as_bad_input(
    broken_run: RunResult, fake_parts: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    def defect(*_: Any, **__: Any) -> RunResult:
        raise AssertionError("our bug")

    parts = dataclasses.replace(fake_parts(broken_run), run=defect)
    assert command.main(["run", "az-outage", "--seed", "3"], load=lambda: parts) == 70
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert told[-2] == "AssertionError: our bug"
    assert told[-1] == "nines: a defect of Eleven Nines; again: nines run az-outage --seed 3"


LISTING = """
import sys
from scenarios import __main__ as command
from scenarios.parts import Parts
parts = Parts(scenarios={f"s{n}": Parts for n in range(9)}, workloads={}, faults={},
              promises={}, run=None, sample_logs=None)
sys.exit(command.main(["list"], load=lambda: parts))
"""


def subprocess_environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **extra}


def test_a_reader_that_goes_away_is_met_with_silence() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-c", LISTING],
            env=subprocess_environment(),
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output_gets_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", LISTING],
            env=subprocess_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b"nines: standard output cannot be written: No space left on device\n"
    assert done.returncode == 2


def test_an_ascii_terminal_is_no_reason_to_fail() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scenarios", "run", "\u00fc", "--seed", "\u00fc"],
        env=subprocess_environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"),
        capture_output=True,
        check=False,
    )
    assert done.stderr.startswith(b"nines: seed '\\xfc' is not an integer")
    assert done.returncode == 2


def test_help_does_not_wait_for_the_simulator() -> None:
    code = (
        "import sys; from scenarios.__main__ import main; main(['--help']);"
        "late = {'rich', 'trio', 'botocore', 'cryptography'} & set(sys.modules);"
        "sys.exit(f'imported: {sorted(late)}' if late else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=subprocess_environment(),
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_progress_bar_moves_in_virtual_time_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.bar("az-outage", shown=False) as advance:
        assert advance is None
    assert capsys.readouterr() == ("", "")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress.bar("az-outage", shown=True) as advance:
        assert advance is not None
        advance(12 * 60 * 10**9, 65 * 60 * 10**9)
    assert "az-outage" in screen.getvalue()
    assert "12m of 1h 5m, virtual" in screen.getvalue()


def test_every_command_and_option_is_documented() -> None:
    readme = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    context = click.Context(command.nines)
    for name in command.nines.list_commands(context):
        found = command.nines.get_command(context, name)
        assert found is not None
        assert found.help, f"nines {name} has no help text"
        assert found.short_help, f"nines {name} has no one-line help"
        assert f"nines {name}" in readme, f"scenarios/README.md does not speak of nines {name}"
        for option in found.params:
            if isinstance(option, click.Option):
                assert option.help, f"nines {name} {option.opts[0]} has no help text"


def test_every_file_of_the_commands_is_a_command_of_its_name() -> None:
    folder = Path(command.__file__).parent / "commands"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "shared"}
    assert {module.rpartition(".")[2] for module in COMMANDS.values()} == files
    for name, module in COMMANDS.items():
        assert import_module(module).command.name == name


def test_a_part_without_a_summary_is_described_by_its_docstring() -> None:
    class Undescribed:
        """Cut the power of a site.

        The rest of the docstring is not a summary.
        """

    assert listing.summary_of(Undescribed) == "Cut the power of a site."
    assert listing.summary_of(Scenario(name="n", summary="s")) == "s"


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_fits_the_terminal_and_is_not_broken_in_a_pipe(columns: int) -> None:
    entries = listing.catalogue(installed_parts())
    text = listing.to_text(entries, columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert text.split() == listing.to_text(entries).split()
    summaries = {part.summary for part in entries["scenarios"].values()}
    assert all(any(s in line for line in listing.to_text(entries).splitlines()) for s in summaries)
