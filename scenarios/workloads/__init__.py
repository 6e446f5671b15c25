"""Who calls the service and why, one file each; WORKLOADS is the table."""

from typing import Final

from scenarios.workloads.envelope import EnvelopeClient
from scenarios.workloads.herd import HerdClient
from scenarios.workloads.key_states import KeyStatesClient
from scenarios.workloads.replay import ReplayClient
from scenarios.workloads.sdk import SdkClient
from scenarios.workloads.services import ServiceClient
from scenarios.workloads.steady import SteadyClient

WORKLOADS: Final[dict[str, type[SdkClient]]] = {
    "envelope": EnvelopeClient,
    "key-states": KeyStatesClient,
    "herd": HerdClient,
    "replay": ReplayClient,
    "services": ServiceClient,
    "steady": SteadyClient,
}
