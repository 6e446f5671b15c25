"""The domain: a key management service and its audit trail over many regions.

``build(world, Topology())`` starts every actor of a topology in a world made with ``FRAMES`` and
``latency``; a call is an ``ApiCall`` asked of a region's router, and its outcome an ``ApiAnswer``
or a ``ServiceError``. A fault of your own that hits one kind of actor is a ``DomainFault``, and one
that puts an ailment on it an ``Affliction``; ``FAULTS`` is the table of all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from regions.calls import ApiAnswer, ApiCall, Principal
    from regions.deployment import Deployment
    from regions.errors import ServiceError
    from regions.faults import FAULTS
    from regions.faults.affliction import Affliction, DomainFault
    from regions.frames import FRAMES
    from regions.latency import latency
    from regions.topology import Topology, TopologyError, build, default_regions

#: Where each public name lives; loaded at first use, because the whole domain takes half a second.
_HOMES: Final = {
    "Affliction": "faults.affliction",
    "ApiAnswer": "calls",
    "ApiCall": "calls",
    "Deployment": "deployment",
    "DomainFault": "faults.affliction",
    "FAULTS": "faults",
    "FRAMES": "frames",
    "Principal": "calls",
    "ServiceError": "errors",
    "Topology": "topology",
    "TopologyError": "topology",
    "build": "topology",
    "default_regions": "topology",
    "latency": "latency",
}

__all__ = [
    "FAULTS",
    "FRAMES",
    "Affliction",
    "ApiAnswer",
    "ApiCall",
    "Deployment",
    "DomainFault",
    "Principal",
    "ServiceError",
    "Topology",
    "TopologyError",
    "build",
    "default_regions",
    "latency",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'regions' has no attribute {name!r}")
    return getattr(import_module(f"regions.{home}"), name)
