"""Disks on which flushes take long: all of them, a few, or those of many bytes."""

import pytest

from sim import Actor, SimWorld, ms, seconds
from sim.disk import FLUSH_NS
from sim.faults import FAULTS
from sim.plan import FaultLine, PlanError


def flush_times(fault: str, flushes: int, *, size: int = 1, **options: str) -> list[int]:
    """Return how long each flush takes, one at a time."""
    taken: list[int] = []
    with SimWorld(seed=4) as world:
        world.start(Actor, None, name="zone/actor")
        FAULTS[fault]("zone", **options).inject(world)
        disk = world.disk("zone/actor")
        for _ in range(flushes):
            begin = world.now_ns
            disk.append("f", bytes(size))
            disk.flush(lambda begin=begin: taken.append(world.now_ns - begin))
            world.run_for(seconds(5))
    return taken


def test_a_slow_disk_takes_so_many_times_as_long() -> None:
    assert flush_times("disk-slow", 2, factor="8") == [8 * FLUSH_NS] * 2


def test_a_gray_disk_is_slow_in_a_share_of_its_flushes() -> None:
    taken = flush_times("disk-gray", 200, share="10%", wait="300ms")
    slow = [ns for ns in taken if ns > FLUSH_NS]
    assert set(slow) == {FLUSH_NS + ms(300)}
    assert 10 <= len(slow) <= 30


def test_a_gray_disk_may_be_slow_for_large_flushes_only() -> None:
    options = {"share": "0%", "wait": "1s", "large": "1000"}
    assert flush_times("disk-gray", 1, size=999, **options) == [FLUSH_NS]
    assert flush_times("disk-gray", 1, size=1_000, **options) == [FLUSH_NS + seconds(1)]


def test_healing_gives_the_old_speed_back_and_leaves_other_faults_alone() -> None:
    with SimWorld() as world:
        world.start(Actor, None, name="zone/actor")
        slow, slower = (FAULTS["disk-slow"]("zone", factor=f) for f in ("2", "10"))
        slow.inject(world)
        slower.inject(world)
        slow.heal(world)
        taken: list[int] = []
        world.disk("zone/actor").flush(lambda: taken.append(world.now_ns))
        world.run_for(seconds(1))
        slower.heal(world)
        assert (taken, world.disk("zone/actor").faults) == ([10 * FLUSH_NS], [])


def test_a_negative_amount_is_refused_with_its_name() -> None:
    text = r"option wait of disk-gray: '-1s' is negative"
    with pytest.raises(PlanError, match=text):
        FaultLine.parse("at 1s disk-gray zone for 1s with wait=-1s")
