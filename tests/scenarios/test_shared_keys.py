"""A region that is lost for good: what its owner had shared with another region goes on there."""

from typing import Any

import pytest

from regions.kms.blob import parse
from regions.topology import Topology, default_azs
from scenarios.arena import Arena
from scenarios.catalogue import SCENARIOS
from scenarios.run import run
from scenarios.scenario import Scenario, Workload
from sim.check.history import OK
from sim.units import minutes

LOST, LEFT = "eu-central-1", "eu-west-1"


class Kept:
    """An observer that keeps the arena of a run."""

    arena: Arena

    def attach(self, arena: Arena) -> None:
        self.arena = arena


@pytest.fixture(scope="module")
def after() -> tuple[Any, Arena]:
    """The run, and what is left of its world."""
    kept = Kept()
    result = run(SCENARIOS["only-shared-keys-left"].small(), seed=7, observers=(kept,))
    return result, kept.arena


def keys(arena: Arena, region: str) -> set[str]:
    return {key_id for place, key_id in arena.witness.keys if place == region}


def test_keys_that_were_shared_open_elsewhere_what_the_lost_region_sealed(
    after: tuple[Any, Arena],
) -> None:
    _, arena = after
    shared = {key_id for key_id in keys(arena, LOST) if key_id.startswith("mrk-")}
    assert len(shared) == 4
    assert shared <= keys(arena, LEFT)
    # The examination has every kept blob opened in its keepsake's region after the loss.
    sealed = [one for one in arena.witness.keepsakes if one.key_id in shared]
    crossed = [one for one in sealed if (one.region, parse(one.blob).region) == (LEFT, LOST)]
    assert crossed
    assert LEFT not in {one.region for one in arena.lost}


def test_keys_of_the_lost_region_alone_are_gone_and_the_report_says_so(
    after: tuple[Any, Arena],
) -> None:
    result, arena = after
    lost = {(one.region, one.what) for one in arena.lost if one.what == "key"}
    assert lost == {(LOST, "key")}
    (verdict,) = (v for v in result.promises if v.name == "recoverability")
    assert verdict.word == "allowed"
    assert "lost beyond the budget" in verdict.detail


def test_callers_of_the_lost_region_go_on_in_the_other_one(after: tuple[Any, Arena]) -> None:
    _, arena = after
    begin_ns = arena.world.now_ns
    served = [
        call
        for call in arena.calls()
        if call.caller.startswith(f"{LOST}/clients/multi-region")
        and (call.place, call.action, call.outcome) == (LEFT, "Decrypt", OK)
    ]
    assert served
    assert max(call.begin_ns for call in served) < begin_ns


def test_shared_keys_hold_every_promise_where_nothing_is_lost() -> None:
    scenario = Scenario(
        name="shared",
        summary="two regions share keys, rotate them and move them",
        topology=Topology(regions={name: default_azs(name) for name in (LOST, LEFT)}),
        length_ns=minutes(10),
        workloads=(
            Workload(
                kind="multi-region",
                clients=2,
                options={"think": "2s", "replicas": [LOST, LEFT]},
            ),
        ),
    )
    kept = Kept()
    result = run(scenario, seed=3, observers=(kept,))
    assert {v.name: v.detail for v in result.promises if v.word == "BROKEN"} == {}
    done = {call.action for call in kept.arena.calls() if call.outcome == OK}
    assert done >= {"ReplicateKey", "RotateKeyOnDemand", "UpdatePrimaryRegion"}
