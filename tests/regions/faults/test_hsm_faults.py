"""HSMs that are erased, restarted, left behind or slow: keys stay usable, and nobody notices long."""

import pytest
from regional import AZS, REGION, SECRET, decrypt, encrypt
from ward import assert_well, begin, knock, notes, ward

from regions.errors import KeyUnavailableException
from regions.hsm.commands import Introduce, Rewrap
from regions.hsm.domain import parse_token
from regions.hsm.errors import HsmTampered
from regions.operator import Operator
from scenarios.arena import Arena
from sim.actor import Expired
from sim.units import days, hours, minutes, ms, seconds

SAFE = f"safe/{REGION}"


def newest_members(arena: Arena) -> list[str]:
    operator = arena.world.kernel.cells[f"{SAFE}/operator"].actor
    assert isinstance(operator, Operator)
    return [one.serial for one in parse_token(operator._token).members]


def test_a_tampered_hsm_refuses_everything_and_joins_as_a_new_one_when_serviced() -> None:
    with ward() as (arena, key_id):
        hsm = f"{AZS[0]}/hsm-1"
        before = arena.world.ask(hsm, Introduce())
        fault = begin(arena, f"hsm-tamper {hsm}")
        text = f"^HSM {hsm} was tampered with and holds nothing$"
        with pytest.raises(HsmTampered, match=text):
            arena.world.ask(hsm, Introduce())
        arena.world.crash(hsm)  # A power cycle does not help it.
        arena.world.restart(hsm)
        arena.world.run_for(minutes(1))
        with pytest.raises(HsmTampered, match=text):
            arena.world.ask(hsm, Rewrap(tokens=()))
        assert knock(arena, key_id, times=10, every_ns=ms(100)) == ["ok"] * 10
        fault.heal()
        arena.world.run_for(minutes(1))
        after = arena.world.ask(hsm, Introduce())
        assert (before.serial, after.serial) == (f"{hsm}#1", f"{hsm}#3")
        assert before.signing_public != after.signing_public
        assert_well(arena, key_id)


def test_a_tampered_az_is_served_by_the_hsms_of_the_others() -> None:
    with ward() as (arena, key_id):
        blob = encrypt(arena, key_id)
        fault = begin(arena, f"hsm-tamper {AZS[1]}")
        assert decrypt(arena, blob, to=f"{AZS[1]}/az") == SECRET
        arena.world.run_for(days(3))  # Domain keys rotate without its HSMs.
        assert decrypt(arena, blob, to=f"{AZS[1]}/az") == SECRET
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)


def test_after_every_hsm_of_a_region_was_erased_the_safe_brings_the_keys_back() -> None:
    with ward(ceremony_ns=minutes(30)) as (arena, key_id):
        blob = encrypt(arena, key_id)
        fault = begin(arena, f"hsm-tamper {REGION}")
        with pytest.raises(
            KeyUnavailableException,
            match=(
                r"^KeyUnavailableException: The request was rejected because the specified KMS key"
                r" was not available\. You can retry the request\.$"
            ),
        ):
            decrypt(arena, blob)
        fault.heal()
        arena.world.run_for(hours(2))
        assert [decrypt(arena, blob, to=f"{az}/az") for az in AZS] == [SECRET] * 3
        assert_well(arena, key_id)


def test_a_new_device_in_the_safe_is_listed_and_can_open_the_next_ceremony() -> None:
    # The offline HSM's identity is gone with it: a token made before could never be opened there.
    with ward(ceremony_ns=minutes(30)) as (arena, key_id):
        blob = encrypt(arena, key_id)
        assert f"{SAFE}/hsm" in newest_members(arena)
        fault = begin(arena, f"hsm-tamper {SAFE}")
        arena.world.run_for(minutes(2))
        fault.heal()
        arena.world.run_for(minutes(1))
        members = newest_members(arena)
        assert f"{SAFE}/hsm#1" in members
        assert f"{SAFE}/hsm" not in members
        every = begin(arena, f"hsm-tamper {REGION}")
        every.heal()
        arena.world.run_for(hours(2))
        assert decrypt(arena, blob) == SECRET
        assert_well(arena, key_id)


