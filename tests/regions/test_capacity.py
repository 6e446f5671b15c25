"""What an AZ can take: its processor, its queue, and what an endpoint makes of a slow AZ."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from regional import AZS, REGION, booted, decrypt

from regions.calls import ApiAnswer, ApiCall
from regions.capacity import Capacity
from regions.errors import ServiceUnavailableException
from regions.region import Region
from scenarios.arena import Arena
from sim.units import ms, seconds
from sim.wire import Overloaded

AZ = f"{AZS[0]}/az"
FRONT = f"{REGION}/front"


class Burst:
    """Calls that begin at one instant, and when each was answered."""

    def __init__(self, arena: Arena, to: str, count: int, timeout_ns: int = seconds(60)) -> None:
        self.world, self.begin_ns = arena.world, arena.world.now_ns
        self.answers: list[tuple[int, Any]] = []
        for number in range(count):
            call = ApiCall(
                service="kms",
                region=REGION,
                action="GenerateRandom",
                parameters={"NumberOfBytes": 8},
                principal=arena.administrator(),
                source_ip="203.0.113.5",
                user_agent="burst",
                request_id=f"00000000-0000-4000-8000-{number:012}",
            )
            self.world.call(to, call, self._answered, timeout_ns=timeout_ns)

    def _answered(self, answer: Any) -> None:
        self.answers.append((self.world.now_ns - self.begin_ns, answer))

    def counts(self) -> Counter[str]:
        return Counter(type(answer).__name__ for _, answer in self.answers)

    def times_ns(self, kind: type = ApiAnswer) -> list[int]:
        return [time_ns for time_ns, answer in self.answers if isinstance(answer, kind)]


def test_an_az_serves_so_many_calls_a_second_one_after_the_other() -> None:
    with booted(capacity_per_az=10) as arena:
        burst = Burst(arena, AZ, 20)
        arena.world.run_for(seconds(10))
        times = burst.times_ns()
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert len(times) == 20
        assert ms(100) < times[0] < ms(110)
        assert all(ms(95) < gap < ms(105) for gap in gaps)


def test_a_queue_waits_behind_the_workers_as_well_as_before_them() -> None:
    # More calls than an AZ has workers: the rest waits for one, and none overtakes.
    with booted(capacity_per_az=50) as arena:
        burst = Burst(arena, AZ, 100)
        arena.world.run_for(seconds(10))
        assert burst.counts() == {"ApiAnswer": 100}
        assert seconds(2) < burst.times_ns()[-1] < seconds(2.1)


@pytest.mark.parametrize("limit", [5, 80])
def test_an_az_refuses_more_than_its_queue_holds(limit: int) -> None:
    with booted(capacity_per_az=10, queue_per_az=limit) as arena:
        burst = Burst(arena, AZ, limit + 20)
        arena.world.run_for(seconds(12))
        # One is at work, and so many wait.
        assert burst.counts() == {"ApiAnswer": limit + 1, "Overloaded": 19}
        assert max(burst.times_ns(Overloaded)) < ms(5)


def test_the_inbox_holds_what_the_waiting_workers_do_not() -> None:
    assert Capacity(queue_limit=80).inbox_limit(64) == 80
    assert Capacity(queue_limit=80, per_second=10).inbox_limit(64) == 17
    assert Capacity(queue_limit=5, per_second=10).inbox_limit(64) == 0


def test_an_az_without_admission_control_works_for_callers_who_have_gone() -> None:
    with booted(capacity_per_az=10) as arena:
        arena.world.run_for(seconds(1))
        burst = Burst(arena, AZ, 30, timeout_ns=seconds(1))
        arena.world.run_for(seconds(1))
        late = Burst(arena, AZ, 1)
        arena.world.run_for(seconds(5))
        assert burst.counts() == {"ApiAnswer": 9, "Expired": 21}
        assert seconds(2) < late.times_ns()[0] < seconds(2.2)  # Behind all that nobody wants.


def test_with_adaptive_admission_it_drops_them_unworked() -> None:
    with booted(capacity_per_az=10, admission="adaptive") as arena:
        burst = Burst(arena, AZ, 30, timeout_ns=seconds(1))
        arena.world.run_for(seconds(1))
        late = Burst(arena, AZ, 1)
        arena.world.run_for(seconds(5))
        assert burst.counts() == {"ApiAnswer": 9, "Expired": 21}
        assert late.times_ns()[0] < ms(250)


def test_adaptive_admission_without_a_capacity_drops_late_calls_all_the_same() -> None:
    with booted(admission="adaptive") as arena:
        world = arena.world
        burst = Burst(arena, AZ, 3, timeout_ns=seconds(1))
        world.pause(AZ)
        world.run_for(seconds(2))
        world.resume(AZ)
        busy_ns = world.kernel.cells[AZ].busy_ns
        world.run_for(seconds(2))
        assert burst.counts() == {"Expired": 3}
        assert world.kernel.cells[AZ].busy_ns == busy_ns


def test_an_az_that_lost_power_begins_with_an_empty_queue() -> None:
    with booted(capacity_per_az=10) as arena:
        world = arena.world
        Burst(arena, AZ, 50)
        world.run_for(seconds(1))
        world.crash(AZ)
        world.restart(AZ)
        world.run_for(seconds(2))
        after = Burst(arena, AZ, 1)
        world.run_for(seconds(2))
        assert after.times_ns()[0] < ms(150)


def health(arena: Arena) -> list[bool]:
    front = arena.world.kernel.cells[FRONT].actor
    assert isinstance(front, Region)
    return [az.healthy for az in front._azs]


def test_an_overloaded_az_is_slow_and_not_dead() -> None:
    # Probes are answered past the queue, so load alone takes no AZ out of rotation.
    with booted(capacity_per_az=5) as arena:
        Burst(arena, FRONT, 600)
        seen = set()
        for _ in range(20):
            arena.world.run_for(seconds(1))
            Burst(arena, FRONT, 1)
            seen.add(tuple(health(arena)))
        assert seen == {(True, True, True)}


def test_an_endpoint_with_no_az_left_still_gives_each_its_turn() -> None:
    with booted() as arena:
        world = arena.world
        for place in AZS:
            world.pause(f"{place}/az")
        for _ in range(4):
            Burst(arena, FRONT, 1, timeout_ns=seconds(1))
            world.run_for(seconds(1))
        assert health(arena) == [False, False, False]
        before = [len(world.kernel.cells[f"{place}/az"].held) for place in AZS]
        Burst(arena, FRONT, 6)
        world.run_for(ms(400))  # They waited for a probe that nobody answered.
        after = [len(world.kernel.cells[f"{place}/az"].held) for place in AZS]
        # Two calls each; the probes come on top, alike for all.
        grown = {now - then for now, then in zip(after, before, strict=True)}
        assert len(grown) == 1
        assert grown <= {3, 4}


def test_a_queue_limit_refuses_at_the_endpoint_what_would_only_wait() -> None:
    with booted(capacity_per_az=10, admission="queue-limit", admission_limit=2) as arena:
        burst = Burst(arena, FRONT, 10)
        arena.world.run_for(seconds(2))
        assert burst.counts() == {"ApiAnswer": 6, "ServiceUnavailableException": 4}
        [text] = {str(a) for _, a in burst.answers if isinstance(a, ServiceUnavailableException)}
        assert text == (
            "ServiceUnavailableException: "
            "The request has failed due to a temporary failure of the server."
        )


def test_an_endpoint_with_admission_control_passes_answers_and_errors_on() -> None:
    with booted(admission="adaptive") as arena:
        made = arena.api(REGION, "CreateKey", {})
        key_id = made["KeyMetadata"]["KeyId"]
        arena.world.run_for(seconds(1))
        sealed = arena.api(REGION, "Encrypt", {"KeyId": key_id, "Plaintext": b"pin"})
        assert decrypt(arena, sealed["CiphertextBlob"]) == b"pin"
        outcomes = [call.outcome for call in arena.history]
        assert outcomes == ["ok", "ok", "ok"]


def test_calls_to_a_dark_az_leave_its_lane_when_their_callers_give_up() -> None:
    with booted(capacity_per_az=10, admission="queue-limit", admission_limit=2) as arena:
        world = arena.world
        world.crash(AZ)
        Burst(arena, FRONT, 6, timeout_ns=seconds(1))
        world.run_for(seconds(2))
        front = world.kernel.cells[FRONT].actor
        assert isinstance(front, Region)
        assert [az.lane.waiting for az in front._azs] == [0, 0, 0]
