"""What a run leaves behind, as plain frozen values.

What does not belong here: measuring (stats.py), showing (report.py), keeping (run_folder.py).
Times of a run are nanoseconds of virtual time since its start, unless a field says otherwise.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: The stretches that a run is judged by: before the first fault, until the last heals, after it.
BEFORE: Final = "before"
DURING: Final = "during"
AFTER: Final = "after"
#: The one stretch of a run without faults.
WHOLE: Final = "whole run"
PHASES: Final = (BEFORE, DURING, AFTER, WHOLE)

#: Outcomes that are not error codes of the service.
OK: Final = "ok"
TIMEOUT: Final = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that was done to the system, or that the system did about it."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpan:
    """One fault of the plan, with the times at which it began and was healed."""

    line: str  #: the plan line, its times written out
    begin_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long the successful calls of one region took in one phase."""

    region: str
    phase: str  #: one of PHASES
    count: int
    p50_ns: int
    p90_ns: int
    p99_ns: int
    p999_ns: int
    max_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """How many calls of one region were served in one phase.

    A call is served when the service answered it and the answer was not the service's own failure
    (HTTP 5xx); a refusal that the caller earned, such as AccessDeniedException, is service.
    """

    region: str
    phase: str  #: one of PHASES
    calls: int
    served: int  #: 0 <= served <= calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How long the audit records of one trail took from the call to the bucket."""

    trail: str
    count: int
    median_ns: int
    p95_ns: int
    p99_ns: int
    max_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one promise came to."""

    name: str
    holds: bool
    checked: int  #: how many times the promise was put to the test; 0 proves nothing
    detail: str  #: one line: what was compared or, when broken, the first counterexample
    time_ns: int | None = None  #: when the first counterexample was seen
    violations: tuple[tuple[int, str], ...] = ()  #: counterexamples with their times
    excused: tuple[str, ...] = ()  #: what was lost or refused and may have been, with the reason

    @property
    def word(self) -> str:
        """``holds``, ``BROKEN``, ``allowed`` or ``unchecked``.

        ``allowed``: something was lost or refused, and the plan went beyond what must be survived,
        or a setting permits it. ``unchecked``: nothing put the promise to the test, or a part of
        it was too much to judge, as the detail says.
        """
        if not self.holds:
            return "BROKEN"
        if self.excused:
            return "allowed"
        return "holds" if self.checked else "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Recorded events that a replay leaves out, with the reason and a few of their names."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySummary:
    """What became of the events of a replayed folder."""

    source: str  #: the folder, as given
    replayed: Mapping[str, int]  #: API action -> calls issued again
    passed_through: Mapping[str, int]  #: event source -> events handed to the trails as recorded
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Everything that one run has to say; equal runs give equal results."""

    scenario: str
    summary: str  #: the scenario in one line
    seed: int
    version: str
    trace_hash: str  #: hexadecimal
    topology: Mapping[str, tuple[str, ...]]  #: region -> its AZ ids
    span_ns: int  #: virtual length of the run
    plan: tuple[str, ...]  #: the faults, one plan line each
    faults: tuple[FaultSpan, ...] = ()  #: the same, each with the span it had
    timeline: tuple[TimelineEntry, ...]  #: in order of time
    calls: Mapping[str, Mapping[str, int]]  #: region -> outcome (OK, TIMEOUT, error code) -> count
    latency: tuple[Latency, ...]
    availability: tuple[Availability, ...]
    delivery: tuple[Delivery, ...]
    promises: tuple[Verdict, ...]
    command: str  #: runs exactly this again; see replay_command
    replay: ReplaySummary | None = None
    statistics: Mapping[str, Any] = field(default_factory=dict)  #: plain values, by subject

    @property
    def holds(self) -> bool:
        """True when no promise is broken."""
        return all(verdict.holds for verdict in self.promises)


def replay_command(scenario: str, *, seed: int, replay: str | None = None) -> str:
    """Return the shell line that runs a scenario again with the same seed and log folder."""
    words = ["nines", "run", scenario, "--seed", str(seed)]
    if replay is not None:
        words += ["--replay", replay]
    return shlex.join(words)
