"""A continuous-time Markov chain as plain arrays, with the tables that lead its paths to a loss.

State 0 is all good; a loss is no state but the target LOSS. Moves with a cause are failures, the
others (REPAIR) bring back what was lost.
What does not belong here: building chains from models, exact answers, walking paths.
Source of the tables: balanced failure biasing: Shahabuddin, "Importance sampling for the simulation
of highly reliable Markovian systems" (Management Science 40, 1994); zero-variance approximation:
L'Ecuyer, Tuffin, "Approximating zero-variance importance sampling in a reliability setting"
(Annals of Operations Research 189, 2011).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

#: Target of the moves that lose everything.
LOSS: Final = -1
#: Cause of the moves that repair.
REPAIR: Final = -1
#: Share of the failures among the moves of a biased path; usual in the literature.
PHI: Final = 0.8
#: Dense elimination up to this many states takes seconds; beyond it a sparse solver, which is half
#: a percent off: enough to lead paths.
_DENSE: Final = 1_500

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Move(NamedTuple):
    """One possible transition of a chain."""

    source: int
    target: int  #: a state or LOSS
    rate: float  #: per year
    cause: int  #: index of the cause of a failure, or REPAIR


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Chain:
    """Transitions by source, as compressed sparse rows."""

    offsets: Integers  #: one per state and one more; moves of state s: offsets[s]:offsets[s + 1]
    targets: Integers
    rates: Floats  #: per year
    causes: Integers

    @property
    def states(self) -> int:
        """How many states there are, without the loss."""
        return len(self.offsets) - 1

    def rows(self) -> Integers:
        """Return the source of each move."""
        return np.repeat(np.arange(self.states), np.diff(self.offsets))

    def exits(self) -> Floats:
        """Return the total rate at which each state is left, per year."""
        found: Floats = np.bincount(self.rows(), self.rates, minlength=self.states).astype(float)
        return found


def chain(moves: Iterable[Move]) -> Chain:
    """Return the chain of these moves.

    Raises:
      ValueError: a rate is not positive, or a failure-free state cannot be left.
    """
    found = sorted(moves)
    for move in found:
        if not 0 < move.rate < float("inf"):
            raise ValueError(f"rate {move.rate!r} of a move: expected a positive number per year")
    states = 1 + max((max(move.source, move.target) for move in found), default=0)
    counts = np.bincount([move.source for move in found], minlength=states)
    if not counts.all():
        raise ValueError(f"state {int(np.argmin(counts))} of a chain: expected a way out of it")
    return Chain(
        offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        targets=np.array([move.target for move in found], dtype=np.int64),
        rates=np.array([move.rate for move in found]),
        causes=np.array([move.cause for move in found], dtype=np.int64),
    )


def values(found: Chain) -> Floats:
    """Return for each state the chance that a loss comes before all is good again; 0 for state 0.

    Only non-negative terms are added (Grassmann, Taksar, Heyman), so tiny chances keep their
    digits.
    """
    rows, good = found.rows(), found.states
    if good > _DENSE:
        return _sparse_values(found)
    matrix = np.zeros((good, good + 1))  # the last column is the loss
    np.add.at(matrix, (rows, np.where(found.targets == LOSS, good, found.targets)), found.rates)
    np.fill_diagonal(matrix, 0.0)
    totals = np.zeros(good)
    for state in range(good - 1, 0, -1):
        others = np.concatenate((matrix[state, :state], matrix[state, good:]))
        totals[state] = others.sum()
        share = matrix[state] / totals[state]
        matrix[:state, :state] += np.outer(matrix[:state, state], share[:state])
        matrix[:state, good] += matrix[:state, state] * share[good]
        matrix[np.arange(state), np.arange(state)] = 0.0
    value = np.zeros(good)
    for state in range(1, good):
        led = matrix[state, 1:state] @ value[1:state] + matrix[state, good]
        value[state] = led / totals[state]
    return value


def _sparse_values(found: Chain) -> Floats:
    from scipy.sparse import coo_array, eye_array  # noqa: PLC0415 - slow to import
    from scipy.sparse.linalg import spsolve  # noqa: PLC0415 - the same

    rows, shares = found.rows(), found.rates / found.exits()[found.rows()]
    inner = (found.targets > 0) & (rows > 0)
    size = found.states - 1
    places = (rows[inner] - 1, found.targets[inner] - 1)
    jumps = coo_array((shares[inner], places), shape=(size, size))
    direct = np.where(found.targets == LOSS, shares, 0.0)
    ends = np.bincount(rows, direct, minlength=found.states)[1:]
    solved = spsolve((eye_array(size) - jumps).tocsc(), ends)
    tiny: float = ends[ends > 0].min(initial=1.0) * 1e-30
    return np.concatenate(([0.0], np.clip(solved, tiny, 1.0)))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bias:
    """By which chances a path takes its moves, and what each of them does to its weight."""

    cumulative: Floats  #: of the chances of a state's moves; the last one of each state is 1
    ratios: Floats  #: true chance over biased chance


def natural(found: Chain) -> Bias:
    """Return the chances as they are."""
    return _bias(found, found.rates)


def balanced(found: Chain) -> Bias:
    """Return chances under which failures, all alike, are a share PHI of the moves."""
    rows, states = found.rows(), found.states
    failing = found.causes != REPAIR
    failures = np.bincount(rows, failing, minlength=states)
    repairs = np.bincount(rows, np.where(failing, 0.0, found.rates), minlength=states)
    share = np.where(repairs > 0, np.where(failures > 0, PHI, 0.0), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.where(
            failing, share[rows] / failures[rows], (1 - share[rows]) * found.rates / repairs[rows]
        )
    return _bias(found, wanted)


def zero_variance(found: Chain, value: Floats) -> Bias:
    """Return chances in proportion to what each move is worth.

    Args:
      value: per state, the chance of a loss before all is good again, or near it: what a state
        is worth bounds nothing but the spread of the weights, and zeros only cut paths of worth 0.
    """
    worth = np.where(found.targets == LOSS, 1.0, value[found.targets])
    wanted = found.rates * worth
    rows = found.rows()
    # A state from which no loss can be reached is never entered; its row must still add up.
    idle = np.bincount(rows, wanted, minlength=found.states) <= 0
    return _bias(found, np.where(idle[rows], found.rates, wanted))


def _bias(found: Chain, wanted: Floats) -> Bias:
    rows = found.rows()
    totals = np.bincount(rows, wanted, minlength=found.states)[rows]
    chances = wanted / totals
    true = found.rates / found.exits()[rows]
    running = np.cumsum(chances)
    before = np.concatenate(([0.0], running))[found.offsets[:-1]]
    cumulative = running - before[rows]
    cumulative[found.offsets[1:] - 1] = 1.0
    ratios = np.divide(true, chances, out=np.zeros_like(true), where=chances > 0)
    return Bias(cumulative=cumulative, ratios=ratios)


def arrays(found: Chain) -> tuple[Any, Any, Any, Any]:
    """Return what the kernel walks on: offsets, targets, causes, exits."""
    return found.offsets, found.targets, found.causes, found.exits()
