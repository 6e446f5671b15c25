"""A region's keys lie in one layer and are managed by another: HSMs, and hosts that decide."""

from dataclasses import replace

import pytest
from regional import AZS, CODEC, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.az import Az
from regions.errors import AccessDeniedException, KeyUnavailableException
from regions.hsm.hsm import Hsm
from regions.hsm.vault import COMMANDS
from scenarios.arena import Arena
from sim.actor import Expired
from sim.units import minutes

USES = {"GenerateKey", "HsmEncrypt", "HsmDecrypt", "HsmSign"}


def commands(arena: Arena) -> set[tuple[str, type | None, type | None]]:
    """Gather what is commanded from now on: (command, class of who asks, class of whom)."""
    cells, found = arena.world.kernel.cells, set()
    names = {command.__name__ for command in COMMANDS}

    def tap(source: str, target: str, frame: bytes) -> None:
        if CODEC.name(frame) in names:
            found.add((CODEC.name(frame), cells[source].cls, cells[target].cls))

    arena.world.tap_frames(tap)
    return found


def test_kmi_04_keys_are_made_and_used_in_hsms() -> None:
    """KMI-04: in a region as it is built unless told otherwise, every command goes to an HSM."""
    with booted() as arena:
        found = commands(arena)
        assert decrypt(arena, encrypt(arena, create_key(arena))) == SECRET
        pair = create_key(arena, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        signing = {"KeyId": pair, "Message": SECRET, "SigningAlgorithm": "ECDSA_SHA_256"}
        arena.api(REGION, "Sign", signing)
        assert {name for name, _, _ in found} >= USES
        assert {(asks, asked) for _, asks, asked in found} == {(Az, Hsm)}


def test_kmi_01_one_layer_decides_and_another_keeps_the_keys() -> None:
    """KMI-01: hosts refuse without any HSM, hosts can do nothing that needs a key without one,
    and HSMs without hosts serve nobody."""
    with booted() as arena:
        world, key_id = arena.world, create_key(arena)
        blob = encrypt(arena, key_id)
        nobody = replace(arena.administrator(), policies=())
        found = commands(arena)
        with pytest.raises(AccessDeniedException):
            encrypt(arena, key_id, principal=nobody)
        assert found == set()
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        with pytest.raises(AccessDeniedException):
            encrypt(arena, key_id, principal=nobody)
        with pytest.raises(KeyUnavailableException):
            decrypt(arena, blob)
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        for place in AZS:
            arena.world.crash(f"{place}/az")
        arena.world.run_for(minutes(1))
        with pytest.raises(Expired):
            decrypt(arena, blob)
