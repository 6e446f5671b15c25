"""A live world: the same actors on the wall clock, and a calendar that can be moved forward."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import trio

from sim.actor import Actor, Expired, Request
from sim.clock import SimClock
from sim.disk import SimDisk
from sim.live import LiveWorld
from sim.rng import stream
from sim.units import days, hours, ms, seconds
from sim.wire import Codec, Crashed, Message, Unreachable
from sim.world import SimWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Message):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Message):
    text: str


CODEC = Codec({1: Say, 2: Said})


def live(failures: list[BaseException] | None = None, **options: Any) -> LiveWorld:
    """Return a world whose disks are memory and flush when the simulated ones would."""

    def open_disk(name: str, _drive: object) -> Any:
        return SimDisk(name, SimClock(), stream(0, name), lambda *_: None)

    def battery(*names: str) -> Callable[[int], bytes]:
        return stream(1, *names).randbytes

    heard = [] if failures is None else failures
    return LiveWorld(
        codec=CODEC, open_disk=open_disk, battery=battery, on_failure=heard.append, **options
    )


class Echo(Actor):
    kind = "echo"
    workers = 2
    asks: ClassVar[tuple[str, ...]] = ("echo",)

    async def serve(self, request: Request) -> None:
        text: str = request.body.text
        if text == "fail":
            raise ValueError("as told")
        if text.startswith("sleep "):
            await self.sleep(ms(int(text.removeprefix("sleep "))))
        if text.startswith("to "):
            request.reply(await request.ask(self.config, Say(text=text.removeprefix("to "))))
            return
        request.reply(Said(text=f"{text} {self.incarnation}"))


def test_an_actor_answers_as_it_does_on_virtual_time() -> None:
    world = live()

    async def main() -> Any:
        world.start(Echo, None, name="a/one")
        world.start(Echo, "a/one", name="b/two")
        return await world.ask("b/two", Say(text="to hello"))

    assert world.run(main) == Said(text="hello 1000001")


def test_a_sleep_takes_the_time_of_the_wall_and_an_ask_expires_in_it() -> None:
    world = live()

    async def main() -> float:
        world.start(Echo, None, name="a/one")
        begin = time.monotonic()
        await world.ask("a/one", Say(text="sleep 30"))
        took = time.monotonic() - begin
        with pytest.raises(Expired):
            await world.ask("a/one", Say(text="sleep 5000"), timeout_ns=ms(20))
        return took

    assert world.run(main) >= 0.03


def test_a_failure_ends_one_actor_and_its_supervisor_starts_it_again() -> None:
    failures: list[BaseException] = []
    world = live(failures)

    async def main() -> list[str]:
        world.start(Echo, None, name="a/one")
        world.start(Echo, None, name="a/other")
        with pytest.raises(Crashed, match=r"^a/one failed$"):
            await world.ask("a/one", Say(text="fail"))
        other = await world.ask("a/other", Say(text="still here"))
        while not world.is_up("a/one"):  # noqa: ASYNC110 - nobody tells of it
            await trio.sleep(0.05)
        again = await world.ask("a/one", Say(text="again"))
        return [other.text, again.text]

    assert world.run(main) == ["still here 1000001", "again 1000002"]
    assert [repr(error) for error in failures] == ["ValueError('as told')"]


class Passes(trio.abc.Instrument):
    count = 0

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002 - Trio's own signature
        self.count += 1


def test_what_needs_no_drive_is_answered_before_the_sockets_are_looked_at() -> None:
    world, passes = live(), Passes()

    async def main() -> tuple[str, int]:
        world.start(Echo, None, name="a/one")
        world.start(Echo, "a/one", name="b/two")
        await trio.sleep(0.01)  # Their workers are there by now.
        trio.lowlevel.add_instrument(passes)
        answer = await world.ask("b/two", Say(text="to hello"))
        seen = passes.count
        await trio.lowlevel.checkpoint()  # Trio would stumble over another task here.
        return answer.text, seen

    assert world.run(main) == ("hello 1000001", 0)


def test_questions_of_many_tasks_at_once_all_find_their_own_answers() -> None:
    world = live()

    async def main() -> list[str]:
        found: list[str] = []

        async def one(number: int) -> None:
            for turn in range(5):
                text = f"{number}.{turn}"
                wait = "sleep 1" if (number + turn) % 3 == 0 else text
                answer = await world.ask("b/two", Say(text=f"to {wait}"))
                assert answer.text.startswith(wait)
                found.append(text)

        world.start(Echo, None, name="a/one")
        world.start(Echo, "a/one", name="b/two")
        async with trio.open_nursery() as nursery:
            for number in range(9):
                nursery.start_soon(one, number)
        return sorted(found)

    assert world.run(main) == sorted(f"{n}.{t}" for n in range(9) for t in range(5))


def test_a_question_that_is_refused_at_once_raises() -> None:
    world = live()

    async def main() -> None:
        await world.ask("nobody", Say(text="hello"))

    with pytest.raises(Unreachable, match=r"^nobody is called nobody$"):
        world.run(main)


class Diary(Actor):
    """Notes on which day of its calendar its timers ring: every day until told otherwise."""

    kind = "diary"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({Say})
    moved: int = 0

    def start(self) -> None:
        self.begin_ns = self.calendar_ns
        self.rung: list[int] = []
        self.after_calendar(days(1), self._ring)
        self.after_calendar(days(2), self.rung.append, -1).cancel()

    def _ring(self) -> None:
        self.rung.append(round((self.calendar_ns - self.begin_ns) / days(1)))
        self.after_calendar(days(1), self._ring)

    def on_calendar(self, moved_ns: int) -> None:
        self.moved += moved_ns

    def receive(self, request: Request) -> None:
        request.reply(Said(text=f"{self.rung} {round(self.moved / hours(1))}"))


def test_a_calendar_moved_forward_rings_what_is_due_one_after_the_other() -> None:
    world = live()

    async def main() -> tuple[str, int, int]:
        world.start(Diary, None, name="a/diary")
        await trio.lowlevel.checkpoint()
        before, monotonic = world.calendar_ns, world.now_ns
        await world.advance(days(3) + hours(1))
        answer = await world.ask("a/diary", Say(text="?"))
        return answer.text, world.calendar_ns - before, world.now_ns - monotonic

    text, moved_ns, monotonic_ns = world.run(main)
    assert text == "[1, 2, 3] 73"
    assert days(3) < moved_ns < days(3) + hours(2)
    assert monotonic_ns < seconds(60)


def test_a_world_that_starts_again_goes_on_with_its_calendar_and_its_incarnations() -> None:
    world = live(moved_ns=days(400), start_number=7)

    async def main() -> str:
        world.start(Echo, None, name="a/one")
        answer = await world.ask("a/one", Say(text="hello"))
        text: str = answer.text
        return text

    assert world.calendar_ns > time.time_ns() + days(399)
    assert world.run(main) == "hello 7000001"


def test_entropy_is_the_machines_and_a_battery_keeps_what_it_was_given() -> None:
    first, second = live(), live()

    async def main(world: LiveWorld) -> tuple[bytes, bytes, bool]:
        world.start(Echo, None, name="a/one")
        actor = world.kernel.cells["a/one"].actor
        assert actor is not None
        return actor.entropy("drbg")(32), actor.battery("hsm", "a/one")(32), actor.resumes

    one, other = first.run(main, first), second.run(main, second)
    assert one[0] != other[0]
    assert one[1:] == other[1:] == (stream(1, "hsm", "a/one").randbytes(32), True)


def test_an_actor_that_lost_its_power_does_not_resume() -> None:
    world = live()

    async def main() -> bool:
        world.start(Echo, None, name="a/one")
        world.crash("a/one")
        await trio.sleep(0.01)
        world.restart("a/one")
        await world.ask("a/one", Say(text="there?"))
        actor = world.kernel.cells["a/one"].actor
        assert actor is not None
        return actor.resumes

    assert world.run(main) is False


class Thinker(Actor):
    """Computes aside, and answers short questions meanwhile."""

    workers = 2

    async def serve(self, request: Request) -> None:
        if request.body.text == "ping":
            request.reply(Said(text="pong"))
            return
        found = self.aside(self.config, request.body.text)
        try:
            request.reply(Said(text=f"{await found.result()}{await found.result()}"))
        except ValueError as error:
            request.reply(Said(text=f"failed: {error}"))


def test_others_are_served_while_a_thread_computes_and_an_error_is_for_who_asked() -> None:
    world, free = live(), threading.Event()

    def think(text: str) -> str:
        if text == "fail":
            raise ValueError("as told")
        assert free.wait(30), "nobody was served meanwhile"
        return text

    async def main() -> list[str]:
        world.start(Thinker, think, name="a/one")
        said: list[str] = []

        async def long() -> None:
            said.append((await world.ask("a/one", Say(text="deep"))).text)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(long)
            said.append((await world.ask("a/one", Say(text="ping"))).text)
            said.append((await world.ask("a/one", Say(text="fail"))).text)
            free.set()
        return said

    assert world.run(main) == ["pong", "failed: as told", "deepdeep"]


def test_a_world_that_ends_does_not_wait_for_what_is_computed_aside() -> None:
    world, free = live(), threading.Event()

    async def main() -> str:
        world.start(Thinker, lambda _: free.wait(30), name="a/one")
        with pytest.raises(Expired):
            await world.ask("a/one", Say(text="deep"), timeout_ns=ms(1))
        return "ended"

    assert world.run(main) == "ended"
    free.set()


def test_in_a_simulated_world_what_is_computed_aside_happens_when_it_is_wanted() -> None:
    with SimWorld(seed=1, codec=CODEC) as simulated:
        simulated.start(Thinker, str.upper, name="a/one")
        assert simulated.ask("a/one", Say(text="deep")) == Said(text="DEEPDEEP")
        assert simulated.ask("a/one", Say(text="ping")) == Said(text="pong")
