"""Applications that catch up: what fails while the service is away is done once it is back.

Steady callers with a memory. A call that fails for good is kept; the first success after that
tells the client that the service is back, and it does again all that it has kept: at once, or,
with jitter, each at a random moment of the catch-up time. What fails then is kept again.
What does not belong here: the steady part (steady.py), retries of one call (sdk.py).
Source: incidents with a second outage at recovery: AWS us-east-1, 7 December 2021 and 20 October
2025; Google Cloud, 12 June 2025; Azure East US, 3 February 2026. The figures are chosen.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from regions.errors import ServiceError
from scenarios.workloads.sdk import Unavailable
from scenarios.workloads.steady import SteadyClient, SteadySettings
from sim.units import minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class HerdSettings(SteadySettings):
    """How much each client keeps, and how it comes back."""

    backlog: int = 100  #: failed calls that a client keeps; more are forgotten
    catch_up_ns: int = minutes(2)  #: over which a backlog is spread, with jitter


class HerdClient(SteadyClient):
    """Applications that do again, once the service is back, what failed while it was away."""

    Settings: ClassVar[type[Any] | None] = HerdSettings
    label: ClassVar[str] = "herd"

    def start(self) -> None:
        """Begin with nothing kept."""
        self._undone: list[str] = []
        super().start()

    async def one_call(self, action: str) -> None:
        """Make one call; keep it when it fails, do what is kept when it succeeds."""
        try:
            await self.perform(action)
        except (Unavailable, ServiceError):
            if len(self._undone) < self.config.settings.backlog:
                self._undone.append(action)
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        settings: HerdSettings = self.config.settings
        undone, self._undone = self._undone, []
        for action in undone:
            share = self.rng("catch-up").random() if settings.jitter else 0
            self.after(int(share * settings.catch_up_ns), self.spawn, self.one_call, action)
