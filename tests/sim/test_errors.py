"""The first exception of an actor stops the world and is raised again with actor and time."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import trio

from sim import Actor, Codec, Message, Refusal, Request, SimWorld, ms, us


@dataclass(frozen=True, slots=True, kw_only=True)
class Go(Message):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GoInline(Message):
    pass


CODEC = Codec({401: Go, 402: GoInline})


class Wrong(Exception):
    """A bug of ours."""


class Faulty(Actor):
    """Fails in the way its config says."""

    workers = 1
    inline = frozenset({GoInline})

    def start(self) -> None:
        self.config(self)

    def receive(self, _: Request) -> None:
        raise Wrong("inline")

    async def serve(self, _: Request) -> None:
        await self.sleep(ms(1))
        raise Wrong("worker")

    def fail(self, *_: object) -> None:
        raise Wrong("callback")

    async def live(self) -> None:
        await self.sleep(ms(2))
        raise Wrong("task")


def _nothing(_: Actor) -> None:
    pass


WAYS: dict[str, tuple[Callable[[Any], object], Message | None, str, str]] = {
    "worker": (_nothing, Go(), "worker", "in a/f at 1100000 ns while it served Go"),
    "inline": (_nothing, GoInline(), "inline", "in a/f at 100000 ns while it served GoInline"),
    "timer": (lambda a: a.after(us(5), a.fail), None, "callback", "in a/f at 5000 ns"),
    "flush": (lambda a: a.disk.flush(a.fail), None, "callback", "in a/f at 500000 ns"),
    "answer": (lambda a: a.call("a/x", Go(), a.fail), None, "callback", "in a/f at 20000 ns"),
    "task": (lambda a: a.spawn(a.live), None, "task", "in a/f at 2000000 ns"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_exception_stops_the_world_and_names_its_actor_and_time(way: str) -> None:
    config, message, text, note = WAYS[way]
    with SimWorld(codec=CODEC) as world:
        world.start(Faulty, config, name="a/f")
        if message is not None:
            world.call("a/f", message, lambda _: None)
        with pytest.raises(Wrong) as caught:
            world.run_for(ms(5))
        assert caught.value.args == (text,)
        assert caught.value.__notes__ == [note]
        assert world.now_ns < ms(5)


def test_an_exception_as_an_actor_starts_is_raised_by_start_itself() -> None:
    with SimWorld(codec=CODEC) as world:
        with pytest.raises(Wrong) as caught:
            world.start(Faulty, Faulty.fail, name="a/f")
        assert caught.value.__notes__ == ["in a/f at 0 ns"]


def test_of_two_failures_the_first_is_raised() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Faulty, lambda a: a.after(us(5), a.fail), name="a/1")
        world.start(Faulty, lambda a: a.after(us(5), a.fail), name="a/2")
        with pytest.raises(Wrong) as caught:
            world.run_for(ms(5))
        assert caught.value.__notes__ == ["in a/1 at 5000 ns"]


def test_a_refusal_is_an_answer_and_stops_nothing() -> None:
    class Refuser(Actor):
        workers = 1
        inline = frozenset({GoInline})

        def receive(self, request: Request) -> None:
            raise Refusal(type(request.body).__name__)

        async def serve(self, request: Request) -> None:
            raise Refusal(type(request.body).__name__)

    with SimWorld() as world:
        world.start(Refuser, None, name="a/r")
        with pytest.raises(Refusal, match=r"^Go$"):
            world.ask("a/r", Go())
        with pytest.raises(Refusal, match=r"^GoInline$"):
            world.ask("a/r", GoInline())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("way", ["worker", "inline", "timer", "task"])
def test_an_interrupt_ends_the_run_as_itself(way: str, error: type[BaseException]) -> None:
    class Interrupted(Faulty):
        def receive(self, _: Request) -> None:
            raise error

        async def serve(self, _: Request) -> None:
            raise error

        def fail(self, *_: object) -> None:
            raise error

        async def live(self) -> None:
            await self.sleep(1)
            raise error

    config, message, _, _ = WAYS[way]
    with SimWorld(codec=CODEC) as world:
        world.start(Interrupted, config, name="a/f")
        if message is not None:
            world.call("a/f", message, lambda _: None)
        with pytest.raises(error):
            world.run_for(ms(5))


@pytest.mark.parametrize("way", ["worker", "inline", "timer", "task"])
def test_ctrl_c_ends_a_run_wherever_it_strikes(way: str) -> None:
    # Method: a true signal, sent from within the run; the world can still be closed.
    class Interrupted(Faulty):
        def receive(self, _: Request) -> None:
            signal.raise_signal(signal.SIGINT)

        async def serve(self, _: Request) -> None:
            signal.raise_signal(signal.SIGINT)

        def fail(self, *_: object) -> None:
            signal.raise_signal(signal.SIGINT)

        async def live(self) -> None:
            await self.sleep(1)
            signal.raise_signal(signal.SIGINT)

    config, message, _, _ = WAYS[way]
    with SimWorld(codec=CODEC) as world:
        world.start(Interrupted, config, name="a/f")
        if message is not None:
            world.call("a/f", message, lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            world.run_for(ms(5))


def test_a_closed_world_says_so_and_may_be_closed_again() -> None:
    world = SimWorld()
    world.close()
    world.close()
    with pytest.raises(RuntimeError, match=r"^the world is closed$"):
        world.run_for(1)
    assert world.trace.hash == "cae66941d9efbd404e4d88758ea67670"


def test_a_world_closes_in_the_middle_of_everything() -> None:
    # Goal: tasks that sleep, ask, flush and refuse to die all end; the trace stays readable.
    class Stubborn(Actor):
        workers = 3

        def start(self) -> None:
            self.spawn(self.live)
            self.disk.append("f", b"x")
            self.spawn(self.disk.flushed)

        async def live(self) -> None:
            try:
                await self.sleep(ms(100))
            except BaseException:  # noqa: BLE001
                await self.sleep(ms(100))

        async def serve(self, request: Request) -> None:
            try:
                await request.ask("a/2", Go())
            finally:
                raise Wrong("in the clean-up")

    with SimWorld(codec=CODEC) as world:
        world.start(Stubborn, None, name="a/1")
        world.start(Stubborn, None, name="a/2")
        world.call("a/1", Go(), lambda _: None)
        world.run_for(us(300))
        before = world.trace.hash
    assert world.trace.hash == before


def test_code_that_goes_on_for_ever_is_named_when_its_world_closes() -> None:
    ended = []

    class Undying(Actor):
        def start(self) -> None:
            self.spawn(self.live)

        async def live(self) -> None:
            try:
                await self.sleep(ms(100))
            finally:
                with trio.CancelScope(shield=True):
                    while not ended:
                        await trio.lowlevel.checkpoint()

    world = SimWorld()
    world.start(Undying, None, name="a/undying")
    world.run_for(ms(1))
    with pytest.raises(RuntimeError, match=r"^a task goes on after the world was closed$"):
        world.close()
    ended.append(True)
    world.close()
