"""The buckets of a run that is made again, and the keys that signed its digests.

What does not belong here: making it again (log_sources.py), what is said of objects (log_chain.py).
"""

from collections.abc import Iterator
from typing import Any, Final

from regions.calls import ApiCall
from scenarios.arena import Arena
from scenarios.log_chain import LATE, Question
from scenarios.log_objects import Chain, Place, Stored
from scenarios.log_world import WorldObjects
from sim.actor import Expired
from sim.units import NS_PER_SECOND
from sim.wire import Refusal

#: Keys valid at any time: the service's times are seconds since 1970.
_ALWAYS: Final = {"StartTime": 0, "EndTime": 2**33}


def public_keys(arena: Arena, region: str) -> dict[str, bytes]:
    """Return fingerprint -> public key of a region; no call is recorded that anybody judges yet."""
    parameters: dict[str, Any] = dict(_ALWAYS)
    found: dict[str, bytes] = {}
    while True:
        call = ApiCall(
            service="cloudtrail",
            region=region,
            action="ListPublicKeys",
            parameters=parameters,
            principal=arena.administrator(),
            source_ip="203.0.113.5",
            user_agent="validator",
        )
        try:
            body = arena.world.ask(arena.deployment.trails[region], call).body
        except (Expired, Refusal):
            return found
        found |= {key["Fingerprint"]: key["Value"] for key in body["PublicKeyList"]}
        if "NextToken" not in body:
            return found
        parameters["NextToken"] = body["NextToken"]


class KeptObjects:
    """Objects that were read while their world still went on."""

    def __init__(self) -> None:
        self._kept: dict[Place, Stored] = {}
        self._delivered_s: dict[Place, int | None] = {}

    def keep(self, objects: WorldObjects) -> None:
        """Read all that is there."""
        for place in objects.places():
            stored = objects.get(place)
            if stored is not None:
                self._kept[place] = stored
                self._delivered_s[place] = objects.delivered_s(place)

    def places(self) -> Iterator[Place]:
        """Yield where objects lay."""
        yield from self._kept

    def get(self, place: Place) -> Stored | None:
        """Return one object."""
        return self._kept.get(place)

    def delivered_s(self, place: Place) -> int | None:
        """Return when an object was stored, in seconds since 1970."""
        return self._delivered_s.get(place)


class ChainKeeper:
    """An observer that reads every trail's bucket once everything is over."""

    def __init__(self) -> None:
        self._objects = KeptObjects()
        self._keys: dict[str, bytes] = {}
        self._latest: dict[Chain, int] = {}

    def attach(self, _arena: Arena) -> None:
        """Watch nothing while it goes on."""

    def conclude(self, arena: Arena) -> None:
        """Read the buckets, and ask every region for its keys."""
        now = arena.world.calendar_ns // NS_PER_SECOND - LATE
        sites = {t.bucket: arena.deployment.buckets[t.home] for t in arena.trails.values()}
        self._objects.keep(WorldObjects(arena.world, sites, arena.unseal))
        for region in arena.regions:
            self._keys |= public_keys(arena, region)
        for trail in arena.trails.values():
            for region in arena.regions if trail.multi_region else (trail.home,):
                if trail.validates:
                    self._latest[Chain(trail.account, trail.name, trail.home, region)] = now

    def question(self, since: int, until: int | None) -> Question:
        """Return what there is to validate."""
        return Question(
            objects=self._objects,
            keys=self._keys,
            since=since,
            until=until,
            latest=self._latest,
        )
