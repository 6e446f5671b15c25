"""Buckets of a simulated world, as whoever validates log files sees them.

What does not belong here: what is said of the objects (log_chain.py).
"""

from collections.abc import Iterator, Mapping

from regions.bucket import (
    ListObjects,
    NoSuchBucket,
    NoSuchKey,
    ObjectDamaged,
)
from scenarios.log_objects import Place, Stored
from scenarios.opened import Unseal, fetch
from sim.units import NS_PER_SECOND
from sim.world import SimWorld


class WorldObjects:
    """Objects of some buckets, asked of the stores that hold them.

    Args:
      world: between two steps.
      sites: bucket -> name of the Bucket actor that holds it.
      unseal: opens what is encrypted under a KMS key.
    """

    def __init__(
        self,
        world: SimWorld,
        sites: Mapping[str, str],
        unseal: Unseal | None = None,
    ) -> None:
        self._world, self._sites, self._unseal = world, dict(sites), unseal
        self._stored_s: dict[Place, int] = {}

    def places(self) -> Iterator[Place]:
        """Yield where objects lie."""
        for bucket, site in self._sites.items():
            after, more = "", True
            while more:
                try:
                    page = self._world.ask(site, ListObjects(bucket=bucket, after=after))
                except NoSuchBucket:
                    break
                for entry in page.objects:
                    place = Place(bucket, entry.key)
                    self._stored_s[place] = entry.stored_ns // NS_PER_SECOND
                    yield place
                more = page.truncated
                after = page.objects[-1].key if page.objects else ""

    def get(self, place: Place) -> Stored | None:
        """Return one object; one that is damaged beyond repair is there, and unreadable."""
        site = self._sites.get(place.bucket)
        if site is None:
            return None
        try:
            found = fetch(self._world, site, place.bucket, place.key, self._unseal)
        except (NoSuchBucket, NoSuchKey):
            return None
        except ObjectDamaged:
            return Stored(b"", "invalid format", metadata={})
        return Stored(found.body, metadata=found.metadata)

    def delivered_s(self, place: Place) -> int | None:
        """Return when an object was stored, if it was listed."""
        return self._stored_s.get(place)
