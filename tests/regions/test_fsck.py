"""What a check of stored files says, to the byte, when bits flip, ends are cut and copies differ.

Method: files as actors write them, damaged at known places; and whole worlds, for which a check
must say nothing after a power cut and something after rot.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from regional import REGION, booted, create_key, encrypt

from regions import armour
from regions.findings import Finding
from regions.fsck import Report, check
from regions.replication.entries import Entries
from regions.replication.log import (
    FILE_HEAD_BYTES,
    HARD_COPIES,
    Hard,
    Snapshot,
    encode_frame,
    encode_hard,
    encode_log,
    encode_snapshot,
)
from regions.replication.messages import Entry
from regions.trail.journal import entry
from sim.faults import FAULTS
from sim.units import seconds

NODES = tuple(f"r/az{number}/node" for number in (1, 2, 3))
RECORDERS = tuple(f"r/az{number}/recorder" for number in (1, 2, 3))


class Files:
    """The files of one actor, in memory."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self.content))

    def load(self, file: str) -> bytes:
        return self.content[file]


World = dict[str, dict[str, bytes]]


def checked(world: World) -> Report:
    return check({actor: Files(files) for actor, files in world.items()})


def found(world: World) -> list[tuple[str, str, str, str, int]]:
    return [(f.actor, f.file, f.state, f.what, f.copies) for f in checked(world).findings]


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def log_of(indices: Iterable[int]) -> bytes:
    numbers = list(indices)
    log = Entries(numbers[0] - 1, 1)
    log.extend(Entry(index=n, term=1, data=b"change %d" % n) for n in numbers)
    return encode_log(log, numbers[-1])


def places(indices: Iterable[int]) -> dict[int, int]:
    """Return where the data of each entry begins."""
    found, at = {}, FILE_HEAD_BYTES
    for n in indices:
        frame = encode_frame(Entry(index=n, term=1, data=b"change %d" % n), 1, 0, at)
        found[n] = at + frame.index(b"change")
        at += len(frame)
    return found


def state() -> bytes:
    copy = encode_hard(Hard(term=1, vote="x", voter=True, proof=5, commit=5), 1)
    return copy.ljust(HARD_COPIES[1], b"\0") + copy


def nodes() -> World:
    return {node: {"log": log_of(range(1, 6)), "state": state()} for node in NODES}


def test_healthy_files_are_counted_and_nothing_is_said() -> None:
    world = nodes()
    size = sum(len(raw) for files in world.values() for raw in files.values())
    assert checked(world) == Report(actors=3, files=6, bytes_=size, findings=(), unchecked=())


def test_a_torn_end_is_harmless() -> None:
    world = nodes()
    frame = encode_frame(
        Entry(index=6, term=1, data=b"change 6"), 1, 5, len(world[NODES[0]]["log"])
    )
    world[NODES[0]]["log"] += frame[:-20]
    report = checked(world)
    assert report.findings == (
        Finding(actor=NODES[0], file="log", state="torn",
                what=f"{len(frame) - 20} bytes torn after entry 5"),
    )  # fmt: skip
    assert not report.damaged


@pytest.mark.parametrize("copies", [2, 1, 0])
def test_a_rotted_entry_says_how_many_others_hold_it(copies: int) -> None:
    world, at = nodes(), places(range(1, 6))[3]
    for node in NODES[: 3 - copies]:
        world[node]["log"] = flipped(world[node]["log"], at)
    state = "rotted" if copies else "lost"
    assert found(world) == [
        (node, "log", state, "entry 3 rotted", copies) for node in NODES[: 3 - copies]
    ]
    assert checked(world).damaged


def test_a_snapshot_of_others_is_a_copy_of_what_it_covers() -> None:
    world, at = nodes(), places(range(1, 6))[3]
    world[NODES[0]]["log"] = flipped(world[NODES[0]]["log"], at)
    for node in NODES[1:]:
        snapshot = encode_snapshot(Snapshot(index=4, term=1, data=b"state"))
        world[node] |= {"log": log_of([5]), f"snapshot-{4:020}": snapshot}
    assert found(world) == [(NODES[0], "log", "rotted", "entry 3 rotted", 2)]


def test_a_log_that_was_cut_is_missed_by_its_own_proof() -> None:
    world = nodes()
    world[NODES[0]]["log"] = world[NODES[0]]["log"][: places(range(1, 6))[3] - 44]
    assert found(world) == [(NODES[0], "log", "rotted", "entries 3–5 were durable and are gone", 2)]


def test_a_log_without_its_head_is_lost_where_no_other_is() -> None:
    world = nodes()
    damaged = bytes(200) + world[NODES[0]]["log"][200:]
    world[NODES[0]]["log"] = damaged
    what = "the head of the log rotted"
    assert found(world) == [(NODES[0], "log", "rotted", what, 2)]
    assert found({NODES[0]: world[NODES[0]]}) == [(NODES[0], "log", "lost", what, 0)]


def test_term_and_vote_have_two_copies_and_then_the_others() -> None:
    world = nodes()
    world[NODES[0]]["state"] = flipped(state(), 20)
    assert found(world) == [
        (NODES[0], "state", "rotted", "one copy of term and vote rotted; the other is good", 1)
    ]
    world[NODES[0]]["state"] = flipped(flipped(state(), 20), HARD_COPIES[1] + 20)
    what = "term and vote are lost: this node has no vote until it has caught up"
    # Without them nothing says how far the log was confirmed; all of it is there.
    assert found(world) == [(NODES[0], "state", "rotted", what, 2)]
    world[NODES[1]]["state"] = world[NODES[0]]["state"]
    assert found(world) == [(node, "state", "lost", what, 0) for node in NODES[:2]]


