"""A plan that no world of its topology can carry out is refused before anything runs."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from regions.faults import DOMAIN_FAULTS, FAULTS
from regions.faults.membership import MemberChange
from regions.topology import Topology, build, cast, default_azs
from scenarios.places import check_plan
from scenarios.plans import plan_line
from scenarios.run import CODEC, run
from scenarios.scenario import Scenario, Workload
from sim.plan import FaultLine, Plan, PlanError, When
from sim.units import minutes, seconds
from sim.world import SimWorld

REGION, OTHER = "us-east-1", "eu-west-1"
AZ, NEXT_AZ = f"{REGION}/use1-az1", f"{REGION}/use1-az2"
TOPOLOGY = Topology(regions={REGION: default_azs(REGION), OTHER: default_azs(OTHER)})
SCENARIO = Scenario(
    name="places",
    summary="",
    topology=TOPOLOGY,
    workloads=(Workload(clients=1, options={"think": "2s"}),),
    promises=("plaintext-fidelity",),
    recovery_ns=seconds(30),
    settle_ns=seconds(30),
)
#: One of each sort of place, and ways between them.
TARGETS = (
    REGION,
    AZ,
    f"{REGION}/@leader",
    *(f"{AZ}/{name}" for name in ("az", "node", "recorder", "hsm-1")),
    *(f"{REGION}/{name}" for name in ("bucket", "clients", "front", "router", "trail")),
    "safe/us-east-1",
    f"{AZ}<->{NEXT_AZ}",
    f"{REGION}->{OTHER}",
    f"{REGION}<->{AZ}",
    f"{REGION}/@leader->{AZ}",
    f"{AZ},{NEXT_AZ}",
    "mx-central-1",
)


def taken(name: str) -> Iterator[FaultLine]:
    """Yield the lines of a fault for those of the places where it may strike."""
    for target in TARGETS:
        try:
            yield plan_line(f"{name} {target}", TOPOLOGY)
        except PlanError:
            continue


def test_the_cast_of_a_topology_is_who_is_there_once_it_is_built() -> None:
    with SimWorld(codec=CODEC) as world:
        build(world, TOPOLOGY)
        cells = [world.kernel.cells[name] for name in world.names()]
        assert cast(TOPOLOGY) == {cell.name: cell.cls.kind for cell in cells if cell.cls}


GROUPS = [sorted(FAULTS)[first::6] for first in range(6)]


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
def test_a_fault_begins_and_ends_wherever_it_is_let(names: list[str]) -> None:
    # Goal: what the check lets through raises nothing later. One after the other, in few runs.
    lines = []
    for name in names:
        found = list(taken(name))
        assert found, f"{name} can strike nowhere"
        lines += found[:1] if issubclass(FAULTS[name], MemberChange) else found
    every_ns = seconds(3)
    lines = [
        replace(line, at=When(ns=place * every_ns), lasts=When(ns=seconds(2)))
        for place, line in enumerate(lines)
    ]
    length_ns = (len(lines) + 1) * every_ns
    result = run(replace(SCENARIO, plan=Plan(tuple(lines)), length_ns=length_ns), seed=1)
    assert len(result.faults) == len(lines)
    assert result.holds


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("crash mars", "no region 'mars' here; there are: us-east-1, eu-west-1"),
        (f"launch-region {REGION}", "region 'us-east-1' is there already"),
        (
            "launch-region mars",
            "fault launch-region wants a region as its target, not 'mars'",
        ),
        (
            "launch-region mx-central-1 with azs=use1-az1",
            "option azs of launch-region: 'use1-az1' is not one of mxc1-az1, mxc1-az2, mxc1-az3",
        ),
        ("crash host", "no region 'host' here; there are: us-east-1, eu-west-1"),
        ("crash safe/mars", "no region 'mars' here; there are: us-east-1, eu-west-1"),
        ("crash @leader", "no region '@leader' here; there are: us-east-1, eu-west-1"),
        ("crash us-east-1/@chief", "no role 'us-east-1/@chief'; there is: us-east-1/@leader"),
        (
            f"crash {AZ}/@leader",
            "no role 'us-east-1/use1-az1/@leader'; there is: us-east-1/@leader",
        ),
        (
            "crash us-east-1/use1-az9",
            "no AZ 'use1-az9' in us-east-1 here; there are: use1-az1, use1-az2, use1-az4",
        ),
        (
            "crash us-east-1/fort",
            ("nothing is at 'us-east-1/fort'; in us-east-1 there are: bucket, front, router,"
            " trail, use1-az1, use1-az2, use1-az4"),
        ),
        (
            f"crash {AZ}/hsm",
            ("nothing is at 'us-east-1/use1-az1/hsm'; in us-east-1/use1-az1 there are: az, hsm-1,"
            " hsm-2, node, recorder"),
        ),
        (
            f"partition {AZ}<->{AZ}/hsm-1/core",
            ("nothing is at 'us-east-1/use1-az1/hsm-1/core'; in us-east-1/use1-az1 there are: az,"
            " hsm-1, hsm-2, node, recorder"),
        ),
        (
            "hsm-tamper us-east-1/trail",
            ("fault hsm-tamper wants a region, an AZ, one HSM, or safe/REGION as its target, not"
            " 'us-east-1/trail'"),
        ),
        (
            f"bucket-policy-removed {AZ}",
            ("fault bucket-policy-removed wants the region where the bucket lives as its target,"
            " not 'us-east-1/use1-az1'"),
        ),
        (
            "bucket-policy-removed us-east-1/@leader",
            ("fault bucket-policy-removed wants the region where the bucket lives as its target,"
            " not 'us-east-1/@leader'"),
        ),
        (
            "rolling-upgrade us-east-1/clients",
            ("fault rolling-upgrade wants a region or an AZ as its target, not"
            " 'us-east-1/clients'"),
        ),
        (
            "stop-logging safe",
            "fault stop-logging wants the trail's home region as its target, not 'safe'",
        ),
        (
            "add-az eu-west-1 with az=use1-az3",
            "option az of add-az: 'use1-az3' is not one of euw1-az1, euw1-az2, euw1-az3",
        ),
    ],
)
def test_a_place_that_cannot_be_struck_is_refused_as_it_is_read(line: str, problem: str) -> None:
    with pytest.raises(PlanError, match=f"^{re.escape(f'fault line {line!r}: {problem}')}$"):
        plan_line(line, TOPOLOGY)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            ["at 11m crash us-east-1"],
            ("fault line 'at 11m crash us-east-1': begins after the end of the run, which lasts"
            " 10m"),
        ),
        (
            ["at 5m hsm-tamper us-east-1/front"],
            ("fault line 'at 5m hsm-tamper us-east-1/front': fault hsm-tamper wants a region, an"
            " AZ, one HSM, or safe/REGION as its target, not 'us-east-1/front'"),
        ),
        (
            ["at 1m add-az eu-west-1"],
            ("fault line 'at 1m add-az eu-west-1': region 'eu-west-1' has no AZ left to launch; it"
            " has or had: euw1-az1, euw1-az2, euw1-az3"),
        ),
        (
            [
                "at 80% replace-az us-east-1/use1-az2",
                "at 2m add-az us-east-1 with az=use1-az5",
                "at 1m add-az us-east-1",
                "at 3m add-az us-east-1 with az=use1-az6",
            ],
            ("fault line 'at 80% replace-az us-east-1/use1-az2': region 'us-east-1' has no AZ left"
            " to launch; it has or had: use1-az1, use1-az2, use1-az4, use1-az3, use1-az5,"
            " use1-az6"),
        ),
        (
            ["at 1m replace-az us-east-1/use1-az1 with by=use1-az2"],
            ("fault line 'at 1m replace-az us-east-1/use1-az1 with by=use1-az2': AZ 'use1-az2' of"
            " us-east-1 was launched before; a name is used once"),
        ),
        (
            ["at 2m remove-az us-east-1/use1-az1", "at 1m replace-az us-east-1/use1-az1"],
            ("fault line 'at 2m remove-az us-east-1/use1-az1': AZ 'use1-az1' of us-east-1 has left"
            " already"),
        ),
        (
            [f"at {n}m remove-az eu-west-1/euw1-az{n}" for n in (1, 2, 3)],
            ("fault line 'at 3m remove-az eu-west-1/euw1-az3': region 'eu-west-1' would be left"
            " without an AZ"),
        ),
    ],
)
def test_a_plan_that_cannot_happen_is_refused_before_the_run(
    lines: list[str], problem: str
) -> None:
    plan = Plan.parse(lines, FAULTS)
    with pytest.raises(PlanError, match=f"^{re.escape(problem)}$"):
        check_plan(plan, TOPOLOGY, minutes(10))
    with pytest.raises(PlanError, match=f"^{re.escape(problem)}$"):
        run(replace(SCENARIO, plan=plan, length_ns=minutes(10)), seed=1)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("audit-drop R with records=0", "'0' is too little; expected at least 1"),
        ("bad-config R with delay=-1s", "'-1s' is too little; expected at least 0s"),
        ("bad-config R with bake=0s", "'0s' is too little; expected at least 1ms"),
        ("clock-drift R with ppm=100001", "'100001' is too much; expected at most 100000"),
        ("gray-hsm R with factor=-3", "'-3' is too little; expected at least 1"),
        ("gray-hsm R with bytes=-1", "'-1' is too little; expected at least 0"),
        ("hsm-restart R with gap=-3s", "'-3s' is too little; expected at least 0s"),
        ("hsm-restart R with down=-3s", "'-3s' is too little; expected at least 0s"),
        ("poison R with herd=0", "'0' is too little; expected at least 1"),
        ("poison R with every=0s", "'0s' is too little; expected at least 1ms"),
        ("rolling-upgrade R with down=-1s", "'-1s' is too little; expected at least 0s"),
        ("stop-logging R with account=12345", "'12345' is not twelve digits"),
        ("time-service-lost R with ppm=1000000", "'1000000' is too much; expected at most 100000"),
        ("wrong-deletion R with window=6", "'6' is too little; expected at least 7"),
        ("wrong-deletion R with window=31", "'31' is too much; expected at most 30"),
    ],
)
def test_an_option_out_of_its_range_is_refused_as_it_is_read(line: str, problem: str) -> None:
    name, _, option = line.partition(" R with ")
    text = line.replace(" R ", f" {REGION} ")
    whole = f"fault line {text!r}: option {option.partition('=')[0]} of {name}: {problem}"
    with pytest.raises(PlanError, match=f"^{re.escape(whole)}$"):
        plan_line(text, TOPOLOGY)


def test_every_fault_of_the_domain_says_where_it_strikes() -> None:
    for name, fault in DOMAIN_FAULTS.items():
        assert fault.hits in cast(TOPOLOGY).values(), name
        assert fault.place, name
