"""Silence costs nothing, and what polls is named."""

import pytest

from regions.az import Az
from regions.faults import FAULTS
from regions.topology import Topology, default_azs
from scenarios.catalogue import SCENARIOS
from scenarios.result import Verdict
from scenarios.run import run
from scenarios.scenario import Scenario, Workload
from sim.plan import Plan
from sim.units import minutes, seconds


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


def test_a_region_may_still_ask_for_its_keys_in_the_hour_in_which_the_safe_is_opened() -> None:
    # Goal: what is excused in any part of the measured hour counts, not only at its end.
    region = "us-east-1"
    scenario = Scenario(
        name="safe",
        summary="",
        topology=Topology(regions={region: default_azs(region)}, ceremony_ns=minutes(70)),
        workloads=(Workload(clients=1),),
        plan=Plan.parse([f"at 10s hsm-tamper {region} for 10s"], FAULTS),
        promises=("quiet-time",),
        length_ns=minutes(1),
        recovery_ns=seconds(10),
        settle_ns=seconds(10),
    )
    (verdict,) = run(scenario, seed=1).promises
    assert verdict.word == "allowed"
    assert "every HSM is empty until the safe has been opened" in verdict.excused[0]
