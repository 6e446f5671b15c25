"""Scenario texts for bugs that drawn worlds hardly ever show: one busy region, and a given plan.

What does not belong here: the bugs (bugs/), and worlds that are drawn (scenarios/drawer.py).
"""

from collections.abc import Iterable
from typing import Final

from scenarios.invariants import INVARIANTS

REGION: Final = "us-east-1"
AZS: Final = ("use1-az1", "use1-az2", "use1-az4")
#: For bugs that leave a region trying for ever, whoever else sees it: hours of that are long.
ALL_BUT_QUIET: Final = tuple(name for name in INVARIANTS if name != "quiet-time")


def busy(
    plan: Iterable[str],
    *,
    length: str = "60s",
    recovery: str = "5m",
    settle: str = "30m",
    promises: Iterable[str] = INVARIANTS,
    think: str = "250ms",
    clients: int = 6,
    keys: int = 2,
    others_think: str = "1s",
    topology: str = "",
) -> str:
    """Return a scenario in which several callers change the states of the same few keys.

    Args:
      plan: fault lines.
      promises: which of them are judged.
      keys: how many they share.
      others_think: how long the two other callers pause, who have keys of their own.
      topology: further lines of its table.
    """
    faults = "".join(f'[[fault]]\nplan = "{line}"\n' for line in plan)
    judged = ", ".join(f'"{name}"' for name in promises)
    return (
        f'summary = "a busy region"\nlength = "{length}"\nrecovery = "{recovery}"\n'
        f'settle = "{settle}"\nmanaged_keys = ["ssm"]\npromises = [{judged}]\n'
        f'[topology]\nregions = ["us-east-1"]\nceremony = "1m"\n{topology}\n'
        f'[[workload]]\nkind = "envelope"\nclients = 2\nthink = "{others_think}"\n'
        f'[[workload]]\nkind = "key-states"\nclients = {clients}\nthink = "{think}"\n'
        f"keys = {keys}\n{faults}"
    )


def apart(az: str, begin: str, lasts: str) -> tuple[str, ...]:
    """Return fault lines that cut an AZ off from the others, but not from the region's front."""
    return tuple(
        f"at {begin} partition {REGION}/{az}<->{REGION}/{other} for {lasts}"
        for other in AZS
        if other != az
    )


def dark_in_turn(rounds: int) -> tuple[str, ...]:
    """Return fault lines that switch each AZ off for half a minute, one after the other."""
    return tuple(
        f"at {60 * (3 * turn + place) + 10}s power-off {REGION}/{az} for 30s"
        for turn in range(rounds)
        for place, az in enumerate(AZS)
    )
