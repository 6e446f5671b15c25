"""A model looked at from all sides: what is counted, how sure it is, where losses come from.

A lone number says little: each row counts more causes than the one before, so that it is seen
which assumption costs how many nines.
What does not belong here: text, JSON and pictures (report.py, pictures/).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from scenarios.durability.answer import Answer, answer
from scenarios.durability.breakdown import Way, combinations, elasticities, orders
from scenarios.durability.exact import mean_time_to_loss, nines
from scenarios.durability.files import Study
from scenarios.durability.model import Model
from scenarios.durability.rates import Rate
from scenarios.durability.unsure import Unsure, spread

#: A probability per key and year that the documented design promises.
ELEVEN_NINES: Final = 1e-11
#: Chains larger than this are not solved again and again for elasticities and intervals.
_MANY: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a key's loss comes to when only so much is counted."""

    name: str
    answer: Answer
    unsure: Unsure
    aside: bool  #: an assumption that later rows do not make
    ways: tuple[Way, ...]  #: what was wrong at the last blow, the likeliest first

    @property
    def probability(self) -> float:
        """That of a loss within the mission."""
        return self.answer.exact.probability

    @property
    def nines(self) -> float:
        """Those of the probability."""
        return nines(self.probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything about one model and one set of rates."""

    rates: str  #: name of the set
    model: Model
    rows: tuple[Row, ...]
    known: Mapping[str, Rate] = field(repr=False)  #: cause -> where its rate comes from
    orders: tuple[Way, ...]  #: of the last row
    elasticities: Mapping[str, float]  #: of the focus; {} when its chain is too large
    mean_time: float | None  #: years until the key is lost; None of chains too large

    @property
    def last(self) -> Row:
        """The row in which everything is counted."""
        return self.rows[-1]

    @property
    def best(self) -> Row | None:
        """The row that counts most and still has eleven nines; None if none has."""
        kept = [row for row in self.rows if not row.aside and meets(row, self.model.mission)]
        return kept[-1] if kept else None

    @property
    def focus(self) -> Row:
        """The row whose rates are worth turning: the best one, else that of everything."""
        return self.best or self.last


def _copies(model: Model) -> Model:
    return replace(_azs(model), az=None)


def _azs(model: Model) -> Model:
    return replace(_domain(model), domain=None)


def _unsafe(model: Model) -> Model:
    found = _domain(model)
    return found if found.domain is None else replace(found, domain=replace(found.domain, safe=0.0))


def _domain(model: Model) -> Model:
    return replace(_shocks(model), shocks=())


def _shocks(model: Model) -> Model:
    return replace(model, region=None, mistakes=())


def _regions(model: Model) -> Model:
    return replace(model, mistakes=())


#: What is counted -> the model that counts just that; each beyond the one before, but for asides.
_SCOPES: Final[tuple[tuple[str, Callable[[Model], Model], bool], ...]] = (
    ("copies alone", _copies, False),
    ("+ AZs destroyed", _azs, False),
    ("+ domain, no safe", _unsafe, True),
    ("+ domain keys", _domain, False),
    ("+ fires, shocks", _shocks, False),
    ("+ regions destroyed", _regions, False),
    ("+ mistakes", lambda model: model, False),
)

#: Names of all rows there can be, in their order.
SCOPES: Final = tuple(name for name, _, _ in _SCOPES)


def scopes(model: Model) -> tuple[tuple[str, Model, bool], ...]:
    """Return the rows of a model: those in which something is new."""
    # What never strikes is not counted: a row of its own would say that it costs nothing.
    model = replace(model, shocks=tuple(shock for shock in model.shocks if shock.rate > 0))
    found: list[tuple[str, Model, bool]] = []
    for name, reduce, aside in _SCOPES:
        reduced = reduce(model)
        plain = [one for _, one, beside in found if not beside]
        if reduced in plain or (aside and _domain(model) == reduced):
            continue
        found.append((name, reduced, aside))
    return tuple(found)


def study(given: Study, rates: str, *, samples: int, seed: int) -> Findings:
    """Return everything about one model.

    Args:
      rates: name of its set of rates.
      samples: draws of the uncertain rates, for each row.
    Raises:
      ModelError: its chain is too large.
    """
    model, found = given.model, []
    for name, reduced, aside in scopes(model):
        got = answer(reduced, occupancy=True)
        many = samples if len(got.chain.states) <= _MANY else 0
        unsure = spread(got.chain, given.rates, got.exact.probability, samples=many, seed=seed)
        ways = combinations(got.exact)
        found.append(Row(name=name, answer=got, unsure=unsure, aside=aside, ways=ways))
    last = found[-1].answer
    made = Findings(
        rates=rates,
        model=model,
        rows=tuple(found),
        known=given.rates,
        orders=orders(last.chain),
        elasticities={},
        mean_time=mean_time_to_loss(last.chain),
    )
    focus = made.focus.answer.chain
    return replace(made, elasticities=elasticities(focus)) if len(focus.states) <= _MANY else made


def names(found: Sequence[Findings]) -> list[str]:
    """Return the names of the rows that any of these has, in their order."""
    there = {row.name for one in found for row in one.rows}
    return [name for name in SCOPES if name in there]


def meets(row: Row, mission: float) -> bool:
    """Return whether a row has eleven nines per key and year."""
    return row.probability <= ELEVEN_NINES * max(1.0, mission)
