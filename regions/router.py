"""The global router: one name space of regional endpoints, at every caller's site.

It runs where the caller is, as a resolver does, and holds a table, no state and no keys. A call
leaves the caller's region only if the caller addressed another region's endpoint; nothing is ever
forwarded because of what a call contains.
What does not belong here: choosing an AZ (region.py), or reading keys' names (kms/).
Source: AWS KMS Developer Guide, "AWS KMS endpoints": one endpoint per region, none global.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from regions.calls import ApiCall
from regions.endpoints import endpoint_of
from regions.messages import RouteUnknown
from regions.trail.messages import RegionJoined
from sim.actor import Actor, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterConfig:
    """The table: service and region to the actor that serves it."""

    endpoints: dict[tuple[str, str], str]


def with_region(
    endpoints: Mapping[tuple[str, str], str], joined: RegionJoined
) -> dict[tuple[str, str], str]:
    """Return the table with the endpoints of one more region."""
    region = joined.region
    kms: str = joined.services["kms"]
    return {**endpoints, ("kms", region): kms, ("cloudtrail", region): joined.trail}


class Router(Actor):
    """Takes each call to the endpoint that its caller addressed."""

    kind: ClassVar[str] = "router"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({ApiCall, RegionJoined})

    def __init__(self, config: RouterConfig) -> None:
        self._endpoints = config.endpoints

    def receive(self, request: Request) -> None:
        """Forward a call; an endpoint that is not there is an error of resolution.

        A region that was launched is learned of.

        Raises:
          RouteUnknown: no such endpoint in this world.
        """
        if isinstance(request.body, RegionJoined):
            self._endpoints = with_region(self._endpoints, request.body)
            return
        call: ApiCall = request.body
        endpoint = endpoint_of(self._endpoints, call)
        if endpoint is None:
            raise RouteUnknown(f"{call.service}.{call.region}.amazonaws.com")
        request.forward(endpoint)
