"""Writes that land at the wrong place, and actors that read back what they wrote."""

from sim import Actor, SimWorld, ms, seconds
from sim.disk import DiskFault, SimDisk
from sim.faults import FAULTS


class Astray(DiskFault):
    """Sends one write to a place of the test's choice."""

    def __init__(self, file: str, sector: int) -> None:
        self._place: tuple[str, int] | None = (file, sector)

    def stray(self, disk: SimDisk) -> tuple[str, int] | None:  # noqa: ARG002
        place, self._place = self._place, None
        return place


def test_a_stray_write_covers_whole_sectors_elsewhere_and_leaves_its_own_place_as_it_was() -> None:
    with SimWorld() as world:
        disk = world.disk("host")
        disk.write("a", 0, b"a" * 600)
        disk.write("b", 0, b"b" * 1_300)
        disk.faults.append(Astray("b", 1))
        disk.append("a", b"new")
        assert disk.load("a") == b"a" * 600 + bytes(3)
        landed = (b"a" * 88 + b"new").ljust(512, b"\0")
        assert disk.load("b") == b"b" * 512 + landed + b"b" * 276


def test_a_stray_write_makes_no_file_longer_and_may_fall_into_its_own_file() -> None:
    with SimWorld() as world:
        disk = world.disk("host")
        disk.write("a", 0, b"a" * 100)
        disk.faults.append(Astray("a", 0))
        disk.write("a", 600, b"n" * 900)
        assert disk.size("a") == 1_500
        assert disk.load("a") == bytes(88) + b"n" * 900 + bytes(512)


def test_a_power_cut_takes_back_an_unflushed_stray_write_like_any_other() -> None:
    fates = set()
    for seed in range(40):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.write("a", 0, b"a")
            disk.write("b", 0, b"b" * 512)
            disk.flush()
            world.run_for(ms(1))
            disk.faults.append(Astray("b", 0))
            disk.append("a", b"n")
            disk.faults.clear()
            disk.power_cut()
            fates.add((disk.load("a"), disk.load("b")[:3]))
    assert fates == {
        (b"a", b"bbb"),
        (b"a\0", b"bbb"),
        (b"a", b"an\0"),
        (b"a\0", b"an\0"),
    }


def test_the_first_write_of_a_disk_has_nowhere_to_go_astray() -> None:
    with SimWorld() as world:
        world.start(Actor, None, name="zone/actor")
        FAULTS["disk-misdirected"]("zone", share="100%").inject(world)
        disk = world.disk("zone/actor")
        disk.append("a", b"hello")
        assert disk.load("a") == b"hello"


class Keeper(Actor):
    """Appends a numbered line a hundred times a second and notes what was saved."""

    def start(self) -> None:
        self._number = 0
        self._write()

    def _write(self) -> None:
        self._number += 1
        line = b"%08d" % self._number * 20
        self.disk.append("lines", line)
        self.disk.flush(lambda: self.note("saved", lines=self._number))
        self.disk.remove("spare")
        self.disk.append("spare.new", line)
        self.disk.replace("spare.new", "spare")
        self.after(ms(10), self._write)


def test_an_actor_whose_writes_go_astray_reads_them_back_and_writes_them_again() -> None:
    # Goal: whatever was said to be saved stands at its place until something else falls on it.
    # Method: nothing falls on it here, since all stray writes are sent into a file of their own.
    for seed in range(5):
        with SimWorld(seed=seed) as world:
            world.start(Keeper, None, name="zone/keeper")
            disk = world.disk("zone/keeper")
            disk.write("pit", 0, bytes(512))
            FAULTS["disk-misdirected"]("zone", share="30%").inject(world)
            fault = disk.faults[0]
            drawn = fault.stray
            fault.stray = lambda d: drawn(d) and ("pit", 0)  # type: ignore[method-assign] # noqa: B023
            world.run_for(seconds(2))
            lines = disk.load("lines")
            saved = len(lines) // 160 - 1
            assert saved > 150
            expected = b"".join(b"%08d" % number * 20 for number in range(1, saved + 1))
            assert lines[: len(expected)] == expected
