"""Callers who change over to another region: what they meet there, and what files may not ask."""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from scenarios.catalogue import SCENARIOS
from scenarios.extras import ExtraError, check
from scenarios.files import FileError, loads
from scenarios.result import OK, RunResult
from scenarios.run import run
from scenarios.workloads.failover import FailoverClient, FailoverSettings
from scenarios.workloads.steady import CALLS
from sim.check.history import Call
from sim.units import minutes

SEED = 7
HOME, ELSEWHERE = "us-east-1", "ca-central-1"
FILE = """
[topology]
regions = ["us-east-1", "ca-central-1"]

[[workload]]
kind = "failover"
"""


class Watching:
    """Keeps the calls of one run."""

    def attach(self, arena: Any) -> None:
        self.calls: list[Call] = []
        arena.history.observers.append(self.calls.append)


@cache
def played(name: str) -> tuple[RunResult, tuple[Call, ...]]:
    watching = Watching()
    result = run(SCENARIOS[name].small(), seed=SEED, observers=(watching,))
    return result, tuple(call for call in watching.calls if "/roamer-" in call.caller)


def outcomes(name: str, region: str) -> Counter[str]:
    """Count how the everyday calls of the callers in a region ended."""
    _, calls = played(name)
    return Counter(c.outcome for c in calls if c.place == region and c.action in CALLS)


def test_who_fails_over_runs_into_a_tenth_of_the_quota() -> None:
    counts = outcomes("quota-cliff", ELSEWHERE)
    assert set(counts) == {OK, "ThrottlingException"}
    assert counts["ThrottlingException"] > counts[OK]


def test_at_home_the_same_calls_stay_within_the_quota() -> None:
    assert "ThrottlingException" not in outcomes("quota-cliff", HOME)


def test_what_was_sealed_at_home_is_opened_elsewhere() -> None:
    _, calls = played("quota-cliff")
    opened = {c.place for c in calls if c.action == "Decrypt" and c.outcome == OK}
    assert opened == {HOME, ELSEWHERE}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("", "expected the region of the replicas, such as 'us-west-2', not nothing"),
        (
            'elsewhere = "mars"',
            "expected the region of the replicas, such as 'us-west-2', not 'mars'",
        ),
        (
            'elsewhere = "eu-west-1"',
            "no region 'eu-west-1' here; there are: us-east-1, ca-central-1",
        ),
        (
            'elsewhere = "ca-central-1"',
            "expected a region where no caller stands, not 'ca-central-1'; they stand in us-east-1, ",
        ),
    ],
)
def test_a_region_that_cannot_have_the_replicas_is_named(options: str, complaint: str) -> None:
    with pytest.raises(FileError) as caught:
        loads(FILE + options + "\n", "here.toml")
    assert f"key 'workload.elsewhere': {complaint}" in str(caught.value)


def test_callers_who_need_a_second_region_are_no_extra_of_a_drawn_world() -> None:
    text = (
        "workload 'failover' needs a scenario file: key 'elsewhere': expected the region of the "
        "replicas, such as 'us-west-2', not nothing"
    )
    with pytest.raises(ExtraError, match=f"^{text}$"):
        check((), ("failover",), ())


def test_the_options_are_the_settings() -> None:
    options = {"elsewhere": ELSEWHERE, "stay": "1m"}
    assert FailoverClient.settings(options) == FailoverSettings(
        elsewhere=ELSEWHERE, stay_ns=minutes(1)
    )
