"""Scrubs come at times that no restart moves: who restarts often is scrubbed all the same."""

from regional import AZS, booted, create_key

from sim.units import days, hours, seconds

NODE = f"{AZS[0]}/node"


def test_a_node_that_restarts_more_often_than_it_scrubs_is_scrubbed_in_time() -> None:
    with booted(scrub_ns=days(1)) as arena:
        world = arena.world
        key_id = create_key(arena).encode()
        world.run_for(seconds(30))
        mended: list[str] = []
        world.trace.watch("disk", lambda event: mended.append(event.body.decode()))
        # For two days the node starts anew every six hours, and each time a byte rots after that.
        for _ in range(8):
            world.crash(NODE)
            world.restart(NODE)
            world.run_for(seconds(5))
            disk = world.disk(NODE)
            disk.rot("log", disk.load("log").index(key_id))
            world.run_for(hours(6) - seconds(5))
        assert sum("mended" in text for text in mended) == 2
