"""The report as text and as JSON, on a made-up run."""

import dataclasses
import io
import json
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from scenarios import layout, report
from scenarios.result import RunResult, TimelineEntry, Verdict, replay_command

ESCAPE = "\x1b"
Golden = Callable[[str, str], None]


def test_the_text_report_reads_as_it_did(broken_run: RunResult, golden: Golden) -> None:
    golden("report.txt", report.to_text(broken_run))


def test_a_run_without_faults_or_trails_says_so(healthy_run: RunResult, golden: Golden) -> None:
    golden("report-healthy.txt", report.to_text(healthy_run))


def test_the_json_report_reads_as_it_did(broken_run: RunResult, golden: Golden) -> None:
    golden("report.json", report.to_json(broken_run) + "\n")


def test_the_json_report_has_exactly_the_documented_keys_in_their_order(
    broken_run: RunResult,
) -> None:
    assert list(json.loads(report.to_json(broken_run))) == list(report.JSON_KEYS)


def test_the_json_report_leaves_out_no_field_of_the_result() -> None:
    names = {field.name for field in dataclasses.fields(RunResult)}
    assert names | {"holds"} == set(report.JSON_KEYS)


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_but_the_command_is_wider_than_the_console(
    broken_run: RunResult, width: int
) -> None:
    long = Verdict(name="n" * 90, holds=False, checked=10**9, detail="word " * 60, time_ns=1)
    entry = TimelineEntry(time_ns=10**18, text="power-off " * 20)
    crowded = dataclasses.replace(
        broken_run,
        promises=(*broken_run.promises, long),
        timeline=(entry,),
        calls={"us-east-1": {f"Some{n}Exception": n for n in range(30)}},
    )
    lines = report.to_text(crowded, width=width).splitlines()
    wide = [line for line in lines if len(line) > width]
    assert [line for line in wide if not line.startswith("  run again  ")] == []
    if width >= 80:  # nothing is lost: only folded
        assert "".join("".join(lines).split()).count("n" * 60) >= 1


def test_the_replay_command_is_one_line_however_narrow_the_console(broken_run: RunResult) -> None:
    text = report.to_text(broken_run, width=40)
    assert f"\n  run again  {broken_run.command}\n" in text


def test_a_long_timeline_shows_its_ends_and_counts_the_rest(broken_run: RunResult) -> None:
    timeline = tuple(TimelineEntry(time_ns=n * 10**9, text=f"event-{n}") for n in range(100))
    text = report.to_text(dataclasses.replace(broken_run, timeline=timeline))
    shown = [int(number) for number in re.findall(r"event-(\d+)", text)]
    assert shown == [*range(8), *range(92, 100)]
    assert "... 84 more; --json lists them all" in text


def test_a_terminal_gets_colours_and_no_color_takes_them_away(
    broken_run: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> str:
        console = Console(
            file=io.StringIO(), force_terminal=True, width=80, **layout.CONSOLE_OPTIONS
        )
        report.show(broken_run, console)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert f"{ESCAPE}[1;31mBROKEN" in shown()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(rf"{ESCAPE}\[[0-9;]*3[0-9]", shown())
    assert ESCAPE not in report.to_text(broken_run)


def test_names_from_log_files_cannot_steer_the_terminal_or_the_layout(
    broken_run: RunResult,
) -> None:
    hostile = Verdict(name="[red]x[/red] :boom:", holds=True, checked=1, detail="a\x1b[2Jb\nc\x07")
    text = report.to_text(dataclasses.replace(broken_run, promises=(hostile,)))
    assert "[red]x[/red] :boom: (1 check)" in text
    assert "a?[2Jb?c?" in text


def test_a_promise_that_nothing_tested_is_not_said_to_hold() -> None:
    verdicts = [
        Verdict(name="p", holds=holds, checked=checked, detail="")
        for holds, checked in ((True, 1), (True, 0), (False, 1), (False, 0))
    ]
    assert [verdict.word for verdict in verdicts] == ["holds", "unchecked", "BROKEN", "BROKEN"]


def test_a_loss_with_an_excuse_is_allowed_and_does_not_hide_one_without() -> None:
    reasons = ("beyond the budget",)
    verdicts = [
        Verdict(name="p", holds=holds, checked=1, detail="", excused=reasons)
        for holds in (True, False)
    ]
    assert [verdict.word for verdict in verdicts] == ["allowed", "BROKEN"]


def test_of_many_excuses_the_text_shows_three(broken_run: RunResult) -> None:
    reasons = tuple(f"reason {number}" for number in range(5))
    verdict = Verdict(name="p", holds=True, checked=1, detail="", excused=reasons)
    text = report.to_text(dataclasses.replace(broken_run, promises=(verdict,)))
    assert re.findall(r"allowed: reason (\d)", text) == ["0", "1", "2"]
    assert "... and 2 more, allowed too" in text


def test_the_replay_command_survives_a_shell() -> None:
    assert replay_command("az-outage", seed=7) == "nines run az-outage --seed 7"
    assert (
        replay_command("az-outage", seed=0, replay="it's here")
        == """nines run az-outage --seed 0 --replay 'it'"'"'s here'"""
    )
