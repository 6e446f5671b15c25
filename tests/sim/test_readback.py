"""What was written is compared with what is read, unless something newer stands there."""

import pytest

from sim import SimDisk, SimWorld
from sim.readback import ReadBack, Written


@pytest.fixture
def disk() -> SimDisk:
    with SimWorld() as world:
        return world.disk("host")


def test_a_write_that_reads_otherwise_is_returned_once(disk: SimDisk) -> None:
    read_back = ReadBack()
    disk.append("f", b"as written")
    read_back.wrote("f", 0, b"as written")
    disk.append("f", b"elsewhere")
    read_back.wrote("f", 10, b"ELSEWHERE")
    wrong = Written(number=2, file="f", offset=10, data=b"ELSEWHERE")
    assert read_back.wrong(disk, read_back.newest) == [wrong]
    assert read_back.wrong(disk, read_back.newest) == []
    assert not read_back


def test_a_write_that_came_after_the_flush_waits_for_the_next(disk: SimDisk) -> None:
    read_back = ReadBack()
    upto = read_back.newest
    read_back.wrote("f", 0, b"later")
    assert read_back.wrong(disk, upto) == []
    assert [each.data for each in read_back.wrong(disk, upto + 1)] == [b"later"]


def test_what_was_overwritten_meanwhile_is_not_written_again(disk: SimDisk) -> None:
    read_back = ReadBack()
    read_back.wrote("f", 0, b"older")
    upto = read_back.newest
    read_back.wrote("f", 2, b"newer")
    assert read_back.wrong(disk, upto) == []


def test_files_are_followed_when_they_are_cut_renamed_and_removed(disk: SimDisk) -> None:
    read_back = ReadBack()
    for file in ("cut", "new", "old", "gone"):
        read_back.wrote(file, 0, b"0123456789")
    read_back.cut("cut", 4)
    read_back.renamed("new", "old")
    read_back.cut("gone")
    found = {each.file: each.data for each in read_back.wrong(disk, read_back.newest)}
    assert found == {"cut": b"0123", "old": b"0123456789"}
