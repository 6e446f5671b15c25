"""How long an AZ goes on as if it had not heard of a change: the service's eventual consistency.

The lag is drawn from the name of the AZ and of the change, so it needs no state and is the same
whenever it is asked for.
What does not belong here: which worlds have it (az.py), and what is looked at with a lag (grants).
Source: AWS KMS Developer Guide, "Eventual consistency (for grants)": usually less than five
minutes. The distribution is chosen: lognormal, with a median of 0.5 s, one in a hundred above 10 s,
never more than 300 s.
"""

from functools import lru_cache
from hashlib import blake2b
from math import exp, log
from statistics import NormalDist
from typing import Final

from sim.units import ms, seconds

LAG_MAX_NS: Final = seconds(300)
_MEDIAN_S: Final = 0.5
_P99_S: Final = 10.0
_NORMAL: Final = NormalDist()
_SIGMA: Final = log(_P99_S / _MEDIAN_S) / _NORMAL.inv_cdf(0.99)


@lru_cache(maxsize=65_536)
def lag_ns(place: str, change: str) -> int:
    """Return how long a place does not see a change: 0–300 s, in whole milliseconds.

    Args:
      place: such as an AZ; "" sees everything at once.
      change: names it uniquely.
    """
    if not place:
        return 0
    drawn = blake2b(f"{place} {change}".encode(), digest_size=6, person=b"lag").digest()
    share = (int.from_bytes(drawn, "big") + 0.5) / 2**48
    lag_s = _MEDIAN_S * exp(_SIGMA * _NORMAL.inv_cdf(share))
    return min(LAG_MAX_NS, ms(round(lag_s * 1000)))
