"""Runs one job of the determinism proof, in a process that was made to differ.

Reads a job as JSON from standard input and prints its result as JSON. The heap is cluttered before
anything of the simulator is imported, so that addresses differ as well.
What does not belong here: comparing (determinism.py).
"""

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.arena import Arena
    from sim.trace import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run, and how the process around it differs."""

    scenario: str  #: a scenario file's text
    seed: int
    hash_seed: int = 0  #: PYTHONHASHSEED of the process
    clutter: int = 0  #: objects that are made first, every other of which is dropped
    hypothesis: bool = False  #: import Hypothesis, which makes Trio deterministic process-wide
    after_seed: int | None = None  #: another run of the scenario before this one
    checkpoint_every: int = 0  #: report the hash after every so many events; 0: never
    window: tuple[int, int] | None = None  #: report these events, counted from 1


class _Watch:
    """Keeps hashes at checkpoints and the events of a window, from the boot of the world on."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.checkpoints: list[str] = []
        self.window: list[list[Any]] = []  #: number and text of each event

    def attach(self, arena: "Arena") -> None:
        """Follow every event, if anything is wanted of them."""
        every, window = self._job.checkpoint_every, self._job.window
        trace, codec = arena.world.trace, arena.world.kernel.codec

        def seen(event: "Event") -> None:
            if every and trace.count % every == 0:
                self.checkpoints.append(trace.hash)
            if window and window[0] <= trace.count <= window[1]:
                what = event.body.hex() if event.kind == "deliver" else repr(event.body)
                if event.kind == "deliver" and codec is not None:
                    what = f"{codec.name(event.body)} {what}"
                text = f"{event.time_ns} {event.kind} {event.subject} {what}"
                self.window.append([trace.count, text])

        if every or window:
            trace.observers.append(seen)


def perform(job: Job) -> dict[str, Any]:
    """Run a job and return its trace hash, checkpoints and window."""
    from scenarios.files import loads  # noqa: PLC0415 - after the heap was cluttered
    from scenarios.run import run  # noqa: PLC0415 - the same

    watch = _Watch(job)
    scenario = loads(job.scenario, "job")
    result = run(scenario, seed=job.seed, observers=[watch])
    return {
        "hash": result.trace_hash,
        "checkpoints": watch.checkpoints,
        "window": watch.window,
    }


def main() -> None:
    """Read a job, make this process differ, run it, print its result."""
    values = json.load(sys.stdin)
    window = values.pop("window")
    job = Job(**values, window=None if window is None else (window[0], window[1]))
    clutter = [bytearray(17 * (number % 97) + 1) for number in range(job.clutter)]
    del clutter[::2]
    if job.hypothesis:
        import hypothesis  # noqa: F401, PLC0415 - its import is the point
    if job.after_seed is not None:
        perform(Job(scenario=job.scenario, seed=job.after_seed))
    sys.stdout.write(json.dumps(perform(job)))


if __name__ == "__main__":
    main()
