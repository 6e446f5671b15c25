"""Walks many paths in fixed chunks, on threads, processes or a cluster: always the same bits.

Chunks are cut by path number alone and summed in their order, exactly rounded; every path has dice
of its own. So neither the executor nor the number of workers shows in a result.
What does not belong here: what a path is (chain_paths.py, clock_paths.py), judging (answer.py).
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any, Final, Protocol

from scenarios.durability.estimate.tally import Tally, merged

#: Paths of one chunk: some 10 ms of work, so that a task's own cost vanishes; chosen.
CHUNK: Final = 16_384
#: Where chunks can be walked. Kernels release the interpreter's lock, so threads are the default.
EXECUTORS: Final = ("threads", "processes", "cluster")


class Paths(Protocol):
    """What can be walked in chunks."""

    @property
    def name(self) -> str:
        """What the estimator is called."""

    def walk(self, first: int, count: int, seed: int) -> Tally:
        """Return the tally of the paths first..first + count - 1."""


class ClusterError(RuntimeError):
    """A cluster cannot be used; the text says why."""


def walk_all(
    paths: Paths,
    *,
    count: int,
    seed: int,
    executor: str = "threads",
    workers: int = 1,
    cluster: str | None = None,
    advance: Callable[[int, int], None] | None = None,
) -> Tally:
    """Return the tally of ``count`` paths.

    Args:
      seed: 0–2**64 - 1.
      executor: one of EXECUTORS.
      workers: of threads or processes; 1 and more.
      cluster: the address of a dask scheduler, for that executor; None starts workers here.
      advance: told after each chunk (paths done, all paths).
    Raises:
      ClusterError: dask is not installed, or the scheduler does not answer.
    """
    assert executor in EXECUTORS, executor
    assert count > 0, "nothing to walk"
    assert workers > 0, "nobody to walk it"
    chunks = [(first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    walk = partial(_walk, paths, seed)
    found: list[Tally] = []
    done = 0
    with _mapper(executor, workers, cluster) as mapped:
        for tally in mapped(walk, chunks):
            found.append(tally)
            done += tally.paths
            if advance is not None:
                advance(done, count)
    return merged(found)


Walk = Callable[[tuple[int, int]], Tally]


def _walk(paths: Paths, seed: int, chunk: tuple[int, int]) -> Tally:
    return paths.walk(*chunk, seed)


@contextmanager
def _mapper(
    executor: str, workers: int, cluster: str | None
) -> Iterator[Callable[[Walk, list[tuple[int, int]]], Iterable[Tally]]]:
    """Yield a function like ``map``, in order."""
    if executor == "cluster":
        with _dask(workers, cluster) as client:
            yield lambda walk, chunks: client.gather(client.map(walk, chunks, pure=False))
        return
    if executor == "threads" and workers == 1:
        yield map
        return
    pool: Executor
    if executor == "threads":
        pool = ThreadPoolExecutor(workers)
    else:
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    with pool:
        yield pool.map


@contextmanager
def _dask(workers: int, address: str | None) -> Iterator[Any]:
    try:
        import distributed  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise ClusterError("a cluster needs dask: pip install 'elevennines[cluster]'") from error
    new_client: Any = distributed.Client  # its types are half there
    try:
        if address is None:
            client = new_client(n_workers=workers, threads_per_worker=1, dashboard_address=None)
        else:
            client = new_client(address, timeout="10s")
    except OSError as error:
        raise ClusterError(f"scheduler {address!r} of the cluster does not answer") from error
    with client:
        yield client
