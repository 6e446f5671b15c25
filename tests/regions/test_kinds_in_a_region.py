"""Keys of every kind in a whole simulated region: custody, power cuts, and equal traces."""

from typing import Any

from regional import AZS, REGION, booted, create_key

from regions.errors import ThrottlingException
from regions.kms.key_specs import KEY_SPECS
from scenarios.arena import Arena
from sim.units import seconds

SPECS = ("RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_DSA_44")
NEVER_ON_WIRES = ("backing-key", "domain-key")
NEVER_ON_DISKS = (*NEVER_ON_WIRES, "data-key")


def use_all(arena: Arena) -> dict[str, str]:
    """Make keys of many kinds and do with each what it is for; return their ids."""
    keys: dict[str, str] = {}
    for spec in SPECS:
        key_id = keys[spec] = create_key(arena, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        verify(arena, key_id, sign(arena, key_id, spec), spec)
    keys["HMAC_256"] = create_key(arena, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    mac = {"KeyId": keys["HMAC_256"], "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    made = arena.api(REGION, "GenerateMac", mac)["Mac"]
    arena.api(REGION, "VerifyMac", {**mac, "Mac": made})
    kem = {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
    keys["ML_KEM_768"] = create_key(arena, **kem)
    ml_kem = {"KeyId": keys["ML_KEM_768"], "EncapsulationAlgorithm": "ML_KEM"}
    told = arena.api(REGION, "Encapsulate", ml_kem)
    blob = told["SharedSecretCiphertextBlob"]
    opened = arena.api(REGION, "Decapsulate", {**ml_kem, "SharedSecretCiphertextBlob": blob})
    assert opened["SharedSecret"] == told["SharedSecret"]
    keys["SYMMETRIC_DEFAULT"] = create_key(arena)
    pair = {"KeyId": keys["SYMMETRIC_DEFAULT"], "KeyPairSpec": "RSA_2048"}
    arena.api(REGION, "GenerateDataKeyPair", pair)
    return keys


def signing(key_id: str, spec: str) -> dict[str, Any]:
    algorithm = KEY_SPECS[spec].algorithms["SIGN_VERIFY"][0]
    return {"KeyId": key_id, "SigningAlgorithm": algorithm, "Message": b"message"}


def sign(arena: Arena, key_id: str, spec: str) -> bytes:
    signature: bytes = arena.api(REGION, "Sign", signing(key_id, spec))["Signature"]
    return signature


def verify(arena: Arena, key_id: str, signature: bytes, spec: str) -> None:
    arena.api(REGION, "Verify", {**signing(key_id, spec), "Signature": signature})


def test_equal_seeds_give_equal_traces_whatever_the_library_draws_itself() -> None:
    hashes = []
    for seed in (7, 7, 8):
        with booted(seed=seed) as arena:
            use_all(arena)
            hashes.append(arena.world.trace.hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_kms_02_no_frame_and_no_disk_shows_a_key_of_any_kind() -> None:
    """KMS-02, KMS-16, CMK-07: material of every kind is made and used in HSMs alone."""
    with booted(seed=9) as arena:
        world, seen = arena.world, []
        find = world.kernel.secrets.find
        world.tap_frames(lambda _source, _target, data: seen.append(find(data, NEVER_ON_WIRES)))
        world.tap_blocks(lambda *block: seen.append(find(block[-1], NEVER_ON_DISKS)))
        use_all(arena)
        world.run_for(seconds(5))
        assert len(seen) > 200
        assert set(seen) == {None}


def test_signatures_hold_after_every_hsm_of_the_region_has_lost_its_power() -> None:
    with booted(seed=10) as arena:
        key_id = create_key(arena, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        signature = sign(arena, key_id, "ECC_NIST_P256")
        for az in AZS:
            arena.world.power_off(az)
            arena.world.power_on(az)
            arena.world.run_for(seconds(20))
        verify(arena, key_id, signature, "ECC_NIST_P256")
        assert sign(arena, key_id, "ECC_NIST_P256") == signature


def test_each_family_of_keys_has_a_quota_of_its_own() -> None:
    # Of 1,000 calls a second: two; of 100,000: two hundred.
    with booted(seed=11, quotas=True, quota_share=0.002) as arena:
        ecc = create_key(arena, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        ml_dsa = create_key(arena, KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
        answers = [answer(arena, ecc, "ECC_NIST_P256") for _ in range(3)]
        assert answers == ["", "", ThrottlingException.code]
        assert answer(arena, ml_dsa, "ML_DSA_44") == ""


def answer(arena: Arena, key_id: str, spec: str) -> str:
    try:
        sign(arena, key_id, spec)
    except ThrottlingException as error:
        return error.code
    return ""
