"""Uses of keys become known to every AZ of the region, and a quiet region says nothing of them."""

from typing import Any

from regional import AZS, REGION, booted, create_key, encrypt

from regions.messages import DescribeReplica
from regions.usage import GATHER_NS
from scenarios.arena import Arena
from sim.units import hours


def told(arena: Arena, key_id: str) -> list[str]:
    """Return what each AZ says, by asking as often as there are AZs."""
    answers: list[dict[str, Any]] = [
        arena.api(REGION, "GetKeyLastUsage", {"KeyId": key_id})["KeyLastUsage"] for _ in AZS
    ]
    return [answer.get("Operation", "") for answer in answers]


def test_a_use_is_told_by_the_az_that_served_it_and_later_by_all() -> None:
    with booted() as arena:
        key_id = create_key(arena)
        encrypt(arena, key_id)
        assert sorted(told(arena, key_id)) == ["", "", "Encrypt"]
        arena.world.run_for(2 * GATHER_NS)
        assert told(arena, key_id) == ["Encrypt"] * 3


def test_notes_are_told_once_and_only_while_keys_are_used() -> None:
    with booted() as arena:
        key_id = create_key(arena)
        for _ in range(30):
            encrypt(arena, key_id)
        arena.world.run_for(2 * GATHER_NS)
        node = arena.world.ask(f"{AZS[0]}/az", DescribeReplica())
        arena.world.run_for(hours(5))
        assert arena.world.ask(f"{AZS[0]}/az", DescribeReplica()).applied == node.applied


def test_what_could_not_be_agreed_on_is_told_with_what_comes_next() -> None:
    with booted() as arena:
        first, second = create_key(arena), create_key(arena)
        encrypt(arena, first)
        for az in AZS:
            arena.world.power_off(f"{az}/node")
        arena.world.run_for(2 * GATHER_NS)
        for az in AZS:
            arena.world.power_on(f"{az}/node")
        arena.world.run_for(GATHER_NS)
        assert sorted(told(arena, first)) == ["", "", "Encrypt"]
        for _ in AZS:
            encrypt(arena, second)
        arena.world.run_for(2 * GATHER_NS)
        assert told(arena, first) == ["Encrypt"] * 3
