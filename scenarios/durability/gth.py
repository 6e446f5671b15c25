"""Elimination without a subtraction: mean times and values of a chain, true to the last digits.

States are taken out one by one, the last first; what went through a state goes past it afterwards.
Only sums, products and quotients of non-negative numbers occur, so nothing cancels, however rare a
loss is.
What does not belong here: probabilities at a given time (exact.py).
Source: Grassmann, Taksar, Heyman, "Regenerative analysis and steady state distributions for Markov
chains" (Operations Research 33, 1985); O'Cinneide, "Entrywise perturbation theory and error
analysis for Markov chains" (Numerische Mathematik 65, 1993).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: More states than this would take minutes.
STATES_MAX: Final = 1_500


def mean_time(rates: Floats, losses: Floats) -> float:
    """Return the mean years from state 0 until the loss; infinity if it cannot happen.

    Args:
      rates: from each state to each other, per year; its diagonal is not read.
      losses: from each state to the loss, per year.
    """
    count = len(losses)
    table = np.column_stack([rates, losses])
    spent = np.ones(count)  # expected time at a state and those behind it, times its exit rate
    for last in range(count - 1, 0, -1):
        leaving = table[last, :last].sum() + table[last, count]
        if leaving == 0.0:
            if table[:last, last].any():
                return float("inf")
            continue
        shares = table[:last, last] / leaving
        table[:last, :last] += shares[:, None] * table[last, :last]
        table[:last, count] += shares * table[last, count]
        spent[:last] += shares * spent[last]
    return float(spent[0] / table[0, count]) if table[0, count] > 0 else float("inf")


def values(rates: Floats, losses: Floats) -> Floats:
    """Return the probability, from each state, that the loss comes before state 0 does.

    That of state 0 itself is the one at its next move.
    """
    count = len(losses)
    table = np.column_stack([rates, losses])
    sums = np.zeros(count)
    for last in range(count - 1, 0, -1):
        sums[last] = table[last, :last].sum() + table[last, count]
        if sums[last] == 0.0:
            continue
        shares = table[:last, last] / sums[last]
        table[:last, :last] += shares[:, None] * table[last, :last]
        table[:last, count] += shares * table[last, count]
    found = np.zeros(count)
    for state in range(1, count):
        if sums[state] > 0:
            # State 0 counts as no loss; the others before it are known already.
            through = table[state, 1:state] @ found[1:state]
            found[state] = (table[state, count] + through) / sums[state]
    leaving = rates[0, 1:].sum() + losses[0]
    found[0] = (losses[0] + rates[0, 1:] @ found[1:]) / leaving if leaving > 0 else 0.0
    return found
