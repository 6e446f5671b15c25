"""The reserve of room on a full drive: given away once, taken back when there is plenty."""

from pathlib import Path

import pytest

from sim import space
from sim.space import Space

MIB = 1024 * 1024


class Drive:
    """A drive whose free and total bytes the test decides; time passes at each look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.total = 100 * MIB, 200 * MIB
        self._now_ns = 0
        monkeypatch.setattr(space, "room", lambda _: (self.free, self.total))
        monkeypatch.setattr(space.time, "monotonic_ns", self._later)

    def _later(self) -> int:
        self._now_ns += space.LOOK_NS
        return self._now_ns


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Drive:
    return Drive(monkeypatch)


def test_the_reserve_is_given_away_once_and_taken_back_when_there_is_plenty(
    drive: Drive, tmp_path: Path
) -> None:
    path = tmp_path / "reserve"
    with Space(path, 8 * MIB) as reserve:
        assert (path.stat().st_size, reserve.short) == (8 * MIB, False)
        drive.free = 0
        assert [reserve.make_room(), reserve.make_room()] == [True, False]
        drive.free = 16 * MIB - 1
        assert (path.stat().st_size, reserve.short) == (0, True)
        drive.free = 16 * MIB
        assert (reserve.short, path.stat().st_size) == (False, 8 * MIB)


def test_a_small_drive_gives_an_eighth(drive: Drive, tmp_path: Path) -> None:
    drive.total = 40 * MIB
    with Space(tmp_path / "reserve", 8 * MIB) as reserve:
        assert ((tmp_path / "reserve").stat().st_size, reserve.short) == (5 * MIB, False)


def test_a_start_on_a_full_drive_is_short_unless_the_reserve_is_still_there(
    drive: Drive, tmp_path: Path
) -> None:
    path = tmp_path / "reserve"
    Space(path, 8 * MIB).close()
    drive.free = 0
    with Space(path, 8 * MIB) as reserve:
        assert not reserve.short
        reserve.make_room()
    with Space(path, 8 * MIB) as reserve:
        assert reserve.short


def test_a_drive_that_fills_up_meanwhile_leaves_the_reserve_as_it_was(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    drive.free = drive.total
    monkeypatch.setattr(space.os, "posix_fallocate", full)
    with Space(tmp_path / "reserve", 8 * MIB) as reserve:
        assert (reserve.short, (tmp_path / "reserve").stat().st_size) == (True, 0)
