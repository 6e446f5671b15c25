"""A crash is a power cut: the incarnation is fenced, and what it still tries has no effect."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import trio

from sim import Actor, Codec, Fenced, Message, Request, SimWorld, hours, ms, seconds, us


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    text: str


CODEC = Codec({401: Word})

#: What actors of these tests did and met, outside of any world; cleared for each test.
LOG: list[Any] = []


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    LOG.clear()


class Sink(Actor):
    """Answers nothing and keeps all."""

    inline = frozenset({Word})

    def receive(self, request: Request) -> None:
        LOG.append(("received", request.body.text))


EFFECTS: dict[str, Callable[[Actor], object]] = {
    "send": lambda a: a.send("b/sink", Word(text="from the dead")),
    "call": lambda a: a.call("b/sink", Word(text="from the dead"), LOG.append),
    "after": lambda a: a.after(1, LOG.append, "timer of the dead"),
    "spawn": lambda a: a.spawn(a.sleep, 1),
    "draw": lambda a: a.rng("dice"),
    "note": lambda a: a.note("dead", word="boo"),
    "announce": lambda a: a.announce("backing-key", bytes(32)),
    "write": lambda a: a.disk.write("f", 0, b"dead"),
    "append": lambda a: a.disk.append("f", b"dead"),
    "truncate": lambda a: a.disk.truncate("f", 0),
    "remove": lambda a: a.disk.remove("f"),
    "replace": lambda a: a.disk.replace("f", "g"),
    "flush": lambda a: a.disk.flush(LOG.append),
    "load": lambda a: a.disk.load("f"),
    "size": lambda a: a.disk.size("f"),
    "files": lambda a: a.disk.files(),
    "ask": lambda a: a.ask("b/sink", Word(text="from the dead")).send(None),
    "sleep": lambda a: a.sleep(1).send(None),
    "work": lambda a: a.work(1).send(None),
    "flushed": lambda a: a.disk.flushed().send(None),
}


class Hostile(Actor):
    """Tries every effect while it is being cancelled."""

    def start(self) -> None:
        self.spawn(self.live)

    async def live(self) -> None:
        if self.incarnation > 1:
            return
        self.disk.write("f", 0, b"alive")
        await self.disk.flushed()
        try:
            await self.sleep(hours(1))
        finally:
            for name, effect in EFFECTS.items():
                try:
                    effect(self)
                except Fenced:
                    LOG.append(name)


def test_every_effect_of_a_dead_incarnation_raises_fenced_and_nothing_happens() -> None:
    with SimWorld(codec=CODEC, keep="all") as world:
        world.start(Sink, None, name="b/sink")
        world.start(Hostile, None, name="a/hostile")
        world.run_for(ms(5))
        world.crash("a/hostile")
        before = world.statistics()
        world.run_for(seconds(5))
        assert list(EFFECTS) == LOG
        after = world.statistics()
        assert after["links"] == before["links"]
        assert after["disks"] == before["disks"]
        assert after["secrets"] == 0
        assert [e.kind for e in world.trace.events()] == ["start", "start", "crash"]


def test_an_awaiting_task_is_cancelled_and_its_old_incarnation_gone_before_the_next_starts() -> (
    None
):
    # Method: crash and restart at one instant; the end of the old is seen before the start.
    class Sleeper(Actor):
        def start(self) -> None:
            LOG.append(f"start {self.incarnation}")
            self.spawn(self.live, self.incarnation)

        async def live(self, incarnation: int) -> None:
            try:
                await self.sleep(hours(1))
            finally:
                LOG.append(f"end {incarnation}")

    with SimWorld() as world:
        world.start(Sleeper, None, name="a/sleeper")
        world.run_for(ms(1))
        world.crash("a/sleeper")
        world.restart("a/sleeper")
        world.run_for(0)
        assert LOG == ["start 1", "end 1", "start 2"]
        assert world.now_ns == ms(1)


def test_an_old_incarnation_that_will_not_go_is_an_error_of_ours() -> None:
    class Immortal(Actor):
        def start(self) -> None:
            if self.incarnation == 1:
                self.spawn(self.live)

        async def live(self) -> None:
            with trio.CancelScope(shield=True):
                await LOG[0].wait()

    with SimWorld() as world:
        LOG.append(trio.Event())
        world.start(Immortal, None, name="a/immortal")
        world.run_for(0)
        world.crash("a/immortal")
        world.restart("a/immortal")
        text = "a/immortal: 1 tasks outlived their incarnation"
        with pytest.raises(AssertionError, match=rf"^{text}\n"):
            world.run_for(1)
        with world._engine.entered():
            LOG[0].set()


class Stubborn(Actor):
    """Swallows everything and goes on as if nothing had happened."""

    workers = 2

    async def serve(self, request: Request) -> None:
        try:
            await self.sleep(hours(1))
        except BaseException as error:  # noqa: BLE001
            LOG.append(type(error).__name__)
        try:
            request.reply(Word(text="from the dead"))
        except BaseException as error:  # noqa: BLE001
            LOG.append(type(error).__name__)


def test_clean_up_that_swallows_everything_still_ends_with_its_incarnation() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Stubborn, None, name="a/stubborn")
        for _ in range(3):
            world.call("a/stubborn", Word(text="hi"), lambda _: None)
        world.run_for(ms(1))
        world.crash("a/stubborn")
        world.restart("a/stubborn")
        world.run_for(seconds(1))
        assert LOG == ["Cancelled", "Fenced", "Cancelled", "Fenced"]
        assert world.statistics()["actors"]["a/stubborn"]["queue"] == 0


def test_errors_in_the_clean_up_of_the_dead_have_no_effect() -> None:
    class Clumsy(Actor):
        workers = 1

        def start(self) -> None:
            self.spawn(self.live)

        async def live(self) -> None:
            try:
                await self.sleep(hours(1))
            finally:
                raise KeyError("half done")

        async def serve(self, request: Request) -> None:
            try:
                await self.sleep(hours(1))
            finally:
                raise ValueError(request.body.text)

    with SimWorld(codec=CODEC) as world:
        world.start(Clumsy, None, name="a/clumsy")
        world.call("a/clumsy", Word(text="hi"), lambda _: None)
        world.run_for(ms(1))
        world.crash("a/clumsy")
        world.restart("a/clumsy")
        world.run_for(seconds(1))
        assert world.statistics()["actors"]["a/clumsy"]["incarnation"] == 2


def test_an_actor_may_lose_its_power_within_its_own_step() -> None:
    # Goal: a checker that crashes whoever says "boom" ends the very step that said it.
    class Boom(Actor):
        workers = 1
        inline = frozenset({Word})

        def receive(self, request: Request) -> None:
            LOG.append("before")
            self.note("boom")
            self.send("b/sink", request.body)
            LOG.append("never")

    with SimWorld(codec=CODEC) as world:
        world.start(Sink, None, name="b/sink")
        world.start(Boom, None, name="a/boom")
        world.trace.observers.append(lambda e: world.crash("a/boom") if e.kind == "boom" else None)
        world.call("a/boom", Word(text="hi"), lambda _: None)
        world.run_for(seconds(1))
        assert LOG == ["before"]
        world.restart("a/boom")
        world.run_for(0)
        assert world.is_up("a/boom")


def test_a_worker_may_lose_its_power_within_its_own_step() -> None:
    class Boom(Actor):
        workers = 1

        async def serve(self, request: Request) -> None:
            LOG.append("before")
            self.note("boom")
            try:
                request.reply(Word(text="after the power cut"))
            finally:
                LOG.append("clean-up")

    with SimWorld(codec=CODEC) as world:
        world.start(Boom, None, name="a/boom")
        world.trace.observers.append(lambda e: world.crash("a/boom") if e.kind == "boom" else None)
        heard: list[object] = []
        for _ in range(3):
            world.call("a/boom", Word(text="hi"), heard.append, timeout_ns=ms(10))
        world.run_for(seconds(1))
        assert LOG == ["before", "clean-up"]
        assert [type(answer).__name__ for answer in heard] == ["Expired"] * 3
        world.restart("a/boom")
        world.run_for(0)
        assert world.statistics()["actors"]["a/boom"]["incarnation"] == 2


class Keeper(Actor):
    """Counts its starts on disk and its words in memory."""

    inline = frozenset({Word})

    def __init__(self, config: str) -> None:
        super().__init__(config)
        self.words: list[str] = []

    def start(self) -> None:
        self.disk.append("starts", b"x")
        self.disk.flush(self.flushed)

    def flushed(self) -> None:
        LOG.append((self.incarnation, self.config, self.disk.load("starts"), list(self.words)))

    def receive(self, request: Request) -> None:
        self.words.append(request.body.text)
        request.reply(Word(text=" ".join(self.words)))


def test_a_restart_is_class_config_and_disk_and_nothing_else() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Keeper, "config", name="a/keeper")
        world.run_for(ms(1))
        assert world.ask("a/keeper", Word(text="lost")) == Word(text="lost")
        world.crash("a/keeper")
        world.restart("a/keeper")
        world.run_for(ms(1))
        assert world.ask("a/keeper", Word(text="new")) == Word(text="new")
        assert LOG == [(1, "config", b"x", []), (2, "config", b"xx", [])]


def test_a_flush_begun_before_a_crash_never_completes() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Keeper, "config", name="a/keeper")
        world.run_for(us(400))
        world.crash("a/keeper")
        world.restart("a/keeper")
        world.run_for(ms(2))
        assert [entry[0] for entry in LOG] == [2]


def test_timers_of_a_dead_incarnation_do_nothing() -> None:
    class Ticker(Actor):
        def start(self) -> None:
            self.after(ms(2), self.tick, self.incarnation)

        def tick(self, incarnation: int) -> None:
            LOG.append((incarnation, self.now_ns))

    with SimWorld() as world:
        world.start(Ticker, None, name="a/ticker")
        world.run_for(ms(1))
        world.crash("a/ticker")
        world.restart("a/ticker")
        world.run_for(ms(10))
        assert [(2, ms(3))] == LOG


def test_messages_to_a_dead_actor_are_lost_and_counted_and_its_queue_is_gone() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Stubborn, None, name="a/stubborn")
        for _ in range(5):
            world.call("a/stubborn", Word(text="hi"), lambda _: None)
        world.run_for(ms(1))
        world.crash("a/stubborn")
        world.call("a/stubborn", Word(text="hi"), lambda _: None)
        world.run_for(ms(1))
        statistics = world.statistics()
        assert statistics["lost_to_the_dead"] == 1
        assert statistics["actors"]["a/stubborn"]["queue"] == 0
        assert statistics["actors"]["a/stubborn"]["crashes"] == 1


def test_a_crash_at_the_instant_of_a_restart_wins_over_it() -> None:
    # Goal: of two faults that touch at one instant, the second is not undone by the first's end.
    with SimWorld(codec=CODEC) as world:
        world.start(Keeper, "config", name="a/keeper")
        world.run_for(ms(1))
        world.crash("a/keeper")
        world.restart("a/keeper")
        assert world.is_up("a/keeper")
        world.crash("a/keeper")
        assert not world.is_up("a/keeper")
        world.run_for(seconds(1))
        assert not world.is_up("a/keeper")
        world.restart("a/keeper")
        world.run_for(ms(1))
        assert world.statistics()["actors"]["a/keeper"]["incarnation"] == 2


def test_what_is_up_cannot_be_restarted_and_a_crash_of_the_dead_changes_nothing() -> None:
    with SimWorld() as world:
        world.start(Keeper, "config", name="a/keeper")
        with pytest.raises(ValueError, match=r"^a/keeper is up$"):
            world.restart("a/keeper")
        world.crash("a/keeper")
        count = world.trace.count
        world.crash("a/keeper")
        assert world.trace.count == count
        with pytest.raises(ValueError, match=re.escape("the name 'a/keeper' is taken")):
            world.start(Keeper, "config", name="a/keeper")
        with pytest.raises(ValueError, match=r"^nobody is called 'a/k'; there are: a/keeper$"):
            world.crash("a/k")


def test_a_power_cut_of_a_place_takes_everything_in_it_and_nothing_beside_it() -> None:
    with SimWorld() as world:
        names = ["r1/az1/hsm-1", "r1/az1/node", "r1/az10/node", "r1/front", "r2/az1/node"]
        for name in names:
            world.start(Keeper, "config", name=name)
        assert world.power_off("r1/az1") == ("r1/az1/hsm-1", "r1/az1/node")
        assert [world.is_up(name) for name in names] == [False, False, True, True, True]
        assert world.power_off("r1") == ("r1/az10/node", "r1/front")
        assert world.power_on("r1") == ("r1/az1/hsm-1", "r1/az1/node", "r1/az10/node", "r1/front")
        world.run_for(ms(1))
        assert [world.is_up(name) for name in names] == [True] * 5


def test_ended_tasks_leave_nothing_behind_in_their_actor() -> None:
    # Goal: a year of short activities costs no memory.
    class Busy(Actor):
        def start(self) -> None:
            self.spawn(self.live)

        async def live(self) -> None:
            for _ in range(100):
                self.spawn(self.sleep, 1)
                await self.sleep(10)

    with SimWorld() as world:
        world.start(Busy, None, name="a/busy")
        world.run_for(ms(1))
        cell = world.kernel.cells["a/busy"]
        assert (len(cell.scopes), cell.tasks) == (0, 0)
