"""A campaign: many drawn worlds over many processes, what failed is kept and tried first next time.

Each seed is a task of its own, so the same campaign gives the same outcomes however many processes
run it: what a round aims at depends only on rounds that every process has finished.
What does not belong here: one world (swarm_worker.py), what to aim at (steering.py), and the
command (commands/swarm.py).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from scenarios.coverage import PHASES, PROBES, Met
from scenarios.extras import portfolio_with
from scenarios.run_folder import write_whole
from scenarios.steering import Steering
from scenarios.swarm_worker import BROKEN, ERROR, HANG, HOLDS, Outcome, Task, run_task
from scenarios.version import VERSION
from scenarios.ways import way

#: Seeds between two looks at what was met; chosen: small, so that aiming begins early.
ROUND: Final = 16
#: Below so many seeds a rare place may be missed by chance; probes are then only reported.
PROBES_FROM: Final = 200
_FOLDER: Final = Path(".nines") / "swarm"


class StateError(ValueError):
    """A campaign's kept state cannot be used; the text names the file and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What to run."""

    seeds: int
    first: int = 1
    jobs: int = 1
    beyond: bool = False
    scenario: str = ""  #: a scenario file's text that every seed runs; "" draws worlds
    retry: bool = True  #: begin with what failed before
    promises: tuple[str, ...] = ()  #: what is judged beside the usual
    workloads: tuple[str, ...] = ()  #: who calls in drawn worlds beside the usual callers
    faults: tuple[str, ...] = ()  #: what comes up often in drawn plans

    def identity(self) -> dict[str, Any]:
        """Return what must be the same for a campaign to be gone on with."""
        same = {"first": self.first, "beyond": self.beyond, "scenario": self.scenario}
        more = {
            "promises": list(self.promises),
            "workloads": list(self.workloads),
            "faults": list(self.faults),
        }
        return same | {name: names for name, names in more.items() if names} | {"version": VERSION}


@dataclass
class Summary:
    """What a campaign came to so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    probes: Counter[str] = field(default_factory=Counter)
    met: Counter[Met] = field(default_factory=Counter)
    steering: Steering = field(default_factory=Steering)
    wall_s: float = 0.0
    calls: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.outcomes.append(outcome)
        self.verdicts[outcome.verdict] += 1
        self.wall_s += outcome.wall_s
        self.calls += outcome.calls
        self.probes.update(outcome.probes)
        self.met.update(outcome.met)
        self.steering.learn(outcome.met)

    @property
    def failures(self) -> list[Outcome]:
        """The outcomes of seeds that failed."""
        return [outcome for outcome in self.outcomes if not outcome.holds]

    @property
    def runs(self) -> int:
        """How many seeds were run."""
        return self.verdicts.total()

    def coverage(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return fault -> role -> phase -> runs, with every role that a fault can be aimed at."""
        found = {
            fault: {role: dict.fromkeys(PHASES, 0) for role in roles}
            for fault, roles in self.steering.table().items()
        }
        for (fault, role, phase), count in sorted(self.met.items()):
            roles = found.setdefault(fault, {})
            roles.setdefault(role, dict.fromkeys(PHASES, 0))[phase] = count
        return found

    def missed(self) -> tuple[str, ...]:
        """Return the probes that no run has hit."""
        return tuple(name for name in PROBES if not self.probes[name])

    def passed(self, *, drawn: bool = True) -> bool:
        """Whether nothing failed, and every probe was hit once there were chances enough."""
        enough = drawn and self.runs >= PROBES_FROM
        return not self.failures and not (enough and self.missed())


