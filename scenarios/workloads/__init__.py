"""Who calls the service and why, one file each; WORKLOADS is the table."""

from typing import Final

from scenarios.workloads.envelope import EnvelopeClient
from scenarios.workloads.replay import ReplayClient
from scenarios.workloads.sdk import SdkClient
from scenarios.workloads.services import ServiceClient

WORKLOADS: Final[dict[str, type[SdkClient]]] = {
    "envelope": EnvelopeClient,
    "replay": ReplayClient,
    "services": ServiceClient,
}
