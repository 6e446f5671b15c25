"""A made-up outcome of a run, with every kind of row a report can have, for all tests here."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.result import (
    Availability,
    Delivery,
    Latency,
    ReplaySummary,
    RunResult,
    Skipped,
    TimelineEntry,
    Verdict,
    replay_command,
)

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
    """Compare a text with a file of tests/golden/scenarios; REWRITE_GOLDEN=1 writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("REWRITE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
