"""Stored bytes that flip, and sectors that cannot be read any more."""

import pytest

from sim import Actor, SimDisk, SimWorld
from sim.disk import SECTOR_BYTES
from sim.faults import FAULTS

STORED = {"a": 5_000, "b": 300, "c": 1_024}


def decayed(fault: str, seed: int, **options: str) -> dict[str, bytes]:
    """Return what disks of ones hold after a fault, healed again."""
    with SimWorld(seed=seed) as world:
        world.start(Actor, None, name="zone/actor")
        disk = world.disk("zone/actor")
        for file, size in STORED.items():
            disk.write(file, 0, b"\xff" * size)
        found = FAULTS[fault]("zone", **options)
        found.inject(world)
        found.heal(world)
        return {file: disk.load(file) for file in disk.files()}


def flipped(content: dict[str, bytes]) -> int:
    return sum(8 - byte.bit_count() for data in content.values() for byte in data)


def test_so_many_bits_flip_as_the_plan_says_and_sizes_stay() -> None:
    for seed in range(10):
        found = decayed("disk-rot", seed, bits="5")
        assert {file: len(data) for file, data in found.items()} == STORED
        # Two may hit the same byte; the same bit twice is back.
        assert flipped(found) in (5, 3)


def test_a_share_of_sectors_rots_with_one_bit_each() -> None:
    found = decayed("disk-rot", 1, bits="0", share="100%")
    sectors = sum(-(-size // SECTOR_BYTES) for size in STORED.values())
    assert flipped(found) == sectors


def test_rot_is_drawn_from_the_seed_and_hits_any_file() -> None:
    assert decayed("disk-rot", 3) == decayed("disk-rot", 3)
    whole = {file: b"\xff" * size for file, size in STORED.items()}
    hit = {
        file
        for seed in range(20)
        for file, data in decayed("disk-rot", seed).items()
        if data != whole[file]
    }
    assert hit == set(STORED)


def test_two_faults_of_a_kind_at_one_place_hit_other_bits() -> None:
    with SimWorld(seed=1) as world:
        world.start(Actor, None, name="zone/actor")
        disk = world.disk("zone/actor")
        disk.write("a", 0, bytes(10_000))
        FAULTS["disk-rot"]("zone", bits="1").inject(world)
        world.run_for(1)
        FAULTS["disk-rot"]("zone", bits="1").inject(world)
        assert sum(byte.bit_count() for byte in disk.load("a")) == 2


def test_a_lost_sector_reads_as_zeros_until_it_is_written_again() -> None:
    with SimWorld() as world:
        disk: SimDisk = world.disk("host")
        disk.write("a", 0, b"\xff" * 1_200)
        disk.lose_sector("a", 1)
        disk.lose_sector("a", 2)
        assert disk.load("a") == b"\xff" * 512 + bytes(688)
        disk.write("a", 512, b"new")
        assert disk.load("a")[510:516] == b"\xff\xffnew\0"
        with pytest.raises(ValueError, match=r"^disk host: 'a' has no sector 3$"):
            disk.lose_sector("a", 3)


def test_so_many_sectors_are_lost_as_the_plan_says() -> None:
    lost = {
        sum(
            not any(data[at : at + 512])
            for data in found.values()
            for at in range(0, len(data), 512)
        )
        for found in (decayed("disk-latent", seed, sectors="3") for seed in range(10))
    }
    assert lost <= {1, 2, 3}
    assert max(lost) == 3
    everything = decayed("disk-latent", 1, sectors="0", share="100%")
    assert everything == {file: bytes(size) for file, size in STORED.items()}


def test_an_empty_disk_has_nothing_to_lose() -> None:
    with SimWorld() as world:
        world.start(Actor, None, name="zone/actor")
        for fault in ("disk-rot", "disk-latent"):
            FAULTS[fault]("zone", share="100%").inject(world)
        assert world.disk("zone/actor").files() == ()