def test_a_damaged_snapshot_comes_again_from_its_log_or_from_others() -> None:
    world, name = nodes(), f"snapshot-{4:020}"
    snapshot = encode_snapshot(Snapshot(index=4, term=1, data=b"state"))
    world[NODES[0]][name] = flipped(snapshot, 35)
    assert found(world) == [(NODES[0], name, "rotted", "the snapshot is damaged", 3)]
    world = {NODES[0]: {"log": log_of([5]), "state": state(), name: flipped(snapshot, 35)}}
    assert (NODES[0], name, "lost", "the snapshot is damaged", 0) in found(world)


def segments() -> World:
    records = b"".join(entry(b"record %d" % number) for number in range(3))
    return {
        RECORDERS[0]: {"own::000001:00000007": records},
        RECORDERS[1]: {"held:r~az1~recorder:000001:00000007": records},
        RECORDERS[2]: {},
    }


def test_audit_records_that_rotted_here_may_lie_with_a_peer() -> None:
    world, file = segments(), "own::000001:00000007"
    raw = world[RECORDERS[0]][file]
    world[RECORDERS[0]][file] = flipped(raw, 20)
    what = f"{len(raw) // 3} bytes of audit records rotted"
    assert found(world) == [(RECORDERS[0], file, "rotted", what, 1)]
    world[RECORDERS[1]].clear()
    assert found(world) == [(RECORDERS[0], file, "lost", what, 0)]


def test_the_last_audit_record_is_torn_unless_a_peer_has_it() -> None:
    world, file = segments(), "own::000001:00000007"
    raw = world[RECORDERS[0]][file]
    world[RECORDERS[0]][file] = raw[:-4]
    left = len(raw) // 3 - 4
    assert found(world) == [
        (RECORDERS[0], file, "rotted", f"{left} bytes of audit records rotted", 1)
    ]
    world[RECORDERS[1]].clear()
    assert found(world) == [(RECORDERS[0], file, "torn", f"{left} bytes torn at the end", 0)]


@pytest.mark.parametrize("actor", ["r/bucket", "r/trail", "r/front", "safe/r/operator", "r/new"])
def test_blocks_mend_single_sectors_and_lose_neighbours(actor: str) -> None:
    first = armour.seal("f", 0, b"head")
    whole = first + armour.seal("f", len(first), b"x" * 3_000)
    one = flipped(whole, len(first) + 600)
    two = flipped(one, len(first) + 1_200)
    assert found({actor: {"f": whole}}) == []
    assert found({actor: {"f": one}}) == [
        (actor, "f", "rotted", "sectors that can be mended: 1", 1)
    ]
    assert found({actor: {"f": two}}) == [(actor, "f", "lost", "blocks that cannot be read: 1", 0)]
    torn = first + whole[len(first) : len(first) + 512] + bytes(512)
    assert found({actor: {"f": torn}}) == [(actor, "f", "torn", "the last block is torn", 0)]


def test_a_file_that_waits_for_its_name_is_read_under_it() -> None:
    assert found({"r/front": {"azs.new": armour.seal("azs", 0, b"1\na")}}) == []


def test_journals_and_formats_of_actors_that_are_not_known() -> None:
    journal = entry(b"one") + entry(b"two") + entry(b"three")
    world = {
        "r/new": {
            "journal": flipped(journal, 12) + b"\0\0",
            "else": b"whatever",
            "empty": b"",
        }
    }
    report = checked(world)
    assert [(f.file, f.state, f.what) for f in report.findings] == [
        ("journal", "lost", "11 bytes between records rotted"),
        ("journal", "torn", "2 bytes torn at the end"),
    ]
    assert report.unchecked == (("r/new", "else"),)


class Unreadable(Files):
    def load(self, file: str) -> bytes:  # noqa: ARG002
        raise OSError(5, "Input/output error")


def test_a_file_that_the_host_cannot_read_is_lost() -> None:
    report = check({"r/trail": Unreadable({"f": b""})})
    assert [(f.file, f.state, f.what) for f in report.findings] == [
        ("f", "lost", "it cannot be read: Input/output error")
    ]


def test_a_region_that_lost_power_is_clean_and_rot_in_one_zone_is_repairable() -> None:
    # Goal: no false alarm for what real actors leave, and no blindness for what rots.
    with booted() as arena:
        key = create_key(arena)
        for _ in range(20):
            encrypt(arena, key)
        arena.world.run_for(seconds(0.2))
        names = [n for n in arena.world.names() if arena.world.disk(n).files()]
        assert {n.rpartition("/")[2] for n in names} >= {"node", "recorder", "trail"}
        arena.world.power_off(REGION)
        disks = {name: arena.world.disk(name) for name in names}
        assert [f for f in check(disks).findings if f.state != "torn"] == []
        azs = sorted({n.rpartition("/")[0] for n in names if n.endswith("/node")})
        rot: Any = FAULTS["disk-rot"](azs[0], bits="12")
        rot.inject(arena.world)
        states = {(f.actor, f.state) for f in check(disks).findings}
        assert (f"{azs[0]}/node", "rotted") in states
        assert [f for f in states if f[1] == "lost"] == []
