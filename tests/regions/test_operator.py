"""The operator's safe holds the newest domain token, whole, whatever happens to its power."""

from regional import AZS, REGION, SECRET, booted, create_key, decrypt, encrypt

from sim.units import days, hours, minutes

SAFE = f"safe/{REGION}/operator"


def test_the_safe_holds_the_newest_domain_token_after_every_rotation() -> None:
    with booted() as arena:
        arena.world.run_for(days(3) + hours(1))
        stored = arena.world.disk(SAFE).load("domain")
        token, version = arena.world.kernel.cells[f"{AZS[0]}/az"].actor.domain_token()  # type: ignore[union-attr]
        assert stored == version.to_bytes(8, "big") + token


def test_a_power_cut_of_the_operator_forgets_nothing_that_the_safe_held() -> None:
    with booted(ceremony_ns=hours(1)) as arena:
        world = arena.world
        blob = encrypt(arena, create_key(arena))
        world.run_for(minutes(1))
        world.crash(SAFE)
        world.run_for(minutes(1))
        world.restart(SAFE)
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        world.run_for(minutes(1))
        for hsm in arena.deployment.hsms[REGION]:
            world.restart(hsm)
        world.run_for(hours(2))
        assert decrypt(arena, blob) == SECRET


def test_the_offline_hsm_is_out_of_the_domain_again_after_the_ceremony() -> None:
    with booted(ceremony_ns=hours(1)) as arena:
        world = arena.world
        create_key(arena)
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
            world.run_for(minutes(1))
            world.restart(hsm)
        events: list[str] = []
        world.trace.watch("operator", lambda event: events.append(event.body.decode()))
        for hsm in arena.deployment.hsms[REGION]:
            world.crash(hsm)
        world.run_for(minutes(1))
        for hsm in arena.deployment.hsms[REGION]:
            world.restart(hsm)
        world.run_for(hours(3))
        assert events[0].startswith("ceremony=begun")
        assert events[1].startswith("safe=open")
        assert events[2:] == ["safe=closed"]
