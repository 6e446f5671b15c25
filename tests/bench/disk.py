"""Flushes per second of the live disk, beside a thread per operation and the bare drive.

One writer appends a record and waits until it is durable, again and again; or eight do on one
disk. Ours has one thread a disk, which syncs once for all that wait. The peer has Trio's worker
threads: a write by its caller, then ``trio.to_thread.run_sync(os.fdatasync)``, one for each wait.
Beside them the drive itself: write and fdatasync in a loop. Rounds are interleaved and medians
compared, so that whatever else the drive does slows all alike.

    python tests/bench/disk.py [--json] [--quick] [--folder DIR]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import trio

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sim.file_disk import FileDisk, Mode

#: As long as the audit record of an Encrypt call.
RECORD: Final = b"r" * 700
WRITERS: Final = 8
#: Chosen: short rounds and many, since a drive is busy with others in bursts.
FLUSHES, FLUSHES_QUICK = 40, 16
ROUNDS, ROUNDS_QUICK = 60, 1

Save = Callable[[], Awaitable[None]]


def bare_us(folder: Path, flushes: int) -> float:
    """Return the median time of one write and one fdatasync."""
    fd = os.open(folder / "bare", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.fsync(fd)
    times = []
    for number in range(flushes):
        begin = time.perf_counter()
        os.pwrite(fd, RECORD, number * len(RECORD))
        os.fdatasync(fd)
        times.append(time.perf_counter() - begin)
    os.close(fd)
    return statistics.median(times) * 1e6


async def writing(save: Save, writers: int, flushes: int) -> float:
    """Return flushes per second of so many writers that share ``flushes`` of them.

    The first one, which may make a file and a thread, is not measured.
    """
    await save()

    async def writer() -> None:
        for _ in range(flushes // writers):
            await save()

    begin = time.perf_counter()
    async with trio.open_nursery() as nursery:
        for _ in range(writers):
            nursery.start_soon(writer)
    return flushes / (time.perf_counter() - begin)


async def ours(folder: Path, mode: Mode, writers: int, flushes: int) -> tuple[float, float]:
    """Return flushes per second of a live disk, and how many share one sync."""
    token = trio.lowlevel.current_trio_token()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        disk = FileDisk("bench", Path(place), mode, token.run_sync_soon)

        async def save() -> None:
            disk.append("f", RECORD)
            done = trio.Event()
            disk.flush(done.set)
            await done.wait()

        rate = await writing(save, writers, flushes)
        disk.close()
        found = disk.statistics()
        return rate, found["flushes"] / max(1, found["syncs"])


async def threads(folder: Path, writers: int, flushes: int) -> float:
    """Return flushes per second of a worker thread for each sync."""
    fd = os.open(folder / "peer", os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    async def save() -> None:
        os.write(fd, RECORD)
        await trio.to_thread.run_sync(os.fdatasync, fd)

    rate = await writing(save, writers, flushes)
    os.close(fd)
    return rate


def figures(folder: Path, flushes: int, rounds: int) -> dict[str, float]:
    """Return the medians of all rounds."""
    seen: dict[str, list[float]] = {}

    def saw(name: str, value: float) -> None:
        seen.setdefault(name, []).append(value)

    for _ in range(rounds):
        saw("bare_us", bare_us(folder, flushes))
        for writers in (1, WRITERS):
            rate, shared = trio.run(ours, folder, "always", writers, flushes)
            saw(f"always_{writers}_per_s", rate)
            saw(f"always_{writers}_share_one_sync", shared)
            saw(f"batch_{writers}_per_s", trio.run(ours, folder, "batch", writers, flushes)[0])
            saw(f"peer_{writers}_per_s", trio.run(threads, folder, writers, flushes))
    found = {name: round(statistics.median(values), 1) for name, values in seen.items()}
    for writers in (1, WRITERS):
        ratio = found[f"always_{writers}_per_s"] / found[f"peer_{writers}_per_s"]
        found[f"ratio_{writers}"] = round(ratio, 2)
    return found


def as_text(found: dict[str, float]) -> str:
    """Return a table of the figures."""
    lines = [f"the drive: write and fdatasync in {found['bare_us']:.0f} us"]
    lines += [
        f"{writers} writer{'s' * (writers > 1)}: always {found[f'always_{writers}_per_s']:,.0f}"
        f"/s ({found[f'always_{writers}_share_one_sync']:.1f} a sync), "
        f"batch {found[f'batch_{writers}_per_s']:,.0f}/s, "
        f"a thread per sync {found[f'peer_{writers}_per_s']:,.0f}/s: "
        f"{found[f'ratio_{writers}']:.2f} times as many"
        for writers in (1, WRITERS)
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    size = (FLUSHES_QUICK, ROUNDS_QUICK) if options.quick else (FLUSHES, ROUNDS)
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        found = figures(Path(place), *size)
    print(json.dumps(found) if options.json else as_text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
