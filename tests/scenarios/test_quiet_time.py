"""Silence costs nothing, and what polls is named."""

import pytest

from regions.az import Az
from scenarios.catalogue import SCENARIOS
from scenarios.result import Verdict
from scenarios.run import run
from sim.units import seconds


def verdict() -> Verdict:
    (found,) = (
        v for v in run(SCENARIOS["az-outage"].small(), seed=1).promises if v.name == "quiet-time"
    )
    return found


def test_a_healed_world_that_nobody_calls_is_silent() -> None:
    assert verdict().word == "holds"


@pytest.fixture
def polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: one host asks its node every ten seconds whether there is news."""
    start = Az.start

    def poll(self: Az) -> None:
        self._attach()
        self.after(seconds(10), poll, self)

    def restless(self: Az) -> None:
        start(self)
        if self.name.endswith("use1-az2/az"):
            poll(self)

    monkeypatch.setattr(Az, "start", restless)


@pytest.mark.usefixtures("polling")
def test_a_host_that_polls_is_named() -> None:
    found = verdict()
    assert not found.holds
    assert " events in a quiet hour; most: " in found.detail
    assert "us-east-1/use1-az2/" in found.detail
