"""A run's races can be decided otherwise; the same seed and schedule are the same run."""

import pytest

from scenarios.__main__ import main
from scenarios.catalogue import SCENARIOS
from scenarios.files import dumps, loads
from scenarios.run import run
from sim.choices import drawn, replayed
from sim.rng import stream
from sim.schedule import parse_schedule

SMALL = SCENARIOS["az-outage"].small()


def with_schedule(text: str) -> str:
    return dumps(SMALL).replace("managed_keys", f'schedule = "{text}"\nmanaged_keys', 1)


def test_a_schedule_is_part_of_the_scenario_and_another_run() -> None:
    plain = run(SMALL, seed=1).trace_hash
    hashes = {
        text: run(loads(with_schedule(text)), seed=1).trace_hash
        for text in ("shuffle", "pct:3", "hold:us-east-1/use1-az1/node")
    }
    assert len({plain, *hashes.values()}) == 4
    assert run(loads(with_schedule("pct:3")), seed=1).trace_hash == hashes["pct:3"]


def test_the_recorded_choices_of_a_schedule_replay_the_run() -> None:
    choices = drawn(stream(3, "any"))
    first = run(SMALL, seed=1, schedule=parse_schedule("pct:4")(choices))
    again = run(SMALL, seed=1, schedule=parse_schedule("pct:4")(replayed(choices.record)))
    assert again.trace_hash == first.trace_hash
    labels = [label for label, _ in choices.record[:6]]
    assert labels == ["halvings", "change point"] * 3


@pytest.mark.parametrize("schedule", ["shuffle", "pct:5", "hold:us-east-1/use1-az1:2ms"])
def test_every_promise_holds_whatever_the_order(schedule: str) -> None:
    result = run(loads(with_schedule(schedule)), seed=2)
    assert [verdict.name for verdict in result.promises if not verdict.holds] == []


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("fifo", "expected shuffle[:WINDOW], pct:DEPTH[:WINDOW] or hold:ACTOR[:WINDOW]"),
        # So long that no host would count as healthy, and no region would boot.
        ("shuffle:1y", "expected a window of at most 50ms"),
    ],
)
def test_a_schedule_that_there_is_not_is_named(
    schedule: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "az-outage", "--schedule", schedule]) == 2
    assert capsys.readouterr().err == f"nines: schedule {schedule!r}: {expected}\n"


@pytest.mark.parametrize("schedule", ["shuffle:50ms", "hold:us-east-1/use1-az1:50ms"])
def test_a_region_serves_under_the_longest_window(schedule: str) -> None:
    result = run(loads(with_schedule(schedule)), seed=1)
    assert [verdict.name for verdict in result.promises if not verdict.holds] == []
