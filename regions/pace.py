"""What work costs beside what the machine itself takes for it.

What does not belong here: what is built (topology.py), and how an actor spends its time.
"""

from dataclasses import dataclass, field
from typing import Final

from regions.capacity import CALL_NS
from regions.hsm.hsm import HsmConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What work costs beside what the machine itself takes for it."""

    hsm: HsmConfig = field(default_factory=HsmConfig)
    call_ns: int = CALL_NS  #: of a host, for each call


#: Everything takes the time it takes, and generators draw new entropy often; chosen: ten thousand
#: requests are some seconds of a busy HSM.
WALL_PACE: Final = Pace(
    hsm=HsmConfig(
        introduce_ns=0,
        data_ns=0,
        generate_ns=0,
        rewrap_ns=0,
        elliptic_ns=0,
        key_pair_ns=0,
        rsa_2048_ns=0,
        rsa_3072_ns=0,
        rsa_4096_ns=0,
        requests_per_seed=10_000,
    ),
    call_ns=0,
)
