"""One AZ host beside its node, its recorder and its HSMs: what it may miss and must not."""

import pytest
from regional import AZS, REGION, booted, create_key

from regions.az import Az
from regions.hsm.commands import DomainTokenIssued, ModifyMembers
from scenarios.arena import Arena
from sim.actor import Expired
from sim.network import Partition
from sim.units import minutes, ms, seconds

AZ, NODE = f"{AZS[1]}/az", f"{AZS[1]}/node"


def replicas_agree(arena: Arena) -> bool:
    states = [arena.replica(az) for az in arena.deployment.azs[REGION]]
    return len({state.digest for state in states if state is not None}) == 1


def test_a_host_that_starts_anew_beside_a_silent_node_misses_no_change() -> None:
    # What the node hands on before it hears of the new host begins in the middle of the log.
    with booted() as arena:
        world = arena.world
        world.pause(NODE)
        create_key(arena)
        world.crash(AZ)
        world.restart(AZ)
        world.run_for(seconds(1))
        world.resume(NODE)
        world.run_for(seconds(10))
        assert replicas_agree(arena)


def test_a_host_that_missed_a_change_asks_for_it_once_it_sees_the_next() -> None:
    with booted() as arena:
        world = arena.world
        cut = Partition(one=NODE, other=AZ, both_ways=False)
        world.add_rule(cut)
        create_key(arena)
        world.remove_rule(cut)
        assert not replicas_agree(arena)
        create_key(arena)
        world.run_for(seconds(2))
        assert replicas_agree(arena)


def test_a_call_that_waits_for_a_lost_change_is_refused_and_holds_no_worker() -> None:
    with booted(consistency="linearizable") as arena:
        world = arena.world
        cut = Partition(one=NODE, other=AZ, both_ways=False)
        world.add_rule(cut)
        create_key(arena)
        world.remove_rule(cut)
        with pytest.raises(Expired):
            arena.api(REGION, "ListKeys", {}, to=AZ)
        world.run_for(seconds(15))
        cell = world.kernel.cells[AZ]
        assert len(cell.idle) == cell.hired


def test_of_two_hosts_that_store_a_domain_token_of_one_version_only_one_succeeds() -> None:
    # Whoever thinks so wrongly would install a token that no later one builds upon.
    with booted() as arena:
        world, stored = arena.world, []
        world.run_for(minutes(1))
        hosts = [world.kernel.cells[az].actor for az in arena.deployment.azs[REGION][:2]]

        async def store(host: Az, issued: DomainTokenIssued) -> None:
            stored.append((await host.store_domain(issued), issued.token))

        for host in hosts:
            assert isinstance(host, Az)
            change = ModifyMembers(token=host.domain_token()[0], add=(), remove=())
            issued = world.ask(f"{host.name.removesuffix('az')}hsm-1", change)
            world.at(world.now_ns + ms(1), host.spawn, store, host, issued)
        world.run_for(seconds(5))
        assert sorted(success for success, _ in stored) == [False, True]
        winner = next(token for success, token in stored if success)
        assert all(isinstance(h, Az) and h.domain_token()[0] == winner for h in hosts)
