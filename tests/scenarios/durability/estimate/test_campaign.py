"""Campaigns give the same bits on every executor and with any number of workers."""

from dataclasses import replace

import pytest

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import arrays_of
from scenarios.durability.estimate.campaign import CHUNK, walk_all
from scenarios.durability.estimate.chain import balanced
from scenarios.durability.estimate.chain_paths import ChainPaths
from scenarios.durability.estimate.tally import OTHER, Tally, merged
from tests.scenarios.durability.models import M4

COUNT = 3 * CHUNK + 1_000


@pytest.fixture(scope="module")
def paths() -> ChainPaths:
    found = arrays_of(build(M4)).chain
    return ChainPaths(name="", chain=found, bias=balanced(found), mission=1.0, stream=0)


@pytest.fixture(scope="module")
def alone(paths: ChainPaths) -> Tally:
    return walk_all(paths, count=COUNT, seed=3)


@pytest.mark.parametrize(("executor", "workers"), [("threads", 3), ("processes", 1)])
def test_workers_do_not_show_in_the_result(
    paths: ChainPaths, alone: Tally, executor: str, workers: int
) -> None:
    assert walk_all(paths, count=COUNT, seed=3, executor=executor, workers=workers) == alone
    assert alone.paths == COUNT


@pytest.mark.campaign
def test_many_processes_do_not_show_in_the_result(paths: ChainPaths, alone: Tally) -> None:
    assert walk_all(paths, count=COUNT, seed=3, executor="processes", workers=3) == alone


@pytest.mark.campaign
def test_a_cluster_does_not_show_in_the_result(paths: ChainPaths, alone: Tally) -> None:
    pytest.importorskip("distributed")
    assert walk_all(paths, count=COUNT, seed=3, executor="cluster", workers=2) == alone


def test_another_seed_is_another_result(paths: ChainPaths, alone: Tally) -> None:
    assert walk_all(paths, count=COUNT, seed=4).total != alone.total


def test_progress_is_told_after_each_chunk(paths: ChainPaths) -> None:
    told: list[tuple[int, int]] = []
    walk_all(paths, count=CHUNK + 5, seed=1, advance=lambda *done: told.append(done))
    assert told == [(CHUNK, CHUNK + 5), (CHUNK + 5, CHUNK + 5)]


def test_chunks_are_summed_exactly() -> None:
    # In floating point (1e16 + 1) + (1 - 1e16) is 0 or 2, as the order has it; exactly it is 2.
    one = Tally(paths=1, total=1e16, squares=1.0, largest=3.0, losses=1, signatures=((1, 1e16),))
    parts = [one, replace(one, total=1.0, signatures=((1, 1.0), (OTHER, 1.0)), largest=5.0),
             replace(one, total=1.0, signatures=()),
             replace(one, total=-1e16, signatures=((1, -1e16),))]  # fmt: skip
    expected = Tally(
        paths=4, total=2.0, squares=4.0, largest=5.0, losses=4, signatures=((1, 1.0), (OTHER, 1.0))
    )
    assert merged(parts) == merged(reversed(parts)) == expected
