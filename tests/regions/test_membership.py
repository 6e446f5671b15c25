"""AZs of a region come and go while callers work: a lost one is replaced, a fourth one is added.

Goal: no promise breaks, the region is as strong afterwards as it was before, everybody who has to
know learns who belongs to it, and a quiet region is as quiet as before.
"""

import pytest
from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.errors import KMSInternalException
from regions.faults import FAULTS
from regions.faults.launch import launch_az, next_az
from regions.operator import Operator
from regions.region import Region
from regions.topology import Topology, TopologyError, default_azs
from regions.trail.recorder import Recorder
from scenarios.arena import Arena
from scenarios.run import run
from scenarios.scenario import Scenario, Workload
from sim.plan import FaultLine, Plan, PlanError
from sim.units import hours, minutes, seconds

ONE, TWO, FOUR = AZS
SIX = f"{REGION}/use1-az6"


def suffer(arena: Arena, line: str) -> None:
    """Let a fault begin now, and a minute pass."""
    parsed = FaultLine.parse(line, FAULTS)
    fault = FAULTS[parsed.fault](parsed.target, **dict(parsed.options))
    arena.world.at(arena.world.now_ns, fault.inject, arena.world)
    arena.world.run_for(minutes(1))


def places(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.rpartition("/")[0] for name in names)


def judged(*lines: str, seed: int = 5) -> None:
    """Play a plan of a few minutes under callers; every promise must hold."""
    scenario = Scenario(
        name="members",
        summary="AZs come and go",
        topology=Topology(regions={REGION: default_azs(REGION)}),
        plan=Plan.parse(lines, FAULTS),
        length_ns=minutes(6),
        workloads=(Workload(clients=2, options={"think": "4s"}),),
    )
    result = run(scenario, seed=seed)
    assert {p.name: p.detail for p in result.promises if not p.holds} == {}
    assert sum(p.checked for p in result.promises) > 1_000


def test_an_az_is_replaced_while_callers_work_and_no_promise_breaks() -> None:
    judged(
        f"at 30s replace-az {ONE} for 2m with by=use1-az6",
        f"at 4m power-off {TWO} for 30s",
    )


def test_an_az_is_added_and_one_is_removed_while_callers_work_and_no_promise_breaks() -> None:
    judged(f"at 20s add-az {REGION} for 30s", f"at 2m remove-az {TWO} for 30s")


def test_a_lost_az_is_replaced_and_then_another_one_may_be_lost() -> None:
    """KMS-11: tokens are in every AZ again, and the region survives what it survived before."""
    with booted() as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        suffer(arena, f"site-loss {ONE}")
        suffer(arena, f"replace-az {ONE} with by=use1-az6")
        assert places(arena.deployment.azs[REGION]) == (TWO, FOUR, SIX)
        suffer(arena, f"site-loss {TWO}")
        assert [decrypt(arena, blob, to=f"{place}/az") for place in (FOUR, SIX)] == [SECRET] * 2
        assert decrypt(arena, encrypt(arena, create_key(arena))) == SECRET
        suffer(arena, f"replace-az {TWO}")
        assert places(arena.deployment.azs[REGION]) == (FOUR, SIX, f"{REGION}/use1-az3")
        suffer(arena, f"replace-az {FOUR}")
        now = places(arena.deployment.azs[REGION])
        assert now == (SIX, f"{REGION}/use1-az3", f"{REGION}/use1-az5")
        assert [decrypt(arena, blob, to=f"{place}/az") for place in now] == [SECRET] * 3
        states = [state for place in now if (state := arena.replica(f"{place}/az"))]
        assert [(s.digest, s.hsms_ready) for s in states] == [(states[0].digest, 2)] * 3


def test_everybody_learns_who_belongs_to_the_region_and_remembers_or_is_told_again() -> None:
    with booted() as arena:
        world = arena.world
        key_id = create_key(arena)
        suffer(arena, f"replace-az {ONE} with by=use1-az6")
        for _ in range(2):
            encrypt(arena, key_id)
            world.run_for(seconds(1))
            actor = {name: world.kernel.cells[name].actor for name in world.names()}
            front, operator = actor[f"{REGION}/front"], actor[f"safe/{REGION}/operator"]
            recorder = actor[f"{TWO}/recorder"]
            assert isinstance(front, Region)
            assert isinstance(operator, Operator)
            assert isinstance(recorder, Recorder)
            azs = [f"{place}/az" for place in (TWO, FOUR, SIX)]
            assert sorted(az.az for az in front._azs) == azs
            assert sorted(operator._azs) == azs
            assert sorted(recorder._ledger._peers) == [f"{FOUR}/recorder", f"{SIX}/recorder"]
            for name in (f"{REGION}/front", f"{TWO}/recorder", f"{TWO}/az"):
                world.crash(name)
                world.restart(name)
            world.run_for(seconds(20))


