"""What can go wrong in this domain, one file each, beside what can go wrong anywhere.

FAULTS is the table that plans of scenarios are read with: the kernel's faults and these.
"""

from typing import Final

from sim.faults import FAULTS as KERNEL_FAULTS
from sim.faults import Fault

#: The faults that know what a key service is.
DOMAIN_FAULTS: Final[dict[str, type[Fault]]] = {}

FAULTS: Final[dict[str, type[Fault]]] = {**KERNEL_FAULTS, **DOMAIN_FAULTS}

__all__ = ["DOMAIN_FAULTS", "FAULTS", "Fault"]
