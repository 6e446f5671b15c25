"""Buckets of a simulated world, as whoever validates log files sees them.

What does not belong here: what is said of the objects (log_chain.py).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from regions.bucket import (
    GetObject,
    ListObjects,
    NoSuchBucket,
    NoSuchKey,
    ObjectBody,
    ObjectDamaged,
)
from regions.errors import AccessDeniedException
from scenarios.log_objects import Place, Stored
from sim.units import NS_PER_SECOND
from sim.world import SimWorld

_DAMAGED: Final = Stored(b"", "invalid format", metadata={})


class WorldObjects:
    """Objects of some buckets, asked of the stores that hold them.

    Args:
      world: between two steps.
      sites: bucket -> name of the Bucket actor that holds it.
      unseal: returns body and metadata of an object under a KMS key, by its bucket and key.
    """

    def __init__(
        self,
        world: SimWorld,
        sites: Mapping[str, str],
        unseal: Callable[[str, str], tuple[bytes, dict[str, str]]] | None = None,
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
            found: ObjectBody = self._world.ask(site, GetObject(bucket=place.bucket, key=place.key))
        except (NoSuchBucket, NoSuchKey):
            return None
        except ObjectDamaged:
            return _DAMAGED
        except AccessDeniedException:
            if self._unseal is None:
                raise
            return self._unsealed(place, self._unseal)
        return Stored(found.body, metadata=found.metadata)

    @staticmethod
    def _unsealed(
        place: Place, unseal: Callable[[str, str], tuple[bytes, dict[str, str]]]
    ) -> Stored:
        try:
            body, metadata = unseal(place.bucket, place.key)
        except ObjectDamaged:
            return _DAMAGED
        return Stored(body, metadata=metadata)

    def delivered_s(self, place: Place) -> int | None:
        """Return when an object was stored, if it was listed."""
        return self._stored_s.get(place)