class State:
    """What a campaign keeps between two calls of the command, under one folder.

    All methods raise StateError when a file cannot be read or written.
    """

    def __init__(self, under: Path) -> None:
        self.results = under / _FOLDER / "results.jsonl"
        self.failing = under / _FOLDER / "failing.json"

    def resume(self, campaign: Campaign) -> tuple[list[Outcome], int]:
        """Return the outcomes of a campaign that was broken off, and how many it had to retry.

        Raises:
          StateError: there is none, or it was another campaign.
        """
        try:
            with _told(self.results, "read"):
                lines = self.results.read_text(encoding="utf-8").splitlines()
            before = json.loads(lines[0])
            again = int(before.pop("again"))
            # The last line may be half a line: the process was killed as it wrote.
            whole = [line for line in lines[1:] if line.endswith("}")]
            outcomes = [Outcome.from_json(json.loads(line)) for line in whole]
        except (FileNotFoundError, NotADirectoryError):
            raise StateError(f"nothing to resume: there is no {self.results}") from None
        except StateError:
            raise
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise StateError(f"{self.results} is no campaign's results: {error}") from error
        if before != campaign.identity():
            raise StateError(
                f"{self.results} holds another campaign (first seed {before.get('first')}, "
                f"version {before.get('version')}); run without --resume to begin anew"
            )
        return outcomes, again

    def begin(
        self, campaign: Campaign, outcomes: Iterable[Outcome] = (), *, again: int = 0
    ) -> None:
        """Start the results of a campaign, of which the first ``again`` are retried ones."""
        head = campaign.identity() | {"again": again}
        lines = [head, *(outcome.to_json() for outcome in outcomes)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        _write(self.results, text)

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome."""
        with _told(self.results, "written"), self.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(outcome.to_json()) + "\n")

    def failed_before(self) -> tuple[Task, ...]:
        """Return what failed last time and has not held since."""
        try:
            with _told(self.failing, "read"):
                text = self.failing.read_text("utf-8")
            return tuple(Task.from_json(values) for values in json.loads(text))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except StateError:
            raise
        except (TypeError, ValueError) as error:
            raise StateError(f"{self.failing} is no list of failing seeds: {error}") from error

    def keep_failing(self, tasks: Iterable[Task]) -> None:
        """Keep what to try first next time."""
        found = json.dumps([asdict(task) for task in tasks], indent=1)
        _write(self.failing, found + "\n")


@contextmanager
def _told(path: Path, verb: str) -> Iterator[None]:
    """Turn an error of the file system into one that names the file.

    Raises:
      StateError: the block met such an error; a missing file passes as it is.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise StateError(f"{path} cannot be {verb} ({error.strerror})") from error


def _write(path: Path, text: str) -> None:
    """Write a file of a campaign, whole or not at all.

    Raises:
      StateError: it cannot be written, or its folder not be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        where = str(path.parent)
        raise StateError(f"folder {where!r} cannot be made ({error.strerror})") from error
    with _told(path, "written"):
        write_whole(path, text)


def run_campaign(
    campaign: Campaign,
    under: Path,
    *,
    resume: bool = False,
    seen: Callable[[Outcome, int, int], None] = lambda _outcome, _done, _all: None,
) -> Summary:
    """Run a campaign and return what it came to.

    Args:
      under: results and run folders are kept in ``.nines`` here.
      resume: leave out the seeds that a broken-off campaign has done.
      seen: called with each outcome, how many are done, and how many there are.
    Raises:
      StateError: what an earlier campaign left cannot be used.
    """
    state, summary = State(under), Summary()
    before, again = state.resume(campaign) if resume else ([], 0)
    failing = dict.fromkeys(state.failed_before())
    done = {outcome.task: outcome for outcome in before}
    retried = [task for task in failing if campaign.retry and task not in done]
    repeats = {outcome.task for outcome in before[:again]} | set(retried)
    state.begin(campaign, before, again=len(before[:again]) + len(retried))
    total = campaign.seeds + len(repeats)
    for outcome in before:
        summary.add(outcome)
        _remember(failing, outcome)
    with _pool(campaign.jobs) as submit:
        for outcome, fresh in _outcomes(campaign, retried, done, submit, str(under)):
            if not fresh:
                # It was tried first, and counts once.
                total -= outcome.task in repeats
                continue
            state.add(outcome)
            summary.add(outcome)
            _remember(failing, outcome)
            state.keep_failing(failing)
            seen(outcome, summary.runs, total)
    state.keep_failing(failing)
    return summary


def _remember(failing: dict[Task, None], outcome: Outcome) -> None:
    if outcome.holds:
        failing.pop(outcome.task, None)
    else:
        failing[outcome.task] = None


Submit = Callable[[Task, str], "Future[Outcome]"]


def _outcomes(
    campaign: Campaign,
    retried: list[Task],
    done: dict[Task, Outcome],
    submit: Submit,
    under: str,
) -> Iterator[tuple[Outcome, bool]]:
    """Yield outcomes in the order of their tasks: first what failed before, then new seeds.

    With each comes whether it is fresh, that is neither in ``done`` nor among the retried.
    """
    first = [submit(task, under) for task in retried]
    for future in first:
        outcome = future.result()
        yield outcome, True
        done[outcome.task] = outcome
    steering = Steering(portfolio_with(campaign.faults))
    learnt: list[list[Outcome]] = []
    rounds: list[list[tuple[Task, Future[Outcome] | None]]] = []
    numbers = list(range(campaign.seeds))
    starts = range(0, len(numbers), ROUND)
    for place, start in enumerate(starts):
        # The round before last is over everywhere; the last one may still keep workers busy.
        if place >= 2:
            learnt.append([])
            for outcome in _finish(rounds[place - 2], done):
                learnt[-1].append(outcome)
                yield outcome, outcome.task not in done
            for outcome in learnt[-1]:
                steering.learn(outcome.met)
        tasks = [_task(campaign, number, steering) for number in numbers[start : start + ROUND]]
        rounds.append(
            [(task, None if task in done else submit(task, under)) for task in tasks]
        )
    for waiting in rounds[max(0, len(rounds) - 2) :]:
        for outcome in _finish(waiting, done):
            yield outcome, outcome.task not in done


def _finish(
    waiting: list[tuple[Task, "Future[Outcome] | None"]], done: dict[Task, Outcome]
) -> Iterator[Outcome]:
    for task, future in waiting:
        yield done[task] if future is None else future.result()


def _task(campaign: Campaign, number: int, steering: Steering) -> Task:
    scenario = campaign.scenario or way(number)
    return Task(
        seed=campaign.first + number,
        focus="" if scenario else steering.focus(number),
        beyond=campaign.beyond,
        scenario=scenario,
        promises=campaign.promises,
        workloads=campaign.workloads,
        faults=campaign.faults,
    )


class _pool:  # noqa: N801 - a context manager that reads like a function
    """Give a way to submit tasks: in this process for one job, else over fresh processes."""

    def __init__(self, jobs: int) -> None:
        # Forked processes would share what the parent has imported and drawn; spawned ones not.
        self._pool = (
            ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) if jobs > 1 else None
        )

    def __enter__(self) -> Submit:
        return self._submit

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _submit(self, task: Task, under: str) -> "Future[Outcome]":
        if self._pool is not None:
            return self._pool.submit(run_task, task, under)
        return _Lazy(task, under)


class _Lazy(Future[Outcome]):
    """A task that this process runs when its outcome is asked for."""

    def __init__(self, task: Task, under: str) -> None:
        super().__init__()
        self._task, self._under = task, under

    def result(self, timeout: float | None = None) -> Outcome:
        """Run the task the first time."""
        if not self.done():
            self.set_result(run_task(self._task, self._under))
        return super().result(timeout)


__all__ = [
    "BROKEN",
    "ERROR",
    "HANG",
    "HOLDS",
    "Campaign",
    "State",
    "StateError",
    "Summary",
    "run_campaign",
]
