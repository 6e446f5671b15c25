"""Inverts survival functions that have no inverse of their own.

What does not belong here: laws.
"""

from collections.abc import Callable
from typing import Final

#: Halvings of the bracket: more than a double has bits.
_STEPS: Final = 80


def inverse(survival: Callable[[float], float], left: float, scale: float) -> float:
    """Return the wait that is exceeded with probability ``left``, by bisection.

    Args:
      left: ``0 < left <= 1``.
      scale: some typical wait, above 0.
    """
    low, high = 0.0, scale
    while survival(high) > left:
        low, high = high, 2 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if survival(middle) > left:
            low = middle
        else:
            high = middle
    return high
