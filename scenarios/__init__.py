"""What happens: workloads, faults and promises make one run.

``scenarios.run.run(SCENARIOS["az-outage"], seed=7)`` returns a ``RunResult``; ``Arena`` is the
world of a run with what callers and checkers need; ``Cloud`` is one for your own code and its
boto3 clients. Your own promises are subclasses of ``Promise``, your own callers of ``SdkClient``;
entry points or ``register`` make them known by name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scenarios.arena import Arena
    from scenarios.catalogue import SCENARIOS
    from scenarios.invariants import INVARIANTS
    from scenarios.invariants.promise import Promise, Sent
    from scenarios.judges import PromiseError
    from scenarios.kit.cloud import Cloud
    from scenarios.registration import Registration, register
    from scenarios.result import RunResult, Verdict
    from scenarios.scenario import Scenario, Workload
    from scenarios.workloads import WORKLOADS
    from scenarios.workloads.sdk import CallerSettings, ClientConfig, SdkClient, Unavailable
    from sim.registry import PluginError

#: Where each public name lives; loaded at first use, so that ``nines --help`` stays quick.
#: ``run`` is not among them: it is the module ``scenarios.run`` and its function of that name.
_HOMES: Final = {
    "Arena": "scenarios.arena",
    "CallerSettings": "scenarios.workloads.sdk",
    "ClientConfig": "scenarios.workloads.sdk",
    "Cloud": "scenarios.kit.cloud",
    "INVARIANTS": "scenarios.invariants",
    "PluginError": "sim.registry",
    "Promise": "scenarios.invariants.promise",
    "PromiseError": "scenarios.judges",
    "Registration": "scenarios.registration",
    "RunResult": "scenarios.result",
    "SCENARIOS": "scenarios.catalogue",
    "Scenario": "scenarios.scenario",
    "SdkClient": "scenarios.workloads.sdk",
    "Sent": "scenarios.invariants.promise",
    "Unavailable": "scenarios.workloads.sdk",
    "Verdict": "scenarios.result",
    "WORKLOADS": "scenarios.workloads",
    "Workload": "scenarios.scenario",
    "register": "scenarios.registration",
}

__all__ = [
    "INVARIANTS",
    "SCENARIOS",
    "WORKLOADS",
    "Arena",
    "CallerSettings",
    "ClientConfig",
    "Cloud",
    "PluginError",
    "Promise",
    "PromiseError",
    "Registration",
    "RunResult",
    "Scenario",
    "SdkClient",
    "Sent",
    "Unavailable",
    "Verdict",
    "Workload",
    "register",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'scenarios' has no attribute {name!r}")
    return getattr(import_module(home), name)
