"""Ways to rare places: small worlds that lead where drawn ones within the budget hardly ever get.

A campaign goes each of them again and again, so that a place that is missed says something
about the program and not about luck. What does not belong here: the places (coverage.py), and
worlds that are drawn (drawer.py).
"""

from collections.abc import Mapping
from typing import Final

#: One seed in so many goes such a way; chosen: 200 seeds, of which a campaign must reach all
#: places, go each four times.
WAY_EVERY: Final = 12

_REGION: Final = """
[topology]
regions = ["us-east-1"]
ceremony = "1m"
"""

#: Probe of coverage.py -> scenario file of a world in which it is hit, whatever the seed.
WAYS: Final[Mapping[str, str]] = {
    "a torn tail was cut": f"""
name = "torn-tail"
length = "1m"
recovery = "5m"
{_REGION}
[[workload]]
kind = "key-states"
clients = 4
think = "300ms"
[[fault]]
plan = "at 5s disk-slow us-east-1/use1-az1/node for 50s with factor=2000"
[[fault]]
plan = "at 5s disk-torn us-east-1/use1-az1/node for 50s"
[[fault]]
plan = "at 8s crash-loop us-east-1/use1-az1/node for 45s with down=1s up=4s"
""",
    # Up to a hundred tokens come along with the rotation itself.
    "tokens were re-wrapped": f"""
name = "many-tokens"
length = "3m"
recovery = "26h"
{_REGION}
[[workload]]
kind = "key-states"
clients = 104
keys = 104
think = "1m"
""",
    "a deleted key was purged": f"""
name = "purged-key"
length = "2m"
recovery = "33d"
{_REGION}
[[workload]]
kind = "key-states"
clients = 16
keys = 16
think = "2s"
""",
    "the safe was opened": f"""
name = "opened-safe"
length = "1m"
recovery = "5m"
{_REGION}
[[workload]]
kind = "envelope"
clients = 1
think = "2s"
[[fault]]
plan = "at 20s region-loss us-east-1 for 10s"
""",
}


def way(number: int) -> str:
    """Return the scenario of a campaign's run of that number; "" when it goes no such way."""
    turn, rest = divmod(number, WAY_EVERY)
    return tuple(WAYS.values())[turn % len(WAYS)] if rest == WAY_EVERY - 1 else ""
