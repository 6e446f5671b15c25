"""A deleted key is gone: nobody finds it, and no disk of any AZ holds a token of its material.

Goal: "once every AZ has been up for one compaction" is soon, not some day. Method: every file of
every actor, and every block that was ever given back, is searched for the bytes of the tokens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from regional import AZS, REGION, booted, create_key, encrypt
from relatives_kit import imported

from regions.errors import AccessDeniedException, NotFoundException
from regions.kms.blob import parse
from regions.messages import DescribeReplica, ReplicaState
from scenarios.arena import Arena
from sim.disk import SimDisk
from sim.network import PASS, Partition, Verdict
from sim.rng import Stream
from sim.units import days, minutes, ms, seconds

#: Enough for what was begun to be on every disk.
SETTLED = minutes(2)


def disks(arena: Arena) -> Iterator[tuple[str, SimDisk]]:
    for name in arena.world.names():
        disk: Any = arena.world.disk(name)
        yield name, disk


@contextmanager
def examined(**options: Any) -> Iterator[Arena]:
    """Yield a world whose disks tell what stood in blocks that were given back."""
    with booted(**options) as arena:
        for _, disk in disks(arena):
            disk.freed = []
        yield arena


def found(arena: Arena, wanted: bytes) -> list[str]:
    """Return the places of the world's disks that hold these bytes."""
    places = []
    for name, disk in disks(arena):
        places += [f"{name}: {file}" for file in disk.files() if wanted in disk.peek(file)]
        places += [f"{name}: freed" for freed in disk.freed or () if wanted in freed]
    return sorted(set(places))


def material_of(blob: bytes) -> bytes:
    """Return the ids of the backing key that made a blob, and of its key.

    Every token has them in the clear, in this order; what else knows the material has one alone.
    """
    parts = parse(blob)
    return parts.hbk_id + parts.key_id.encode()


def delete(arena: Arena, key_id: str) -> None:
    arena.api(REGION, "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
    arena.world.run_for(days(7) + minutes(5))


def test_a_token_shows_the_id_of_its_material() -> None:
    # What is searched for below is in every token, so a scan that finds none proves something.
    with examined() as arena:
        blob = encrypt(arena, create_key(arena))
        wanted = material_of(blob)
        assert len({place.split(":")[0] for place in found(arena, wanted)}) == len(AZS)


@pytest.mark.parametrize("others", [0, 70], ids=["small-log", "after-a-snapshot"])
def test_no_disk_of_any_az_holds_a_token_of_a_deleted_key(others: int) -> None:
    with examined() as arena:
        key_id = create_key(arena)
        wanted = material_of(encrypt(arena, key_id))
        for _ in range(others):
            arena.api(REGION, "CreateKey", {})
        delete(arena, key_id)
        arena.world.run_for(SETTLED)
        assert found(arena, wanted) == []


@pytest.mark.parametrize("ends", ["deleted", "expired"])
def test_no_disk_of_any_az_holds_a_token_of_imported_material_that_is_gone(ends: str) -> None:
    with examined() as arena:
        key_id = create_key(arena, Origin="EXTERNAL")
        until = {}
        if ends == "expired":
            model = "KEY_MATERIAL_EXPIRES"
            until = {"ValidTo": arena.world.calendar_ns / 1e9 + 1e6, "ExpirationModel": model}
        imported(arena, key_id, bytes(32), REGION, **until)
        wanted = material_of(encrypt(arena, key_id))
        assert found(arena, wanted)
        if ends == "deleted":
            arena.api(REGION, "DeleteImportedKeyMaterial", {"KeyId": key_id})
        else:
            arena.world.run_for(days(12))
        arena.world.run_for(SETTLED)
        assert found(arena, wanted) == []


def test_a_deleted_key_is_not_found_for_ever() -> None:
    with examined() as arena:
        key_id = create_key(arena)
        blob = encrypt(arena, key_id)
        delete(arena, key_id)
        for _ in range(2):
            text = f"^NotFoundException: Key '.*{key_id}' does not exist$"
            with pytest.raises(NotFoundException, match=text):
                arena.api(REGION, "DescribeKey", {"KeyId": key_id})
            with pytest.raises(NotFoundException, match=text):
                encrypt(arena, key_id)
            with pytest.raises(AccessDeniedException):
                arena.api(REGION, "Decrypt", {"CiphertextBlob": blob})
            arena.world.run_for(days(365))


class SnapshotsLost(Partition):
    """Snapshots never reach the node, so its log still begins before the purge."""

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:
        return super().verdict(source, target, size, now_ns, rng) if size > 8_000 else PASS


@pytest.mark.parametrize("away", ["longer-than-the-logs", "shortly", "and-the-others-keep-theirs"])
def test_an_az_that_returns_erases_before_it_serves(away: str) -> None:
    # It is told by a snapshot or, where the others could not erase yet, by the entry itself.
    with examined() as arena:
        create_key(arena, Description="x" * 8_000)  # Only snapshots are as long.
        key_id = create_key(arena)
        wanted = material_of(encrypt(arena, key_id))
        if away == "and-the-others-keep-theirs":
            for az in AZS[:2]:
                cut = SnapshotsLost(one=f"{az}/az", other=f"{az}/node", both_ways=False)
                arena.world.add_rule(cut)
        lost = AZS[2]
        arena.api(REGION, "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
        arena.world.run_for(seconds(5))
        arena.world.power_off(lost)
        arena.world.run_for(days(7) + minutes(5))
        if away == "longer-than-the-logs":
            for _ in range(70):
                arena.api(REGION, "CreateKey", {})
        keep = AZS if away == "and-the-others-keep-theirs" else (lost,)
        assert {place.split("/node")[0] for place in found(arena, wanted)} == {*keep}
        disk: Any = arena.world.disk(f"{lost}/node")
        disk.flush_ns = seconds(1)  # All else is long done when it has erased.
        arena.world.power_on(lost)
        for _ in range(10_000):
            arena.world.run_for(ms(1))
            state: ReplicaState = arena.world.ask(f"{lost}/az", DescribeReplica())
            if state.serving:
                break
        assert state.serving
        assert [place for place in found(arena, wanted) if place.startswith(lost)] == []


def test_a_power_cut_in_the_middle_of_erasing_leaves_nothing_either() -> None:
    with examined(seed=3) as arena:
        key_id = create_key(arena)
        wanted = material_of(encrypt(arena, key_id))
        arena.api(REGION, "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": 7})
        arena.world.run_for(days(7) - seconds(10))
        victim = AZS[1]
        # The purge comes within these seconds; the power fails again and again.
        for _ in range(60):
            arena.world.run_for(seconds(1))
            arena.world.power_off(victim)
            arena.world.power_on(victim)
        arena.world.run_for(SETTLED)
        assert found(arena, wanted) == []
