"""A made-up outcome of a run, with every kind of row a report can have, for all tests here."""

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scenarios import __main__ as command
from scenarios.parts import Parts
from scenarios.result import (
    Availability,
    Delivery,
    FaultSpan,
    Latency,
    ReplaySummary,
    RunResult,
    Skipped,
    TimelineEntry,
    Verdict,
    replay_command,
)
from scenarios.scenario import Scenario
from sim.options import Option
from sim.plan import Plan

# The helpers are modules of this folder, not part of any package.
sys.path.insert(0, str(Path(__file__).parent))

MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000

RESULT = RunResult(
    scenario="az-outage",
    summary="one availability zone of us-east-1 loses power and comes back",
    seed=7,
    version="0.1.0",
    trace_hash="9f2c" * 16,
    topology={
        "us-east-1": ("use1-az1", "use1-az2", "use1-az4"),
        "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    },
    span_ns=65 * MINUTE_NS,
    plan=("at 5m power-off us-east-1/use1-az1 for 40m",),
    faults=(
        FaultSpan(
            line="at 5m power-off us-east-1/use1-az1 for 40m",
            begin_ns=5 * MINUTE_NS,
            end_ns=45 * MINUTE_NS,
        ),
    ),
    timeline=(
        TimelineEntry(time_ns=5 * MINUTE_NS, text="power-off us-east-1/use1-az1"),
        TimelineEntry(time_ns=45 * MINUTE_NS, text="power is back at us-east-1/use1-az1"),
    ),
    calls={
        "us-east-1": {"ok": 12_345, "timeout": 12, "AccessDeniedException": 3},
        "ap-northeast-1": {"ok": 4_000},
    },
    latency=(
        Latency(
            region="us-east-1",
            phase="before",
            count=1_200,
            p50_ns=2_410_000,
            p90_ns=3_020_000,
            p99_ns=4_100_000,
            p999_ns=9_876_000,
            max_ns=12_345_678,
        ),
        Latency(
            region="us-east-1",
            phase="during",
            count=11_000,
            p50_ns=2_500_000,
            p90_ns=3_900_000,
            p99_ns=250_000_000,
            p999_ns=1_240_000_000,
            max_ns=2_000_000_000,
        ),
        Latency(
            region="ap-northeast-1",
            phase="after",
            count=4_000,
            p50_ns=850_000,
            p90_ns=999_600,
            p99_ns=1_000_000,
            p999_ns=1_000_000,
            max_ns=1_000_000,
        ),
    ),
    availability=(
        Availability(region="us-east-1", phase="before", calls=1_200, served=1_200),
        Availability(region="us-east-1", phase="during", calls=11_160, served=11_148),
        Availability(region="ap-northeast-1", phase="after", calls=4_000, served=4_000),
    ),
    delivery=(
        Delivery(
            trail="management-events",
            count=16_348,
            median_ns=171 * SECOND_NS,
            p95_ns=310 * SECOND_NS,
            p99_ns=402 * SECOND_NS,
            max_ns=594 * SECOND_NS,
        ),
        Delivery(trail="silent", count=0, median_ns=0, p95_ns=0, p99_ns=0, max_ns=0),
    ),
    promises=(
        Verdict(
            name="acknowledged-keys-survive",
            holds=True,
            checked=214,
            detail="every acknowledged key was found in every live zone",
        ),
        Verdict(
            name="decrypt-returns-what-was-encrypted",
            holds=False,
            checked=5_120,
            detail="blob 17 of client us-east-1/clients/3 opened to other bytes",
            time_ns=17 * MINUTE_NS + 3 * SECOND_NS,
            violations=((17 * MINUTE_NS + 3 * SECOND_NS, "blob 17 opened to other bytes"),),
        ),
        Verdict(
            name="audit-complete",
            holds=True,
            checked=9,
            detail="callers' answers, event history and delivered files, by their ids",
            excused=("us-east-1 records with audit_ack = 'local', and one AZ lost its disks",),
        ),
        Verdict(name="no-key-leaves-its-region", holds=True, checked=0, detail="no frame seen"),
    ),
    command=replay_command("az-outage", seed=7, replay="../shared/my logs/2023"),
    replay=ReplaySummary(
        source="../shared/my logs/2023",
        replayed={"Decrypt": 124, "Encrypt": 42, "GenerateDataKey": 20},
        passed_through={"ssm.amazonaws.com": 245, "ec2.amazonaws.com": 176},
        skipped=(
            Skipped(reason="action not modelled", count=4, examples=("CreateGrant", "Sign")),
            Skipped(reason="no key is named", count=1),
        ),
    ),
    statistics={"world": {"events": 123_456}, "network": {"frames": 98_765}},
)

HEALTHY = dataclasses.replace(
    RESULT,
    timeline=(),
    plan=(),
    faults=(),
    delivery=(),
    replay=None,
    promises=RESULT.promises[:1],
)

GOLDEN = Path(__file__).parents[1] / "golden" / "scenarios"


@pytest.fixture
def broken_run() -> RunResult:
    return RESULT


@pytest.fixture
def healthy_run() -> RunResult:
    return HEALTHY


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden/scenarios; NINES_REWRITE=1 writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("NINES_REWRITE"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


class PowerOff:
    """Cut the power of a site.

    The rest of the docstring is not a summary.
    """

    options: ClassVar[dict[str, Option]] = {
        "tau": Option("30m", "duration", "how long most of it takes to come back"),
        "order": Option("any", "word", "which comes first", ("any", "hsm")),
    }

    @classmethod
    def check(cls, target: str) -> None:
        if "->" in target.replace("<->", "") or "," in target:
            raise ValueError(target)


class FakeLogs:
    """Stands for the module scenarios.sample_logs, with a day of one record."""

    FolderError = ValueError

    @staticmethod
    def check_folder(folder: Path, *, force: bool) -> None:
        if folder.exists() and not force:
            raise ValueError(f"folder {str(folder)!r} is not empty")

    @staticmethod
    def simulate(*, seed: int, length_hours: int, progress: object) -> argparse.Namespace:
        del progress
        return argparse.Namespace(records=seed, files={f"{length_hours}.json.gz": b""})

    @staticmethod
    def write(logs: argparse.Namespace, folder: Path) -> None:
        folder.mkdir()
        for name, data in logs.files.items():
            (folder / name).write_bytes(data)


def table(*names: str) -> Mapping[str, Scenario]:
    return {name: Scenario(name=name, summary=f"{name} in one line") for name in names}


#: Its fault is left out by some tests.
DARK = Scenario(
    name="az-outage",
    summary="az-outage in one line",
    plan=Plan.parse(["at 5m power-off us-east-1/use1-az1 for 40m"]),
)


def parts_of(result: RunResult) -> Parts:
    def run(
        scenario: Scenario,
        /,
        *,
        seed: int,
        replay: Any,
        progress: Callable[[int, int], None] | None,
        observers: Sequence[Any] = (),
    ) -> RunResult:
        del replay
        if progress is not None:
            progress(1, 2)
        for observer in observers:
            observer.attach(None)
        lines = tuple(str(line) for line in scenario.plan.lines)
        return dataclasses.replace(
            result,
            scenario=scenario.name,
            seed=seed,
            plan=lines,
            faults=tuple(dataclasses.replace(RESULT.faults[0], line=line) for line in lines),
            calls=result.calls if lines else {"us-east-1": {"ok": 12_360}},
        )

    return Parts(
        scenarios={**table("steady-state"), "az-outage": DARK},
        workloads=table("envelope"),
        faults={"power-off": PowerOff},
        promises=table("keys-survive"),
        run=run,
        sample_logs=FakeLogs,
    )


@pytest.fixture
def nines(
    broken_run: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Run one command line in an empty folder, with a run that breaks a promise by default."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str, result: RunResult = broken_run) -> int:
        return command.main(words, load=lambda: parts_of(result))

    return call


@pytest.fixture
def fake_parts() -> Callable[[RunResult], Parts]:
    """Make parts whose run gives a made-up result."""
    return parts_of
