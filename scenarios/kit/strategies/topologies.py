"""Small worlds that can be built: regions, what an audit record waits for, and how reads behave.

Source: regions/topology.py.
"""

from collections.abc import Sequence
from typing import Final, get_args

from hypothesis import strategies as st

from regions.names import REGIONS
from regions.topology import Topology, default_azs
from regions.trail.audit_ack import AuditAck
from sim.units import minutes

#: Three regions have all there is between regions, and are still built in milliseconds.
REGIONS_MAX: Final = 3
#: The first one has AZs that are not in use, so that one can be added or replaced.
USUAL: Final = ("us-east-1", "eu-west-1", "ap-northeast-1")
#: Hours of opening a safe would only make every world longer; chosen.
CEREMONY_NS: Final = minutes(1)


def topologies(
    *,
    max_regions: int = REGIONS_MAX,
    regions: Sequence[str] = USUAL,
    audit_acks: Sequence[AuditAck] = get_args(AuditAck),
) -> st.SearchStrategy[Topology]:
    """Return topologies; the simplest is one region of three AZs with the default settings.

    Args:
      max_regions: as many regions at most; 1–len(regions).
      regions: those to choose from, the simplest first.
      audit_acks: settings to choose from, the simplest first; the weaker ones permit losses.
    Raises:
      ValueError: a region is none, or there are too few to choose from.
    """
    for region in regions:
        if region not in REGIONS:
            raise ValueError(f"region {region!r}: expected one of {', '.join(REGIONS)}")
    if not 1 <= max_regions <= len(regions):
        raise ValueError(f"max_regions {max_regions}: expected 1 to {len(regions)}")
    chosen = st.lists(st.sampled_from(regions), min_size=1, max_size=max_regions, unique=True)
    return st.builds(
        Topology,
        regions=chosen.map(lambda names: {name: default_azs(name) for name in names}),
        audit_ack=st.sampled_from(audit_acks),
        consistency=st.sampled_from(("eventual", "linearizable")),
        ceremony_ns=st.just(CEREMONY_NS),
    )
