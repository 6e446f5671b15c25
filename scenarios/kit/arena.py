"""The arena of a cloud: an application calls here, and services call each other on its behalf.

What does not belong here: what the application saw (ledger.py), and judging (judgement.py).
"""

from collections.abc import Iterator
from typing import Any

from regions.calls import Principal
from regions.deployment import Deployment
from regions.topology import Topology
from regions.trail.messages import HistoryPage, ReadHistory
from scenarios.arena import Arena
from sim.check.history import Call
from sim.world import SimWorld


class CloudArena(Arena):
    """An arena in which services make calls on behalf of those who called them."""

    def __init__(
        self, world: SimWorld, deployment: Deployment, topology: Topology | None = None
    ) -> None:
        super().__init__(world, deployment, topology)
        #: (region, key id) -> the root of its account, of keys that are judged.
        self.owners: dict[tuple[str, str], Principal] = {}
        self.kept: set[tuple[str, str]] = set()  #: keys of which a blob is kept
        self._on_behalf: tuple[Call, ...] = ()

    def api(
        self,
        region: str,
        action: str,
        parameters: dict[str, Any],
        principal: Principal | None = None,
        *,
        service: str = "kms",
        to: str = "",
    ) -> dict[str, Any]:
        """Call one API action from outside; nobody named is the owner of the key.

        Raises:
          ServiceError: the service refused.
          Expired: every attempt went unanswered.
        """
        who = principal or self.owners.get((region, parameters.get("KeyId", "")))
        return super().api(region, action, parameters, who, service=service, to=to)

    def calls(self) -> Iterator[Call]:
        """Yield the application's calls, and those that services made on its behalf."""
        yield from super().calls()
        yield from self._on_behalf

    def collect(self) -> None:
        """Read event history; what a service asked of another is known from nowhere else."""
        super().collect()
        found = []
        for region, trail in self.deployment.trails.items():
            after, more = 0, True
            while more:
                page: HistoryPage = self.world.ask(trail, ReadHistory(after=after))
                after, more = page.next, page.truncated
                found += [
                    Call(
                        caller=record.principal.invoked_by,
                        place=region,
                        service=record.source.partition(".")[0],
                        action=record.name,
                        request_id=record.request_id,
                        begin_ns=record.time_ns - self.world.kernel.epoch_ns,
                        outcome=record.error_code or "ok",
                        definite=False,
                    )
                    for record in page.records
                    if record.principal.invoked_by
                ]
        self._on_behalf = tuple(found)
