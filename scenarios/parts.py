"""The tables and the one function that the command line stands on, behind one value.

What does not belong here: the tables themselves. They are imported late, because they pull in the
whole simulator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scenarios.result import RunResult


class RunFunction(Protocol):
    """Runs one scenario; see scenarios/run.py."""

    def __call__(
        self,
        scenario: Any,
        /,
        *,
        seed: int,
        replay: Any,
        progress: Callable[[int, int], None] | None,
        observers: Sequence[Any] = (),
    ) -> RunResult:
        """Return the outcome; ``progress`` is called with the virtual time and its end, in ns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What runs can be made of: tables of name -> object, and the function that runs one."""

    scenarios: Mapping[str, Any]
    workloads: Mapping[str, Any]
    faults: Mapping[str, Any]
    promises: Mapping[str, Any]
    run: RunFunction
    sample_logs: Any  #: the module that simulates and writes them


def installed_parts() -> Parts:
    """Return the parts of this installation."""
    from regions.faults import FAULTS  # noqa: PLC0415 - see the module's docstring
    from scenarios import sample_logs  # noqa: PLC0415
    from scenarios.catalogue import SCENARIOS  # noqa: PLC0415
    from scenarios.invariants import INVARIANTS  # noqa: PLC0415
    from scenarios.run import run  # noqa: PLC0415
    from scenarios.workloads import WORKLOADS  # noqa: PLC0415

    return Parts(
        scenarios=SCENARIOS,
        workloads=WORKLOADS,
        faults=FAULTS,
        promises=INVARIANTS,
        run=run,
        sample_logs=sample_logs,
    )
