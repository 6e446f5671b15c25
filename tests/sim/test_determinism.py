"""Same seed, same trace: in another process, under another hash seed, whatever was imported."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import trio

from sim import SimWorld, first_difference, ms, us

CHAOS = Path(__file__).with_name("chaos_world.py")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def chaos() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chaos_world", CHAOS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chaos_world"] = module  # the codec resolves annotations by module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def expected(chaos: ModuleType) -> str:
    hash_: str = chaos.run(7)
    return hash_


def test_the_chaos_is_worth_comparing(chaos: ModuleType) -> None:
    with chaos.make(7) as world:
        for _ in chaos.steps(world, chaos.SPAN_NS):
            pass
        kinds = {event.kind for event in world.trace.events()}
        words = {
            event.body.split(b" ")[0] for event in world.trace.events() if event.kind == "error"
        }
        assert kinds == {
            "answer", "crash", "deliver", "drop", "error", "found", "pause", "resume", "rule", "start"
        }  # fmt: skip
        assert words == {b"what=Expired", b"what=Tired"}
        assert world.trace.count > 3_000


def test_two_runs_of_one_seed_have_one_trace_and_another_seed_has_another(
    chaos: ModuleType, expected: str
) -> None:
    assert chaos.run(7) == expected
    assert chaos.run(8) != expected


@pytest.mark.parametrize(
    ("hash_seed", "imports"),
    [("0", ""), ("1", "import hypothesis"), ("4242", "import pytest_trio, asyncio, hypothesis")],
)
def test_another_process_has_the_same_trace(hash_seed: str, imports: str, expected: str) -> None:
    code = f"{imports}\nimport runpy\nrunpy.run_path({str(CHAOS)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("step_ns", [us(37), us(999), ms(7)])
def test_stepping_in_odd_chunks_changes_nothing(
    step_ns: int, chaos: ModuleType, expected: str
) -> None:
    assert chaos.run(7, step_ns) == expected


def test_two_interleaved_worlds_do_not_see_each_other(chaos: ModuleType, expected: str) -> None:
    with chaos.make(7) as one, chaos.make(8) as two, chaos.make(7) as three:
        runs = [chaos.steps(one, us(500)), chaos.steps(two, us(700)), chaos.steps(three, us(900))]
        while runs:
            for run in tuple(runs):
                if next(run, StopIteration) is StopIteration:
                    runs.remove(run)
        assert one.trace.hash == three.trace.hash == expected
        assert two.trace.hash != expected


async def test_a_world_runs_inside_an_async_test(chaos: ModuleType, expected: str) -> None:
    # Goal: neither run disturbs the other. Method: the outer one goes on between the steps.
    ticks = []

    async def outer() -> None:
        while len(ticks) < 50:
            await trio.lowlevel.checkpoint()
            ticks.append(trio.lowlevel.current_task().name)

    with chaos.make(7) as world:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(outer)
            for _ in chaos.steps(world, ms(3)):
                await trio.lowlevel.checkpoint()
        assert world.trace.hash == expected
    assert len(ticks) == 50


def test_a_world_runs_inside_an_event_of_another(chaos: ModuleType, expected: str) -> None:
    hashes = []
    with SimWorld() as outer:
        outer.at(5, lambda: hashes.append(chaos.run(7)))
        outer.run_for(10)
    assert hashes == [expected]


@pytest.mark.parametrize("keep", ["none", 10])
def test_what_is_kept_of_a_trace_does_not_change_its_hash(
    keep: object, chaos: ModuleType, expected: str
) -> None:
    with chaos.make(7, keep) as world:
        for _ in chaos.steps(world, chaos.SPAN_NS):
            pass
        assert world.trace.hash == expected


def test_steps_within_the_event_that_wakes_them_leave_the_trace_of_trios_own_passes(
    chaos: ModuleType, expected: str
) -> None:
    # Goal: taking a task's step at once is a short cut and nothing else.
    with chaos.make(7) as world:
        world._engine.direct = False
        for _ in chaos.steps(world, chaos.SPAN_NS):
            pass
        assert world.trace.hash == expected


def test_a_difference_is_found_at_its_first_event(chaos: ModuleType) -> None:
    with chaos.make(7) as one, chaos.make(7) as other:
        one.run_for(ms(50))
        other.run_for(ms(50))
        assert first_difference(one.trace, other.trace) is None
        index = one.trace.count
        other.note("odd", "somebody", word="here")
        one.run_for(ms(1))
        other.run_for(ms(1))
        found = first_difference(one.trace, other.trace)
        assert found is not None
        assert found[0] == index
        assert (found[2].kind, found[2].subject, found[2].body) == ("odd", "somebody", b"word=here")
