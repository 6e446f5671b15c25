"""The operator's safe holds the newest domain token, whole, whatever happens to its power."""

from itertools import product

import pytest
from regional import AZS, CODEC, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.armour import unseal
from regions.hsm.commands import HsmRandom
from regions.hsm.errors import HsmNotReady
from regions.messages import DepositToken
from regions.operator import Operator, OperatorConfig
from scenarios.arena import Arena
from sim.units import days, hours, minutes, ms, seconds, us
from sim.world import SimWorld

SAFE = f"safe/{REGION}/operator"


def test_the_safe_holds_the_newest_domain_token_after_every_rotation() -> None:
    with booted() as arena:
        arena.world.run_for(days(3) + hours(1))
        stored = unseal("domain", arena.world.disk(SAFE).load("domain")).data
        token, version = arena.world.kernel.cells[f"{AZS[0]}/az"].actor.domain_token()  # type: ignore[union-attr]
        assert stored == version.to_bytes(8, "big") + token


def test_a_power_cut_of_the_operator_forgets_nothing_that_the_safe_held() -> None:
    with booted(ceremony_ns=hours(1)) as arena:
        world = arena.world
        blob = encrypt(arena, create_key(arena))
        world.run_for(minutes(1))
        world.crash(SAFE)
        world.run_for(minutes(1))
        world.restart(SAFE)
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        world.run_for(minutes(1))
        for hsm in arena.deployment.hsms[REGION]:
            world.restart(hsm)
        world.run_for(hours(2))
        assert decrypt(arena, blob) == SECRET


def test_the_offline_hsm_is_out_of_the_domain_again_after_the_ceremony() -> None:
    with booted(ceremony_ns=hours(1)) as arena:
        world = arena.world
        create_key(arena)
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
            world.run_for(minutes(1))
            world.restart(hsm)
        events: list[str] = []
        world.trace.watch("operator", lambda event: events.append(event.body.decode()))
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        world.run_for(minutes(1))
        for hsm in arena.deployment.hsms[REGION]:
            world.restart(hsm)
        world.run_for(hours(3))
        assert events[0].startswith("ceremony=begun")
        assert events[1].startswith("safe=open")
        assert events[2:] == ["safe=closed"]


def test_a_deposit_on_the_heels_of_another_never_leaves_half_a_token_in_the_safe() -> None:
    tokens = {version: bytes([version]) * 3_000 for version in (1, 2)}
    whole = [version.to_bytes(8, "big") + token for version, token in tokens.items()]
    for seed, microseconds in product(range(15), range(100, 1_200, 60)):
        with SimWorld(seed=seed, codec=CODEC) as world:
            world.start(Operator, OperatorConfig(hsm="", azs=()), name=SAFE)
            for version, token in tokens.items():
                deposit = DepositToken(token=token, version=version)
                world.call(SAFE, deposit, lambda _: None)
                world.run_for(us(250))
            world.run_for(us(microseconds))
            world.crash(SAFE)
            assert unseal("domain", world.disk(SAFE).load("domain")).data in (b"", *whole)


def power_cycle_every_hsm(arena: Arena) -> None:
    hsms = arena.deployment.hsms[REGION]
    for hsm in hsms:
        arena.world.crash(hsm)
    arena.world.run_for(seconds(5))
    for hsm in hsms:
        arena.world.restart(hsm)


def renew_every_hsm(arena: Arena) -> None:
    """Power cycle one HSM after the other, so that newcomers are admitted by newcomers."""
    for hsm in arena.deployment.hsms[REGION]:
        arena.world.crash(hsm)
        arena.world.restart(hsm)
        arena.world.run_for(seconds(10))


def test_a_safe_that_missed_deposits_is_given_the_newest_token_when_it_is_needed() -> None:
    # The offline HSM would believe no token that shares neither a key nor a member with its own.
    with booted(ceremony_ns=minutes(10)) as arena:
        blob = encrypt(arena, create_key(arena))
        arena.world.run_for(minutes(1))
        arena.world.crash(SAFE)
        renew_every_hsm(arena)
        arena.world.run_for(days(8))
        arena.world.restart(SAFE)
        power_cycle_every_hsm(arena)
        arena.world.run_for(minutes(15))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3


def test_while_the_safe_is_open_a_second_loss_of_all_hsms_needs_no_second_ceremony() -> None:
    with booted(ceremony_ns=minutes(10)) as arena:
        blob = encrypt(arena, create_key(arena))
        power_cycle_every_hsm(arena)
        arena.world.run_for(minutes(15))
        renew_every_hsm(arena)
        arena.world.power_off(REGION)  # The hosts forget that the safe is open.
        arena.world.power_on(REGION)
        arena.world.run_for(minutes(2))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3


def test_a_safe_that_its_operator_left_open_is_closed_by_who_comes_next() -> None:
    with booted(ceremony_ns=minutes(10)) as arena:
        world = arena.world
        create_key(arena)
        power_cycle_every_hsm(arena)
        world.run_for(minutes(15))
        world.crash(SAFE)
        world.restart(SAFE)
        world.run_for(minutes(31))
        with pytest.raises(HsmNotReady):
            world.ask(f"safe/{REGION}/hsm", HsmRandom(number_of_bytes=1))


def test_an_offline_hsm_that_was_left_in_the_domain_for_long_serves_the_next_ceremony() -> None:
    with booted(ceremony_ns=minutes(10)) as arena:
        blob = encrypt(arena, create_key(arena))
        power_cycle_every_hsm(arena)
        arena.world.run_for(minutes(15))
        arena.world.crash(SAFE)  # Nobody closes the safe.
        renew_every_hsm(arena)
        arena.world.run_for(days(8))
        arena.world.restart(SAFE)
        power_cycle_every_hsm(arena)
        arena.world.run_for(minutes(15))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3


def test_hosts_that_admit_their_hsms_at_the_same_time_call_no_operator() -> None:
    # The one that comes second has an old token in its hands while it asks around.
    with booted() as arena:
        world = arena.world
        world.run_for(minutes(1))
        events: list[str] = []
        world.trace.watch("operator", lambda event: events.append(event.body.decode()))
        for place in (AZS[0], AZS[2]):
            world.crash(f"{place}/hsm-1")
            world.crash(f"{place}/hsm-2")
        world.run_for(seconds(2))
        world.restart(f"{AZS[2]}/hsm-2")
        world.run_for(ms(400))
        world.restart(f"{AZS[0]}/hsm-2")
        world.run_for(minutes(1))
        assert events == []


def test_a_rotted_safe_is_mended_when_it_is_opened_and_says_so() -> None:
    with SimWorld(seed=1, codec=CODEC, keep="all") as world:
        world.start(Operator, OperatorConfig(hsm="", azs=()), name=SAFE)
        world.call(SAFE, DepositToken(token=b"t" * 3_000, version=1), lambda _: None)
        world.run_for(seconds(1))
        disk = world.disk(SAFE)
        healthy = disk.load("domain")
        disk.lose_sector("domain", 2)
        world.crash(SAFE)
        world.restart(SAFE)
        world.run_for(seconds(1))
        assert disk.load("domain") == healthy
        found = [e.body.decode() for e in world.trace.events() if e.kind == "disk"]
        assert found == ["found=safe: sectors mended: 1"]
