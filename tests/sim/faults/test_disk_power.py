"""Drives that lose, tear, or lie about what was not saved when the power went."""

from sim import Actor, SimDisk, SimWorld, ms
from sim.disk import SECTOR_BYTES
from sim.faults import FAULTS
from sim.faults.fault import Fault


def ill(world: SimWorld, fault: str, **options: str) -> tuple[SimDisk, Fault]:
    """Return the disk of the one actor of a world, with a fault on it, and the fault."""
    world.start(Actor, None, name="zone/actor")
    found = FAULTS[fault]("zone", **options)
    return world.disk("zone/actor"), found


def test_a_lossy_drive_loses_every_unflushed_write_and_keeps_the_rest() -> None:
    for seed in range(20):
        with SimWorld(seed=seed) as world:
            disk, fault = ill(world, "disk-lossy")
            fault.inject(world)
            disk.append("a", b"saved")
            disk.flush()
            world.run_for(ms(1))
            disk.append("a", b" lost")
            disk.replace("a", "b")
            disk.append("c", b"lost")
            disk.power_cut()
            assert {file: disk.load(file) for file in disk.files()} == {"a": b"saved"}


def test_a_tearing_drive_keeps_a_prefix_of_whole_sectors_of_each_write() -> None:
    lengths = set()
    for seed in range(60):
        with SimWorld(seed=seed) as world:
            disk, fault = ill(world, "disk-torn")
            fault.inject(world)
            disk.append("a", b"x" * 1_500)
            disk.power_cut()
            lengths.add(disk.size("a"))
    assert lengths == {0, SECTOR_BYTES, 2 * SECTOR_BYTES}


def test_a_healed_drive_lets_the_dice_decide_again() -> None:
    lengths = set()
    for seed in range(60):
        with SimWorld(seed=seed) as world:
            disk, fault = ill(world, "disk-torn")
            fault.inject(world)
            fault.heal(world)
            disk.append("a", b"x" * 1_500)
            disk.power_cut()
            lengths.add(disk.size("a"))
    assert lengths == {0, SECTOR_BYTES, 2 * SECTOR_BYTES, 1_500}


def test_a_lying_flush_completes_at_once_and_saves_nothing() -> None:
    with SimWorld() as world:
        disk, fault = ill(world, "disk-lying")
        done: list[int] = []
        disk.append("a", b"honest")
        disk.flush()
        world.run_for(ms(1))
        fault.inject(world)
        disk.append("a", b" lie")
        disk.flush(lambda: done.append(world.now_ns))
        world.run_for(ms(1))
        assert (done, disk.load("a")) == ([ms(1)], b"honest lie")
        disk.power_cut()
        assert disk.load("a") == b"honest"


def test_what_a_flush_lied_about_is_lost_even_after_the_end_unless_an_honest_one_came() -> None:
    for honest, left in ((False, b""), (True, b"lie")):
        with SimWorld() as world:
            disk, fault = ill(world, "disk-lying")
            fault.inject(world)
            disk.append("a", b"lie")
            disk.flush()
            fault.heal(world)
            if honest:
                disk.flush()
            world.run_for(ms(1))
            disk.power_cut()
            assert disk.load("a") == left


def test_a_lying_flush_completes_after_the_honest_ones_before_it() -> None:
    with SimWorld() as world:
        disk, fault = ill(world, "disk-lying")
        done: list[str] = []
        disk.append("a", b"1")
        disk.flush(lambda: done.append("honest"))
        fault.inject(world)
        disk.append("a", b"2")
        disk.flush(lambda: done.append("lie"))
        world.run_for(ms(1))
        disk.power_cut()
        assert (done, disk.load("a")) == (["honest", "lie"], b"1")
