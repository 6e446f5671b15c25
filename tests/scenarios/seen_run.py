"""One small run that breaks promises, seen by everybody who looks on; made once for all tests.

What does not belong here: tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

import regions.az
from regions.az import Az
from regions.faults import FAULTS
from scenarios.catalogue import SCENARIOS
from scenarios.perfetto import PerfettoTrace
from scenarios.recording import Recording
from scenarios.result import RunResult
from scenarios.run import run
from scenarios.scenario import Scenario
from sim.plan import Plan
from sim.units import minutes

#: The AZ that loses power does not take over what it missed, so it lacks every token.
BROKEN = "token-spread"
AZ = "us-east-1/use1-az1"
LENGTH_NS = minutes(3)
LINES = (
    "at 10% crash us-east-1/@leader for 5%",
    f"at 30% power-off {AZ} for 30%",
    "at 65% partition eu-west-1 for 10%",
)


def scenario() -> Scenario:
    small = SCENARIOS["az-outage"].small()
    return replace(small, length_ns=LENGTH_NS, plan=Plan.parse(LINES, FAULTS))


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant the bug: an AZ that comes back ignores what its node tells it."""
    start: Callable[[Az], None] = Az.start

    def forgetful(self: Az) -> None:
        start(self)
        if self.incarnation > 1:
            self._handlers = {**self._handlers}
            for kind in (regions.az.Apply, regions.az.Restore):
                self._handlers[kind] = lambda _request: None

    monkeypatch.setattr(Az, "start", forgetful)


@dataclass(frozen=True)
class SeenRun:
    """A result and those who looked on."""

    result: RunResult
    recording: Recording
    trace: PerfettoTrace


@cache
def seen_run() -> SeenRun:
    with pytest.MonkeyPatch.context() as monkeypatch:
        forget(monkeypatch)
        recording, trace = Recording(), PerfettoTrace()
        observers: list[Any] = [recording, trace]
        result = run(scenario(), seed=1, observers=observers)
    return SeenRun(result, recording, trace)
