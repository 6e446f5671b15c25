"""No single clock decides what is final: purges and rotations follow what a majority says."""

from collections.abc import Iterator

import pytest
from regional import AZS, REGION, booted, create_key

from regions.agreed_time import AgreedTime, median
from regions.az import Az
from regions.errors import KMSInternalException, NotFoundException
from scenarios.arena import Arena
from sim.units import days, hours, minutes, seconds

STEP_NS = days(40)


def leading(arena: Arena) -> str:
    """Return the AZ whose host does the region's long work."""
    hosts = {place: arena.world.kernel.cells[f"{place}/az"].actor for place in AZS}
    (found,) = [place for place, host in hosts.items() if isinstance(host, Az) and host.leads]
    return found


def shift(arena: Arena, place: str, by_ns: int) -> None:
    for name in arena.world.names(place):
        arena.world.shift_clock(name, by_ns)


def state_of(arena: Arena, key_id: str) -> str:
    described = arena.api(REGION, "DescribeKey", {"KeyId": key_id})
    state: str = described["KeyMetadata"]["KeyState"]
    return state


@pytest.fixture
def arena() -> Iterator[Arena]:
    with booted() as made:
        yield made


def condemn(arena: Arena, window: int, *, to: str = "") -> str:
    key_id = create_key(arena)
    parameters = {"KeyId": key_id, "PendingWindowInDays": window}
    arena.api(REGION, "ScheduleKeyDeletion", parameters, to=to)
    arena.world.run_for(seconds(5))
    return key_id


@pytest.mark.parametrize(
    ("calendars", "members", "agreed"),
    [
        ([7], 1, 7),
        ([7], 3, None),
        ([7, 9], 3, 7),
        ([9, 7, 8], 3, 8),
        ([100, 8, 7], 3, 8),
        ([0, 8, 7], 3, 7),
        ([1, 2], 4, None),
        ([1, 2, 3, 1_000], 4, 2),
    ],
)
def test_the_median_of_a_majority_is_what_counts(
    calendars: list[int], members: int, agreed: int | None
) -> None:
    assert median(calendars, members) == agreed


def test_a_leader_whose_clock_is_forty_days_ahead_purges_nothing_early(arena: Arena) -> None:
    key_id = condemn(arena, 30)
    shift(arena, leading(arena), STEP_NS)
    arena.world.run_for(days(8))
    assert state_of(arena, key_id) == "PendingDeletion"


def test_a_leader_that_believes_its_own_clock_purges_early(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Goal: the test above can fail. Method: the bug is planted, the host asks nobody.
    async def nobody(_: AgreedTime) -> list[int]:
        return []

    monkeypatch.setattr(AgreedTime, "_ask", nobody)
    monkeypatch.setattr("regions.agreed_time.median", lambda calendars, _: calendars[0])
    key_id = condemn(arena, 30)
    shift(arena, leading(arena), STEP_NS)
    arena.world.run_for(days(8))
    with pytest.raises(NotFoundException):
        state_of(arena, key_id)


@pytest.mark.parametrize("by_ns", [STEP_NS, -STEP_NS])
@pytest.mark.parametrize("who", range(3))
def test_a_key_is_purged_on_its_day_whichever_clock_lies(
    arena: Arena, by_ns: int, who: int
) -> None:
    key_id = condemn(arena, 7)
    shift(arena, AZS[who], by_ns)
    arena.world.run_for(days(7) - minutes(5))
    assert state_of(arena, key_id) == "PendingDeletion"
    arena.world.run_for(hours(26))
    with pytest.raises(NotFoundException):
        state_of(arena, key_id)


@pytest.mark.parametrize("by_ns", [STEP_NS, -STEP_NS])
def test_domain_keys_rotate_once_a_day_whatever_the_leader_s_clock_says(
    arena: Arena, by_ns: int
) -> None:
    def active_key() -> int:
        state = arena.replica(f"{AZS[0]}/az")
        assert state is not None
        return state.active_key

    arena.world.run_for(hours(1))
    shift(arena, leading(arena), by_ns)
    arena.world.run_for(days(5))
    assert active_key() == 6
    shift(arena, leading(arena), -by_ns)
    arena.world.run_for(days(5))
    assert active_key() == 11


def test_a_deletion_date_is_not_set_by_the_clock_of_the_az_that_was_asked(arena: Arena) -> None:
    # An AZ forty days behind would otherwise name a day that has long passed.
    shift(arena, AZS[1], -STEP_NS)
    key_id = condemn(arena, 7, to=f"{AZS[1]}/az")
    arena.world.run_for(days(6))
    assert state_of(arena, key_id) == "PendingDeletion"


def test_without_a_majority_of_clocks_nothing_irreversible_begins(arena: Arena) -> None:
    key_id = create_key(arena)
    for place in AZS[1:]:
        arena.world.crash(f"{place}/recorder")
    text = "^KMSInternalException: the call could not be made durable: Expired$"
    with pytest.raises(KMSInternalException, match=text):
        arena.api(REGION, "ScheduleKeyDeletion", {"KeyId": key_id}, to=f"{AZS[0]}/az")
    for place in AZS[1:]:
        arena.world.restart(f"{place}/recorder")
    arena.world.run_for(seconds(5))
    assert state_of(arena, key_id) == "Enabled"
