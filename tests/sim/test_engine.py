"""The engine: what it borrows of Trio and Python it puts back."""

import contextvars
import gc
import random
import sys
from collections.abc import AsyncIterator

import pytest
import trio
from trio._core import _run as trio_run

from sim import Actor, SimWorld, ms
from sim.engine import TrioChanged, check_trio


def borrowed() -> tuple[object, ...]:
    return (
        trio_run._ALLOW_DETERMINISTIC_SCHEDULING,
        trio_run._r,
        dict(trio_run.GLOBAL_RUN_CONTEXT.__dict__),
        sys.get_asyncgen_hooks(),
        gc.get_threshold(),
    )


class Generating(Actor):
    """Uses an asynchronous generator and looks at what Trio shows it."""

    def start(self) -> None:
        self.spawn(self.live)

    async def numbers(self) -> AsyncIterator[int]:
        for number in range(3):
            await self.sleep(ms(1))
            yield number

    async def live(self) -> None:
        async for number in self.numbers():
            self.note("number", number=number)
        assert trio.lowlevel.current_task().name == self.name
        await trio.lowlevel.checkpoint()
        self.note("native")
        with trio.CancelScope() as scope:
            scope.cancel()
            await self.sleep(ms(1))
        self.note("cancelled", caught=scope.cancelled_caught)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.sleep, ms(1))
            nursery.start_soon(self.sleep, ms(2))
        self.note("nursery")


@pytest.mark.parametrize("flag", [True, False])
def test_flag_dice_context_and_hooks_are_put_back_after_every_call(
    flag: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trio_run, "_ALLOW_DETERMINISTIC_SCHEDULING", flag)
    monkeypatch.setattr(trio_run, "_r", random.Random(1))
    before = borrowed()
    state = trio_run._r.getstate()
    world = SimWorld()
    assert borrowed() == before
    world.start(Generating, None, name="a/g")
    assert borrowed() == before
    world.run_for(ms(20))
    assert borrowed() == before
    world.close()
    assert borrowed() == before
    assert trio_run._r.getstate() == state


def test_they_are_put_back_after_an_error_too() -> None:
    before = borrowed()
    with SimWorld() as world:
        world.at(1, [].pop)
        with pytest.raises(IndexError):
            world.run_for(1)
        assert borrowed() == before
    assert borrowed() == before


async def test_an_outer_run_keeps_its_task_and_hooks() -> None:
    before, task = borrowed(), trio.lowlevel.current_task()
    with SimWorld() as world:
        world.start(Generating, None, name="a/g")
        world.run_for(ms(20))
        assert trio.lowlevel.current_task() is task
        await trio.lowlevel.checkpoint()
    assert borrowed() == before


def test_trio_s_own_tools_work_inside_an_actor() -> None:
    # Goal: generators, checkpoints, scopes and nurseries; a live world will need them.
    with SimWorld(keep="all") as world:
        world.start(Generating, None, name="a/g")
        world.run_for(ms(20))
        assert [(e.time_ns, e.kind, e.body) for e in world.trace.events()][1:] == [
            (ms(1), "number", b"number=0"),
            (ms(2), "number", b"number=1"),
            (ms(3), "number", b"number=2"),
            (ms(3), "native", b""),
            (ms(3), "cancelled", b"caught=True"),
            (ms(5), "nursery", b""),
        ]


def test_a_crash_ends_nurseries_and_generators_too() -> None:
    for crash_ns in (0, ms(1) + 1, ms(4)):
        with SimWorld() as world:
            world.start(Generating, None, name="a/g")
            world.run_for(crash_ns)
            world.crash("a/g")
            world.restart("a/g")
            world.run_for(ms(20))
            assert world.statistics()["actors"]["a/g"]["incarnation"] == 2


def test_a_task_keeps_its_context_variables() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    seen = []

    class Counting(Actor):
        def start(self) -> None:
            self.spawn(self.live, 1)
            self.spawn(self.live, 10)

        async def live(self, step: int) -> None:
            for _ in range(3):
                variable.set(variable.get() + step)
                await self.sleep(ms(1))
            seen.append(variable.get())

    with SimWorld() as world:
        world.start(Counting, None, name="a/c")
        world.run_for(ms(10))
    assert sorted(seen) == [3, 30]
    assert variable.get() == 0


def test_a_trio_without_its_private_names_is_refused_with_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_trio.cache_clear()
    monkeypatch.delattr(trio_run, "_r")
    with pytest.raises(TrioChanged, match=rf"^trio {trio.__version__} has no trio._core._run._r$"):
        check_trio()
    monkeypatch.undo()
    check_trio()


def test_trio_runs_tasks_in_the_order_that_flag_and_dice_give() -> None:
    # Goal: pin how Trio reads the two names. Golden: Trio 0.30 and 0.35 give this order alike.
    def order(seed: int) -> list[int]:
        seen: list[int] = []

        async def note(number: int) -> None:
            seen.append(number)

        async def main() -> None:
            async with trio.open_nursery() as nursery:
                for number in range(10):
                    nursery.start_soon(note, number)

        found = trio_run._ALLOW_DETERMINISTIC_SCHEDULING, trio_run._r
        trio_run._ALLOW_DETERMINISTIC_SCHEDULING, trio_run._r = True, random.Random(seed)
        try:
            trio.run(main)
        finally:
            trio_run._ALLOW_DETERMINISTIC_SCHEDULING, trio_run._r = found
        return seen

    assert {tuple(order(3)) for _ in range(5)} == {(5, 7, 1, 4, 0, 3, 2, 6, 9, 8)}
    assert order(3) != order(4)