def test_hsms_of_an_az_that_has_left_are_struck_from_the_domain() -> None:
    with booted() as arena:
        noted: list[str] = []
        arena.world.trace.watch("hsm", lambda event: noted.append(event.body.decode()))
        suffer(arena, f"remove-az {ONE}")
        gone = f"struck={ONE}/hsm-1#1,{ONE}/hsm-2#1"
        assert [text for text in noted if text.startswith("struck")] == [gone]


def test_a_removed_az_serves_nobody_and_is_switched_off_after_a_while() -> None:
    with booted() as arena:
        key_id = create_key(arena)
        suffer(arena, f"add-az {REGION}")
        third = f"{REGION}/use1-az3"
        assert places(arena.deployment.azs[REGION]) == (ONE, TWO, FOUR, third)
        suffer(arena, f"remove-az {FOUR}")
        assert places(arena.deployment.azs[REGION]) == (ONE, TWO, third)
        left = arena.replica(f"{FOUR}/az")
        assert left is not None
        assert not left.serving
        blobs = [encrypt(arena, key_id) for _ in range(6)]
        assert [decrypt(arena, blob) for blob in blobs] == [SECRET] * 6
        arena.world.run_for(minutes(5))
        assert [name for name in arena.world.names(FOUR) if arena.world.is_up(name)] == []


def test_a_region_of_four_serves_with_one_az_dark_and_stops_with_two() -> None:
    with booted() as arena:
        suffer(arena, f"add-az {REGION} with az=use1-az6")
        arena.world.power_off(TWO)
        arena.world.run_for(seconds(5))
        key_id = create_key(arena)
        assert decrypt(arena, encrypt(arena, key_id)) == SECRET
        arena.world.power_off(ONE)
        arena.world.run_for(seconds(5))
        with pytest.raises(KMSInternalException):
            arena.api(REGION, "CreateKey", {})


def test_a_change_that_no_majority_could_agree_on_is_made_later_or_given_up_after_a_day() -> None:
    with booted() as arena:
        world = arena.world
        given_up: list[str] = []
        world.trace.watch("gave-up", lambda event: given_up.append(event.body.decode()))
        dark = [*world.power_off(ONE), *world.power_off(TWO)]
        suffer(arena, f"add-az {REGION} with az=use1-az6")
        assert places(arena.deployment.azs[REGION]) == AZS
        for name in dark:
            world.restart(name)
        world.run_for(minutes(2))
        assert places(arena.deployment.azs[REGION]) == (*AZS, SIX)
        for place in (ONE, TWO):
            world.power_off(place)
        suffer(arena, f"add-az {REGION} with az=use1-az5")
        world.run_for(hours(25))
        assert given_up == [f"change=ChangeMembers(add='{REGION}/use1-az5/node', remove='')"]


def test_a_changed_region_is_as_quiet_as_before() -> None:
    with booted() as arena:
        world = arena.world
        suffer(arena, f"replace-az {ONE} with by=use1-az6")
        world.run_for(minutes(5))
        before = world.statistics()["events"]
        world.run_for(hours(20))
        assert world.statistics()["events"] - before < 60


def test_the_same_seed_gives_the_same_change() -> None:
    def play() -> str:
        with booted() as arena:
            suffer(arena, f"replace-az {ONE}")
            trace_hash: str = arena.world.trace.hash
            return trace_hash

    assert play() == play()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (f"replace-az {REGION}", "fault replace-az wants REGION/AZ as its target, not 'us-east-1'"),
        (
            f"remove-az {REGION}/euw1-az1",
            "fault remove-az wants REGION/AZ as its target, not 'us-east-1/euw1-az1'",
        ),
        ("add-az mars-1", "fault add-az wants a region as its target, not 'mars-1'"),
    ],
)
def test_a_wrong_target_is_named(line: str, text: str) -> None:
    with pytest.raises(PlanError, match=f"^fault line '{line}': {text}$"):
        FaultLine.parse(line, FAULTS)


def test_an_az_of_another_region_is_refused_before_the_run() -> None:
    known = "use1-az1, use1-az2, use1-az3, use1-az4, use1-az5, use1-az6"
    with pytest.raises(
        ValueError, match=f"^option by of replace-az: 'euw1-az1' is not one of {known}$"
    ):
        FAULTS["replace-az"](ONE, by="euw1-az1")


def test_an_az_is_launched_once_and_only_where_its_region_has_one_left() -> None:
    with booted("eu-west-1") as arena:
        world = arena.world
        text = "region 'eu-west-1' has no AZ left to launch; it had: euw1-az1, euw1-az2, euw1-az3"
        with pytest.raises(TopologyError, match=f"^{text}$"):
            next_az(world, "eu-west-1")
        text = "AZ 'euw1-az1' of eu-west-1 was launched before; a name is used once"
        with pytest.raises(TopologyError, match=f"^{text}$"):
            launch_az(world, "eu-west-1", "euw1-az1")
        text = "AZ 'x' of eu-west-1: expected one of euw1-az1, euw1-az2, euw1-az3"
        with pytest.raises(TopologyError, match=f"^{text}$"):
            launch_az(world, "eu-west-1", "x")
