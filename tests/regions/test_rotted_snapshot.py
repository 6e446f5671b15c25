"""A snapshot rots on the very node that others would copy from: nobody waits for its next scrub.

Goal: a node with an empty disk catches up within seconds, and the rotted snapshot is saved anew
from what the AZ has in memory, though no other node has one that fits.
"""

from regional import AZS, REGION, booted

from regions.az import SNAPSHOT_EVERY
from regions.replication.messages import Restore
from regions.replication.node import Node
from regions.replication.storage import SNAPSHOT_PREFIX
from scenarios.arena import Arena
from sim.units import minutes, seconds

ONE, TWO, FOUR = AZS


def node(arena: Arena, place: str) -> Node:
    found = arena.world.kernel.cells[f"{place}/node"].actor
    assert isinstance(found, Node)
    return found


def rot_snapshots(arena: Arena, place: str) -> int:
    disk = arena.world.disk(f"{place}/node")
    files = [name for name in disk.files() if name.startswith(SNAPSHOT_PREFIX)]
    for name in files:
        disk.rot(name, disk.size(name) - 1)
    return len(files)


def test_who_copies_from_a_node_with_a_rotted_snapshot_gets_a_new_one() -> None:
    with booted() as arena:
        world = arena.world
        for _ in range(2 * SNAPSHOT_EVERY + 9):
            arena.api(REGION, "CreateKey", {})
        world.run_for(seconds(10))
        before = [node(arena, place).statistics()["delivered"] for place in AZS]
        # So that no other snapshot can help: every node lost its own.
        assert [rot_snapshots(arena, place) for place in AZS] == [2, 2, 2]
        for name in (f"{FOUR}/node", f"{FOUR}/az"):
            world.hold_down(name, arena)
        world.disk(f"{FOUR}/node").wipe()
        for name in (f"{FOUR}/node", f"{FOUR}/az"):
            world.let_up(name, arena)
        world.run_for(minutes(1))
        assert [node(arena, place).statistics()["delivered"] for place in AZS] == before
        states = [arena.replica(f"{place}/az") for place in AZS]
        assert [state.serving for state in states if state is not None] == [True] * 3


def test_a_snapshot_that_is_no_state_ends_the_process_and_says_why() -> None:
    """As bytes do that a checksum has passed and a bug has written: a restart reads them again."""
    with booted() as arena:
        world, notes = arena.world, list[bytes]()
        for kind in ("abort", "crash"):
            world.trace.watch(kind, lambda event: notes.append(event.body))
        group = node(arena, TWO)._raft.group.encode()
        node(arena, TWO).send(f"{TWO}/az", Restore(index=10**6, data=b"\xc1", group=group))
        world.run_for(minutes(1))
        said = b"the snapshot up to entry 1000000 cannot be read: frame of 1 bytes does not decode"
        assert [note for note in notes if said in note]
        found = arena.replica(f"{TWO}/az")
        assert found is not None
        assert found.serving
