"""A host whose recorder is silent could answer no call, so it is handed none."""

from collections import Counter

import pytest
from regional import AZS, REGION, booted, create_key

from regions.calls import ApiCall
from scenarios.arena import Arena
from sim.units import ms, seconds

AZ, RECORDER = f"{AZS[0]}/az", f"{AZS[0]}/recorder"
EVERY_NS = ms(100)


def knock(arena: Arena, times: int) -> Counter[str]:
    """Ask for random bytes through the front door without retry; count how that ended."""
    answers: Counter[str] = Counter()

    def then(answer: object) -> None:
        answers[type(answer).__name__] += 1

    for _ in range(times):
        call = ApiCall(
            service="kms",
            region=REGION,
            action="GenerateRandom",
            parameters={"NumberOfBytes": 16},
            principal=arena.administrator(),
            source_ip="203.0.113.5",
            user_agent="probe",
            request_id=arena.world.rng("knock").uuid(),
        )
        arena.world.call(f"{REGION}/router", call, then, timeout_ns=seconds(3))
        arena.world.run_for(EVERY_NS)
    arena.world.run_for(seconds(4))
    return answers


def health(arena: Arena) -> list[str]:
    """Return the list that every change of an AZ's health will be added to."""
    found: list[str] = []
    arena.world.trace.watch("health", lambda event: found.append(event.body.decode()))
    return found


@pytest.mark.parametrize("how", ["crash", "pause"])
def test_an_az_whose_recorder_falls_silent_is_soon_left_alone(how: str) -> None:
    with booted() as arena:
        create_key(arena)
        seen = health(arena)
        getattr(arena.world, how)(RECORDER)
        answers = knock(arena, 60)
        assert answers["Expired"] > 0, "the first ones find out"
        assert knock(arena, 60) == {"ApiAnswer": 60}
        assert seen == [f"az={AZ} healthy=False"]
        getattr(arena.world, {"crash": "restart", "pause": "resume"}[how])(RECORDER)
        arena.world.run_for(seconds(2))
        assert knock(arena, 60) == {"ApiAnswer": 60}
        assert seen[1:] == [f"az={AZ} healthy=True"]


def test_a_host_that_returns_before_its_recorder_takes_no_call() -> None:
    with booted() as arena:
        create_key(arena)
        for actor in (AZ, RECORDER):
            arena.world.crash(actor)
        knock(arena, 30)
        arena.world.restart(AZ)
        arena.world.run_for(seconds(2))
        assert knock(arena, 60) == {"ApiAnswer": 60}
        seen = health(arena)
        arena.world.restart(RECORDER)
        arena.world.run_for(seconds(2))
        assert knock(arena, 60) == {"ApiAnswer": 60}
        assert f"az={AZ} healthy=True" in seen


def test_with_every_recorder_silent_each_host_is_tried_and_all_are_back_at_once() -> None:
    with booted() as arena:
        create_key(arena)
        for az in AZS:
            arena.world.pause(f"{az}/recorder")
        assert knock(arena, 60)["ApiAnswer"] == 0
        for az in AZS:
            arena.world.resume(f"{az}/recorder")
        arena.world.run_for(seconds(2))
        assert knock(arena, 60) == {"ApiAnswer": 60}