def test_hsms_that_restart_one_after_the_other_interrupt_nobody() -> None:
    with ward() as (arena, key_id):
        fault = begin(arena, f"hsm-restart {REGION} with down=5s gap=10s")
        assert knock(arena, key_id, times=120, every_ns=ms(600)) == ["ok"] * 120
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        crashes = [arena.world.kernel.cells[h].crashes for h in arena.deployment.hsms[REGION]]
        assert crashes == [1] * 6


def test_tokens_under_domain_keys_that_an_az_missed_are_opened_by_other_hsms() -> None:
    # Goal: ten rotations pass by one AZ's HSMs, more than the ring holds, while it serves calls.
    with ward() as (arena, key_id):
        old, az = encrypt(arena, key_id), f"{AZS[0]}/az"
        fault = begin(arena, f"missed-rotation {AZS[0]}")
        arena.world.run_for(days(10))
        assert decrypt(arena, old, to=az) == SECRET
        # The host of those HSMs forgets that they are behind, and finds out again.
        arena.world.crash(az)
        arena.world.restart(az)
        arena.world.run_for(seconds(10))
        assert decrypt(arena, old, to=az) == SECRET
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)


def test_an_hsm_that_is_behind_is_asked_last_and_makes_no_keys() -> None:
    with ward() as (arena, key_id):
        hsm, az = f"{AZS[0]}/hsm-1", f"{AZS[0]}/az"
        behind = notes(arena, "hsm")
        fault = begin(arena, f"missed-rotation {AZS[0]}")
        arena.world.run_for(days(10))
        assert len([text for text in behind if f"behind={hsm} " in text]) == 10
        made = arena.api(REGION, "CreateKey", {}, to=az)["KeyMetadata"]["KeyId"]
        arena.world.run_for(seconds(2))
        served = arena.world.kernel.cells[hsm].delivered
        for wanted in (key_id, made):
            sealed = arena.api(REGION, "Encrypt", {"KeyId": wanted, "Plaintext": SECRET}, to=az)
            assert decrypt(arena, sealed["CiphertextBlob"], to=az) == SECRET
        assert arena.world.kernel.cells[hsm].delivered == served
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        assert arena.world.kernel.cells[hsm].delivered > served


def test_a_gray_hsm_is_slow_for_a_few_or_for_large_commands_and_loses_none() -> None:
    with ward() as (arena, key_id):
        world = arena.world

        def encrypt_ns(size: int) -> int:
            begin_ns, times = world.now_ns, 4
            for _ in range(times):
                parameters = {"KeyId": key_id, "Plaintext": bytes(size)}
                arena.api(REGION, "Encrypt", parameters, to=f"{AZS[0]}/az")
            return (world.now_ns - begin_ns) // times

        well_ns = encrypt_ns(4_000)
        fault = begin(arena, f"gray-hsm {AZS[0]} with factor=80 bytes=1000")
        assert encrypt_ns(100) < 2 * well_ns
        # 80 times the 250 us that an encryption takes in a healthy HSM.
        assert encrypt_ns(4_000) > well_ns + ms(19)
        fault.heal()
        fault = begin(arena, f"gray-hsm {REGION} with factor=100000 share=5%")
        assert set(knock(arena, key_id, times=60, every_ns=ms(50))) == {"ok"}
        fault.heal()
        arena.world.run_for(minutes(1))
        assert_well(arena, key_id)
        assert encrypt_ns(4_000) == pytest.approx(well_ns, rel=0.1)


def test_a_lossy_hsm_answers_no_large_command_and_the_others_do_its_work() -> None:
    with ward() as (arena, key_id):
        world, hsm = arena.world, f"{AZS[0]}/hsm-1"
        fault = begin(arena, f"gray-hsm {hsm} with kind=lossy bytes=1000")
        serial = world.ask(hsm, Introduce()).serial
        with pytest.raises(Expired):
            world.ask(hsm, Rewrap(tokens=(bytes(1_000),)), timeout_ns=seconds(9))
        for size in (4_000, 100) * 5:
            parameters = {"KeyId": key_id, "Plaintext": bytes(size)}
            arena.api(REGION, "Encrypt", parameters, to=f"{AZS[0]}/az")
        fault.heal()
        fault = begin(arena, f"gray-hsm {REGION} with kind=lossy share=5%")
        assert set(knock(arena, key_id, times=60, every_ns=ms(50))) == {"ok"}
        fault.heal()
        world.run_for(minutes(1))
        assert_well(arena, key_id)
        assert world.ask(hsm, Introduce()).serial == serial  # It was never down.
