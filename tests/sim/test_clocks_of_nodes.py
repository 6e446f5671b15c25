"""Each node has clocks of its own: an offset of its calendar, a drift of its speed."""

from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, SimWorld, hours, ms, seconds
from sim.world import EPOCH_NS


class Watch(Actor):
    """Rings once, an hour after it started, by its own clock."""

    rang_ns = 0

    def start(self) -> None:
        self.after(hours(1), self.ring)

    def ring(self) -> None:
        self.rang_ns = self.kernel.clock.now_ns


def watch(world: SimWorld, name: str) -> Watch:
    found = world.kernel.cells[name].actor
    assert isinstance(found, Watch)
    return found


def test_time_of_a_true_node_is_world_time_and_its_calendar_begins_in_2026() -> None:
    with SimWorld() as world:
        world.start(Watch, None, name="a/true")
        world.run_for(seconds(5))
        node = watch(world, "a/true")
        assert (node.now_ns, node.calendar_ns) == (seconds(5), EPOCH_NS + seconds(5))
        assert world.calendar_ns == EPOCH_NS + seconds(5)


def test_an_offset_moves_the_calendar_and_nothing_else() -> None:
    with SimWorld() as world:
        world.start(Watch, None, name="a/off")
        world.set_clock("a/off", offset_ns=-ms(700))
        world.run_for(seconds(5))
        node = watch(world, "a/off")
        assert (node.now_ns, node.calendar_ns) == (seconds(5), EPOCH_NS + seconds(5) - ms(700))


def test_a_fast_clock_gains_and_its_timers_ring_early() -> None:
    with SimWorld() as world:
        world.start(Watch, None, name="a/fast")
        world.crash("a/fast")
        world.set_clock("a/fast", drift_ppm=1_000)
        world.restart("a/fast")
        world.run_for(hours(2))
        node = watch(world, "a/fast")
        assert node.now_ns == hours(2) + hours(2) // 1_000
        # Never early, not by a nanosecond.
        assert node.rang_ns == hours(1) * 1_000_000 // 1_001_000 + 1


def test_a_monotonic_clock_never_jumps_when_its_drift_changes() -> None:
    with SimWorld() as world:
        world.start(Watch, None, name="a/odd")
        seen = []
        for drift_ppm in (500, -500, 0, 200):
            world.set_clock("a/odd", drift_ppm=drift_ppm)
            seen.append(watch(world, "a/odd").now_ns)
            world.run_for(seconds(1_000))
            seen.append(watch(world, "a/odd").now_ns)
        gained = [ms(500), 0, 0, ms(200)]
        ends = [seconds(1_000 * (n + 1)) + gain for n, gain in enumerate(gained)]
        assert seen == [0, ends[0], ends[0], ends[1], ends[1], ends[2], ends[2], ends[3]]


@given(st.integers(-100_000, 100_000), st.integers(0, 10**12), st.integers(0, 10**6), st.booleans())
def test_a_timer_never_rings_before_its_time_on_its_own_clock(
    drift_ppm: int, since_ns: int, wait_ns: int, asleep: bool
) -> None:
    # Goal: who waits for a moment and looks at the clock then does not wait for it again.
    class Waiter(Actor):
        waited_ns = -1

        def begin(self) -> None:
            self.began_ns = self.now_ns
            if asleep:
                self.spawn(self.rest)
            else:
                self.after(wait_ns, self.ring)

        async def rest(self) -> None:
            await self.sleep(wait_ns)
            self.ring()

        def ring(self) -> None:
            self.waited_ns = self.now_ns - self.began_ns

    with SimWorld(keep="none") as world:
        world.start(Waiter, None, name="a/odd")
        waiter = world.kernel.cells["a/odd"].actor
        assert isinstance(waiter, Waiter)
        world.drift_clock("a/odd", drift_ppm)
        world.run_for(since_ns)
        world.at(world.now_ns, waiter.begin)
        world.run_for(ms(10))
        assert wait_ns <= waiter.waited_ns <= wait_ns + 2
