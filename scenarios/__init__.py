"""What happens: workloads, faults and promises make one run.

``scenarios.run.run(SCENARIOS["az-outage"], seed=7)`` returns a ``RunResult``;
``Arena`` is the world of a run
with what callers and checkers need; ``Cloud`` is one for your own code and its boto3 clients.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scenarios.arena import Arena
    from scenarios.catalogue import SCENARIOS
    from scenarios.invariants import INVARIANTS
    from scenarios.kit.cloud import Cloud
    from scenarios.result import RunResult, Verdict
    from scenarios.scenario import Scenario, Workload
    from scenarios.workloads import WORKLOADS

#: Where each public name lives; loaded at first use, so that ``nines --help`` stays quick.
#: ``run`` is not among them: it is the module ``scenarios.run`` and its function of that name.
_HOMES: Final = {
    "Arena": "arena",
    "Cloud": "kit.cloud",
    "INVARIANTS": "invariants",
    "RunResult": "result",
    "SCENARIOS": "catalogue",
    "Scenario": "scenario",
    "Verdict": "result",
    "WORKLOADS": "workloads",
    "Workload": "scenario",
}

__all__ = [
    "INVARIANTS",
    "SCENARIOS",
    "WORKLOADS",
    "Arena",
    "Cloud",
    "RunResult",
    "Scenario",
    "Verdict",
    "Workload",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'scenarios' has no attribute {name!r}")
    return getattr(import_module(f"scenarios.{home}"), name)
