"""Who calls the service and why, one file each; WORKLOADS is the table.

Other packages register theirs as entry points of the group ``nines.workloads``.
"""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Final

from scenarios.workloads.envelope import EnvelopeClient
from scenarios.workloads.failover import FailoverClient
from scenarios.workloads.herd import HerdClient
from scenarios.workloads.key_states import KeyStatesClient
from scenarios.workloads.leak import LeakClient
from scenarios.workloads.multi_region import MultiRegionClient
from scenarios.workloads.replay import ReplayClient
from scenarios.workloads.responder import Responder
from scenarios.workloads.sdk import CallerSettings, SdkClient
from scenarios.workloads.services import ServiceClient
from scenarios.workloads.steady import SteadyClient
from sim.registry import Registry, subclass

_OURS: Final[dict[str, type[SdkClient]]] = {
    "envelope": EnvelopeClient,
    "key-states": KeyStatesClient,
    "failover": FailoverClient,
    "herd": HerdClient,
    "leak": LeakClient,
    "multi-region": MultiRegionClient,
    "replay": ReplayClient,
    "responder": Responder,
    "services": ServiceClient,
    "steady": SteadyClient,
}


def _accept(name: str, part: object) -> Mapping[str, Callable[[], type[SdkClient]]]:
    kind = subclass(part, SdkClient, name, "label", public="scenarios.SdkClient")
    for ours, other in _OURS.items():
        if name == other.label:
            raise ValueError(f"expected another name, as callers of {ours!r} are called {name!r}")
    settings = kind.Settings
    if settings is None or not is_dataclass(settings) or not issubclass(settings, CallerSettings):
        raise ValueError("expected Settings, a dataclass derived from scenarios.CallerSettings")
    return {name: lambda: kind}


WORKLOADS: Final[Registry[type[SdkClient]]] = Registry(
    "nines.workloads", "workload", _OURS, _accept
)
