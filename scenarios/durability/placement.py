"""Many keys: how many are lost a year, how likely any is, and how many go together.

Keys whose copies are on the same set of disks are lost together. Fewer sets make an event rarer
and larger; the expected number of lost keys is the same.
What does not belong here: the loss of one key (exact.py).
Source: Cidon et al., "Copysets: Reducing the Frequency of Data Loss in Cloud Storage" (USENIX ATC
2013).
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What the loss of one key means for all of them, within the mission."""

    keys: int
    copysets: int  #: different sets of disks that hold keys; 1 where all keys share their disks
    expected: float  #: lost keys
    any_lost: float  #: probability that any key is lost
    together: float  #: keys that are lost in one event


def placement(probability: float, *, keys: int, copysets: int) -> Placement:
    """Return what the loss of one key means for many that are placed alike.

    Args:
      probability: that one set of disks is lost, and with it each key on it.
      copysets: 1–keys; sets are taken to be lost apart from each other.
    """
    assert 1 <= copysets <= keys, f"{copysets} sets of disks for {keys} keys"
    return Placement(
        keys=keys,
        copysets=copysets,
        expected=keys * probability,
        any_lost=-math.expm1(copysets * math.log1p(-min(probability, 1 - 1e-16))),
        together=keys / copysets,
    )
