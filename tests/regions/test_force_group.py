"""A majority of a region's disks is lost: the last copy is copied on, and people force a group.

Goal: no copy waits for a leader that cannot be; a group is forced only where nothing else helps;
afterwards the region has every key again in each AZ, and survives what it survived before.
"""

import re
from typing import Any

import pytest
from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from regions.az import SNAPSHOT_EVERY
from regions.errors import KMSInternalException
from regions.faults import FAULTS
from regions.replication.node import Node
from scenarios.arena import Arena
from sim.plan import FaultLine
from sim.trace import Event
from sim.units import minutes, seconds

ONE, TWO, FOUR = AZS


def act(arena: Arena, line: str) -> Any:
    """Let a fault begin now; return it, so that it can end."""
    parsed = FaultLine.parse(line, FAULTS)
    fault = FAULTS[parsed.fault](parsed.target, **dict(parsed.options))
    arena.world.at(arena.world.now_ns, fault.inject, arena.world)
    arena.world.run_for(seconds(1))
    return fault


def lose_disks(arena: Arena, *places: str) -> None:
    """Destroy the nodes of some AZs, and give them new machines with empty disks."""
    lost = [
        act(arena, f"{fault} {place}/{name}")
        for place in places
        for fault, name in (("site-loss", "node"), ("crash", "az"))
    ]
    for fault in lost:
        arena.world.at(arena.world.now_ns, fault.heal, arena.world)
    arena.world.run_for(minutes(1))


def delivered(arena: Arena) -> list[int]:
    found = []
    for place in AZS:
        node = arena.world.kernel.cells[f"{place}/node"].actor
        assert isinstance(node, Node)
        found.append(node.statistics()["delivered"])
    return found


def noted(arena: Arena, kind: str) -> list[str]:
    found: list[str] = []

    def seen(event: Event) -> None:
        found.append(f"{event.subject} {event.body.decode()}")

    arena.world.trace.watch(kind, seen)
    return found


def roles(arena: Arena) -> list[str]:
    found = []
    for place in AZS:
        node = arena.world.kernel.cells[f"{place}/node"].actor
        assert isinstance(node, Node)
        found.append(node.statistics()["role"])
    return sorted(found)


def test_empty_disks_are_filled_from_the_last_copy_though_nobody_can_lead() -> None:
    """KMS-11: the loss of the last original afterwards is no loss of the key."""
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        before = delivered(arena)
        lose_disks(arena, ONE, TWO)
        assert delivered(arena) == before
        with pytest.raises(KMSInternalException):
            create_key(arena)
        act(arena, f"site-loss {FOUR}/node")
        act(arena, f"crash {FOUR}/az")
        act(arena, f"force-group {REGION} with without={FOUR.partition('/')[2]}")
        arena.world.run_for(minutes(1))
        assert decrypt(arena, blob) == SECRET


def test_a_long_log_is_copied_without_a_leader_by_its_snapshot() -> None:
    with booted() as arena:
        made = [arena.api(REGION, "CreateKey", {}) for _ in range(2 * SNAPSHOT_EVERY + 9)]
        keys = [answer["KeyMetadata"]["KeyId"] for answer in made]
        arena.world.run_for(seconds(10))
        before = delivered(arena)
        lose_disks(arena, ONE, TWO)
        assert delivered(arena) == before
        act(arena, f"force-group {REGION}")
        arena.world.run_for(minutes(1))
        assert [decrypt(arena, encrypt(arena, key)) for key in keys] == [SECRET] * len(keys)


def test_a_forced_group_takes_everybody_in_again_and_is_as_strong_as_before() -> None:
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        lose_disks(arena, ONE, TWO)
        said = noted(arena, "forced")
        act(arena, f"force-group {REGION}")
        arena.world.run_for(minutes(1))
        assert len(said) == 2
        assert roles(arena) == ["follower", "follower", "leader"]
        act(arena, f"site-loss {FOUR}")
        arena.world.run_for(minutes(1))
        assert [decrypt(arena, blob, to=f"{place}/az") for place in (ONE, TWO)] == [SECRET] * 2
        assert decrypt(arena, encrypt(arena, create_key(arena))) == SECRET


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ((), r"leads"),
        ((ONE,), r"leads"),
    ],
)
def test_a_group_that_can_help_itself_is_left_alone(lost: tuple[str, ...], why: str) -> None:
    with booted() as arena:
        create_key(arena)
        lose_disks(arena, *lost)
        said = noted(arena, "not-forced")
        act(arena, f"force-group {REGION}")
        assert [text.endswith(why + "'") or why in text for text in said] == [True]
        assert roles(arena) == ["follower", "follower", "leader"]


def test_nobody_is_forced_while_a_silent_node_may_remember_more() -> None:
    with booted() as arena:
        blob = encrypt(arena, create_key(arena))
        dark = act(arena, f"power-off {FOUR}")
        lose_disks(arena, ONE)
        said = noted(arena, "forced")
        act(arena, f"force-group {REGION}")
        arena.world.run_for(minutes(5))
        assert said == []
        arena.world.at(arena.world.now_ns, dark.heal, arena.world)
        arena.world.run_for(minutes(2))
        assert said == []
        assert roles(arena) == ["follower", "follower", "leader"]
        assert decrypt(arena, blob) == SECRET


def test_who_comes_back_with_a_history_that_was_given_up_stops_for_good() -> None:
    with booted() as arena:
        old = encrypt(arena, create_key(arena))
        cut = act(arena, f"partition {FOUR}")
        create_key(arena)
        dark = [act(arena, f"power-off {place}") for place in (ONE, TWO)]
        arena.world.at(arena.world.now_ns, cut.heal, arena.world)
        act(arena, f"force-group {REGION} with without=use1-az1:use1-az2")
        arena.world.run_for(minutes(1))
        for fault in dark:
            arena.world.at(arena.world.now_ns, fault.heal, arena.world)
        arena.world.run_for(minutes(2))
        assert roles(arena) == ["leader", "retired", "retired"]
        for place in (ONE, TWO):
            act(arena, f"replace-az {place}")
            arena.world.run_for(minutes(1))
        assert decrypt(arena, old) == SECRET


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            "force-group us-east-1/use1-az1",
            (
                "fault line 'force-group us-east-1/use1-az1': fault force-group wants a region as"
                " its target, not 'us-east-1/use1-az1'"
            ),
        ),
        (
            "force-group us-east-1 with without=use1-az9",
            (
                "option without of force-group: 'use1-az9' is not one of use1-az1, use1-az2,"
                " use1-az3, use1-az4, use1-az5, use1-az6"
            ),
        ),
    ],
)
def test_a_line_that_names_no_place_is_refused(line: str, error: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(error)}$"), booted() as arena:
        act(arena, line)
