"""Every promise survives every fault of the disks of one AZ, with a power cut in its middle.

Method: a small world with callers under each fault, on everything in one AZ; the same AZ loses
its power while the fault lasts, or just after. No loss may be excused: all this is in the budget.
"""

import pytest

from regions.topology import Topology, default_azs
from scenarios.result import RunResult
from scenarios.run import run
from scenarios.scenario import Scenario, Workload
from sim.plan import Plan
from sim.units import minutes, seconds

REGION = "us-east-1"
AZ = f"{REGION}/{default_azs(REGION)[0]}"
#: A world of one region sends nothing over a border, has one trail, and lives for minutes.
IDLE = ("residency", "trail-union", "history-90-days")

FAULTS = {
    "disk-lossy": "",
    "disk-torn": "",
    "disk-rot": " with bits=40 share=5%",
    "disk-latent": " with sectors=3 share=5%",
    "disk-misdirected": " with share=20%",
    "disk-lying": "",
    "disk-eio": " with share=3%",
    "disk-full": " with free=5000",
    "disk-slow": " with factor=400",
    "disk-gray": " with share=10% wait=3s",
}


def played(*lines: str, seed: int = 7) -> RunResult:
    scenario = Scenario(
        name="ill-disks",
        summary="the disks of one place are ill",
        topology=Topology(regions={REGION: default_azs(REGION)}, ceremony_ns=minutes(1)),
        plan=Plan.parse(lines),
        length_ns=seconds(100),
        workloads=(Workload(clients=2, options={"think": "400ms"}),),
        recovery_ns=minutes(4),
    )
    return run(scenario, seed=seed)


def complaints(result: RunResult) -> list[str]:
    """Return what is broken, excused or was not put to the test."""
    found = [f"{v.name}: {v.word}: {v.detail}" for v in result.promises if v.word != "holds"]
    idle = [f"{v.name}: unchecked: {v.detail}" for v in result.promises if v.name in IDLE]
    return [text for text in found if text not in idle]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_az_with_ill_disks_that_loses_its_power_breaks_no_promise(fault: str) -> None:
    result = played(
        f"at 20s {fault} {AZ} for 60s{FAULTS[fault]}",
        f"at 50s power-off {AZ} for 2s",
    )
    assert complaints(result) == []


@pytest.mark.parametrize("fault", ["disk-lying", "disk-misdirected", "disk-latent"])
def test_a_leader_whose_disk_forgets_breaks_no_promise(fault: str) -> None:
    result = played(
        f"at 20s {fault} {REGION}/@leader for 60s{FAULTS[fault]}",
        f"at 40s crash {REGION}/@leader for 3s",
        f"at 70s crash {REGION}/@leader for 1s",
        seed=3,
    )
    assert complaints(result) == []


@pytest.mark.parametrize("fault", ["disk-rot", "disk-latent", "disk-misdirected"])
@pytest.mark.parametrize("single", ["trail", "bucket"])
def test_what_a_region_has_once_mends_small_damage_by_itself(fault: str, single: str) -> None:
    amount = {"disk-rot": "bits=1", "disk-latent": "sectors=1", "disk-misdirected": "share=5%"}
    result = played(
        f"at 20s {fault} {REGION}/{single} for 10s with {amount[fault]}",
        f"at 50s power-off {REGION}/{single} for 2s",
    )
    assert complaints(result) == []
