"""Many lives, in as many processes as are wanted: the same figures however many there are.

Lives are numbered, each has a seed of its own, and they are counted in their order; so what is
counted does not depend on which is finished first.
What does not belong here: one life (life.py), judging (compare.py).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from typing import Final

from scenarios.durability.crosscheck.life import Life, Outcome
from scenarios.durability.model import Model

#: Seeds of two studies with different seeds do not meet below so many lives.
_SEEDS: Final = 1_000_000
#: Lives under way ahead of the one that is counted next, for each process; chosen.
_AHEAD: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What was seen of lives one after the other."""

    outcomes: tuple[Outcome, ...] = field(repr=False)  #: the last may have been cut short
    years: float  #: of all together

    @property
    def lost(self) -> tuple[Outcome, ...]:
        """Those that ended with a loss that the service has confirmed."""
        return tuple(one for one in self.outcomes if one.lost_by and one.confirmed)


def live_all(
    model: Model,
    *,
    losses: int,
    years: float,
    seed: int = 1,
    jobs: int = 1,
    advance: Callable[[int, int], None] | None = None,
) -> Lived:
    """Return what became of keys, until so many are lost or so many years are over in all.

    Args:
      advance: told after each life (losses so far, losses wanted).
    """
    found: list[Outcome] = []
    spent, lost = 0.0, 0
    for outcome in _outcomes(model, years, seed, jobs):
        if spent + outcome.years >= years:
            found.append(replace(outcome, years=years - spent, lost_by="", confirmed=False))
            spent = years
            break
        found.append(outcome)
        spent += outcome.years
        lost += bool(outcome.lost_by and outcome.confirmed)
        if advance is not None:
            advance(lost, losses)
        if lost >= losses:
            break
    return Lived(outcomes=tuple(found), years=spent)


def _outcomes(model: Model, years: float, seed: int, jobs: int) -> Iterator[Outcome]:
    """Yield lives in their order, for as long as somebody asks."""
    live = partial(_live, model, years, seed)
    number = 0
    if jobs == 1:
        while True:
            yield live(number)
            number += 1
    with ExitStack() as stack:
        pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting: list[Future[Outcome]] = []
        while True:
            while len(waiting) < jobs * _AHEAD:
                waiting.append(pool.submit(live, number))
                number += 1
            yield waiting.pop(0).result()


def _live(model: Model, years: float, seed: int, number: int) -> Outcome:
    return Life(model, seed * _SEEDS + number, years).live()
