"""HSMs that wait for hours to get into their domain again cost little, and hear of news at once.

Goal: an AZ that is alone, or waits for the safe, tries ever more rarely; with a leader, or with the
safe open, its HSMs are in the domain within seconds.
"""

from regional import AZS, booted, create_key

from regions.hsm.commands import ModifyMembers
from regions.operator import CEREMONY_NS
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise, Sent
from sim.units import hours, seconds

ONE, TWO, FOUR = AZS


def asked(arena: Arena) -> list[Sent]:
    """Return the list of every request to have an HSM listed, from now on."""
    found: list[Sent] = []
    Promise.on_messages(arena, found.append, ModifyMembers)
    return found


def ready(arena: Arena, *places: str) -> list[int]:
    states = [arena.replica(f"{place}/az") for place in places]
    return [state.hsms_ready for state in states if state is not None]


def hold(arena: Arena, *places: str) -> None:
    for name in arena.world.names():
        if name.startswith(places):
            arena.world.hold_down(name, arena)


def let_go(arena: Arena, *places: str) -> None:
    for name in arena.world.names():
        if name.startswith(places):
            arena.world.let_up(name, arena)


def test_an_az_that_is_alone_tries_ever_more_rarely_and_joins_at_once_with_a_leader() -> None:
    with booted() as arena:
        create_key(arena)
        found = asked(arena)
        hold(arena, TWO, FOUR)
        hold(arena, f"{ONE}/hsm-1")
        let_go(arena, f"{ONE}/hsm-1")
        arena.world.run_for(hours(20))
        # A token that cannot be stored, some 20 times an hour at most.
        assert 0 < len(found) < 20 * 20
        assert ready(arena, ONE) == [1]
        let_go(arena, TWO)
        arena.world.run_for(seconds(10))
        assert ready(arena, ONE, TWO) == [2, 2]


def test_a_region_that_waits_for_the_safe_tries_ever_more_rarely_and_joins_when_it_opens() -> None:
    with booted() as arena:
        create_key(arena)
        found = asked(arena)
        hold(arena, *AZS)
        let_go(arena, *AZS)
        arena.world.run_for(CEREMONY_NS - seconds(1))
        # Six HSMs, of which each has five others to ask.
        assert 0 < len(found) < 6 * 5 * 2 * 40
        assert ready(arena, *AZS) == [0, 0, 0]
        arena.world.run_for(seconds(12))
        assert ready(arena, *AZS) == [2, 2, 2]
