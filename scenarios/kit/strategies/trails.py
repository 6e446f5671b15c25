"""Trails, as CreateTrail and PutEventSelectors take them: where they log, and what.

Source: AWS CloudTrail API Reference, CreateTrail (rules for names) and PutEventSelectors; Amazon
S3 User Guide, "Bucket naming rules"; what this service models: regions/trail/operations/.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from scenarios.kit.strategies.topologies import USUAL

NAME_MIN, NAME_MAX = 3, 20  #: CloudTrail takes up to 128 characters, a bucket's name 63
_PREFIX_MAX: Final = 12
_LETTERS: Final = string.ascii_lowercase + string.digits
_PREFIXES: Final = st.text(_LETTERS, min_size=1, max_size=_PREFIX_MAX)
#: Sources that a selector may leave out.
_EXCLUDABLE: Final = ("kms.amazonaws.com", "rdsdata.amazonaws.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrail:
    """A trail that could be made."""

    name: str
    home: str  #: region in which it is made
    multi_region: bool = False
    prefix: str = ""
    read_write: str = "All"
    excluded_sources: tuple[str, ...] = ()

    @property
    def bucket(self) -> str:
        """Name of the bucket that it delivers to, which is to be made beforehand."""
        return f"trail-{self.name}"

    def create(self) -> dict[str, Any]:
        """Return the parameters of CreateTrail; logging begins with StartLogging."""
        prefix = {"S3KeyPrefix": self.prefix} if self.prefix else {}
        return {
            "Name": self.name,
            "S3BucketName": self.bucket,
            "IsMultiRegionTrail": self.multi_region,
            **prefix,
        }

    def select(self) -> dict[str, Any]:
        """Return the parameters of PutEventSelectors."""
        selector = {
            "ReadWriteType": self.read_write,
            "IncludeManagementEvents": True,
            "ExcludeManagementEventSources": list(self.excluded_sources),
        }
        return {"TrailName": self.name, "EventSelectors": [selector]}


def trails(*, regions: Sequence[str] = USUAL) -> st.SearchStrategy[DrawnTrail]:
    """Return trails; the simplest logs all management events of the first region.

    Args:
      regions: home regions to choose from, the simplest first.
    """
    return st.builds(
        DrawnTrail,
        name=st.text(_LETTERS, min_size=NAME_MIN, max_size=NAME_MAX),
        home=st.sampled_from(regions),
        multi_region=st.booleans(),
        prefix=st.one_of(st.just(""), _PREFIXES),
        read_write=st.sampled_from(("All", "WriteOnly", "ReadOnly")),
        excluded_sources=st.lists(st.sampled_from(_EXCLUDABLE), max_size=2, unique=True).map(tuple),
    )
