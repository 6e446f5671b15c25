"""Published figures of durability, computed again: CHECKS is the table, one row for each figure.

Where a figure does not come out, the row says what does, and why.
What does not belong here: the table as text (tests write it into README.md).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import comb
from typing import Final

from scenarios.durability.chain import build
from scenarios.durability.exact import mean_time_to_loss, solve
from scenarios.durability.laws import Erlang, Exponential, Hyperexponential, Law
from scenarios.durability.model import (
    HOURS_PER_YEAR,
    Copies,
    Latent,
    Layout,
    Model,
    Site,
    k_of_n,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One published figure and ours."""

    id: str
    what: str
    source: str
    published: float
    ours: Callable[[], float]
    within: float  #: relative difference that is expected at most
    note: str = ""


_PRISM: Final = "PRISM model outputs, saifalam/prism-probabilistic-model-checker"
_BACKBLAZE: Final = "Backblaze, durability calculator README"
_COPYSETS: Final = "Cidon et al., USENIX ATC 2013"
_PARIS: Final = "Pâris, Schwarz, I2TS 2008"
_FORD: Final = "Ford et al., OSDI 2010, tables 3 and 4"
_BAKER: Final = "Baker et al., EuroSys 2006"
_CEPH: Final = "Ceph reliability model, ceph-tools issue 4"
_VENKATESAN: Final = "Venkatesan, Iliadis, QEST 2012"
_KEY: Final = "own answer key"


def _days(count: float) -> Exponential:
    return Exponential(count * 24 / HOURS_PER_YEAR)


LATENT: Final = Latent(rate=0.05, found=_days(14))
AZ: Final = Site(rate=2e-3, rebuilt=_days(14))
#: Three copies, disks only; 3 AZs of 2 copies; two regions of 3 AZs of 1 copy, and everything.
M1: Final = Model(name="M1")
M4: Final = Model(name="M4", layout=Layout(copies=2), latent=LATENT, az=AZ)
M5: Final = Model(
    name="M5",
    layout=Layout(regions=2),
    latent=LATENT,
    az=AZ,
    region=Site(rate=1e-5, rebuilt=_days(30)),
)


def loss(model: Model) -> float:
    """Return the exact probability of a loss within the mission."""
    return solve(build(model)).probability


def _prism(total: int, needed: int, repairs: float, site: float = 0.0) -> float:
    """Return the loss of a group of disks of the PRISM model; a destroyed site is for ever."""
    model = k_of_n(total, needed, lost=Exponential(20.0), repaired=Exponential(1 / repairs))
    return loss(replace(model, az=Site(rate=site)) if site else model)


def backblaze_formula() -> float:
    """Return what fixed windows of a repair time give: 17 + 3 shards, AFR 0.405 %, 6.5 days."""
    share, windows = 0.00405 * 6.5 / 365, 365 / 6.5
    window = math.fsum(comb(20, k) * share**k * (1 - share) ** (20 - k) for k in range(4, 21))
    return -math.expm1(windows * math.log1p(-window))


def backblaze_exact() -> float:
    """Return what the chain of the same inputs gives."""
    return loss(k_of_n(20, 17, lost=Exponential(1 / 0.00405), repaired=Exponential(6.5 / 365)))


def any_copyset_lost(nodes: int, failed: int, copies: int, copysets: float) -> float:
    """Return the probability that some failed nodes hold all copies of something.

    Args:
      copysets: how many different sets of nodes hold something.
    """
    share = comb(failed, copies) / comb(nodes, copies)
    return -math.expm1(copysets * math.log1p(-share))


def lifespan(model: Model, lost: float) -> float:
    """Return for how long no more than a share of the groups is lost, in the model's years."""
    chain, low, high = build(model), 0.0, 1.0
    while solve(chain, mission=high).probability < lost:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if solve(chain, mission=middle).probability < lost:
            low = middle
        else:
            high = middle
    return high


def _paris(total: int, needed: int, rate: float, nines: int) -> float:
    repaired = Exponential(1 / rate)
    return lifespan(k_of_n(total, needed, lost=Exponential(1.0), repaired=repaired), 10.0**-nines)


def _mirror(lost: float, repaired: float) -> float:
    """Return the mean time to the loss of a mirror, in the unit of its times."""
    mean = mean_time_to_loss(
        build(k_of_n(2, 1, lost=Exponential(lost), repaired=Exponential(repaired)))
    )
    assert mean is not None, "a chain of two states is small"
    return mean


def baker_exact() -> float:
    """Return the years to the loss of a mirror of which either copy may have a latent fault first.

    As there, a latent fault of the last good copy loses nothing, and hides further faults.
    """
    model = Model(
        layout=Layout(azs=1, copies=2),
        copy=Copies(
            lost=Exponential(120e3 / HOURS_PER_YEAR), repaired=Exponential(1.4 / HOURS_PER_YEAR)
        ),
        latent=Latent(
            rate=1 / 9.7, found=Exponential(1460 / HOURS_PER_YEAR), fatal=False, fails=False
        ),
    )
    mean = mean_time_to_loss(build(model))
    assert mean is not None, "a chain of few states is small"
    return mean


def _ceph() -> float:
    fit, hours = 826e-9, (10 * 60 + 150) / 3600
    first = -math.expm1(-3 * fit * HOURS_PER_YEAR)
    return first * math.expm1(-400 * fit * hours) * math.expm1(-200 * fit * hours)


def loss_rate(repaired: Law) -> float:
    """Return the loss rate of three copies that are repaired by that law: one over the MTTDL."""
    mean = mean_time_to_loss(build(Model(copy=Copies(repaired=repaired))))
    assert mean is not None, "a chain of few phases is small"
    return 1 / mean


_SIX_HOURS: Final = 6 / HOURS_PER_YEAR


def _survival(percent: float) -> float:
    """Return the loss of a survival in per cent."""
    return (100 - percent) / 100


_WEEK, _DAY = 52.142857143, 365.0


def _row(
    name: str,
    what: str,
    source: str,
    published: float,
    ours: Callable[[], float],
    within: float,
    note: str = "",
) -> Check:
    return Check(
        id=name,
        what=what,
        source=source,
        published=published,
        ours=ours,
        within=within,
        note=note,
    )


CHECKS: Final[tuple[Check, ...]] = (
    _row("M1", "three copies, disks only", _KEY, 8.984896580e-11, lambda: loss(M1), 1e-10),
    _row(
        "M4",
        "3 AZs x 2 copies, latent errors",
        _KEY,
        4.360990681e-11,
        lambda: loss(M4),
        4e-3,
        "64 states in both; the key does not say what a repair does with latent errors",
    ),
    _row(
        "M5",
        "2 regions x 3 AZs x 1 copy, everything",
        _KEY,
        1.696243812e-11,
        lambda: loss(M5),
        3e-3,
        "165 states in both; as M4",
    ),
    _row(
        "A1",
        "loss, mirror, repair in a week",
        _PRISM,
        _survival(99.99062173456771),
        lambda: _prism(2, 1, _WEEK),
        1e-7,
        "their iteration stops at 1e-6 or so",
    ),
    _row(
        "A1",
        "loss, 3 of 4, a week",
        _PRISM,
        _survival(99.94395322369579),
        lambda: _prism(4, 3, _WEEK),
        1e-7,
    ),
    _row(
        "A1",
        "loss, 17 of 20, a week",
        _PRISM,
        _survival(99.99991955783759),
        lambda: _prism(20, 17, _WEEK),
        1e-7,
    ),
    _row(
        "A1",
        "loss, 17 of 20, a day",
        _PRISM,
        _survival(99.99999975303086),
        lambda: _prism(20, 17, _DAY),
        1e-7,
    ),
    _row(
        "A1",
        "loss, 17 of 20, a week, and the site",
        _PRISM,
        _survival(99.9899200665417),
        lambda: _prism(20, 17, _WEEK, 1e-4),
        1e-7,
    ),
    _row(
        "A2", "17 + 3 shards, 6.5 d, their formula", _BACKBLAZE, 7.354e-12, backblaze_formula, 2e-4
    ),
    _row(
        "A2",
        "the same, exactly",
        _BACKBLAZE,
        7.354e-12,
        backblaze_exact,
        3.0,
        "fixed windows are optimistic, nearly P + 1 = 4 times",
    ),
    *(
        _row(
            "A3",
            f"some loss, 50 of 5,000 nodes, {copysets:,.0f} copysets",
            _COPYSETS,
            published,
            partial(any_copyset_lost, 5_000, 50, 3, copysets),
            0.06,
        )
        for copysets, published in (
            (5_000 / 3, 0.0015),
            (5 * 5_000 / 3, 0.0078),
            (275_000.0, 0.228),
            (5_000 * 8_000 / 3, 0.9999),
        )
    ),
    _row(
        "A4",
        "lifespan, three copies, no repair, 4 nines",
        _PARIS,
        0.04753,
        lambda: _paris(3, 1, 1e-9, 4),
        2e-4,
    ),
    *(
        _row(
            "A4",
            f"lifespan, mirror, {nines} nines",
            _PARIS,
            published,
            partial(_paris, 2, 1, 1e3, nines),
            1e-3,
        )
        for nines, published in (
            (2, 5.04123),
            (3, 0.50275),
            (4, 0.05115),
            (5, 0.00601),
            (6, 0.00120),
        )
    ),
    _row(
        "A4",
        "lifespan, RAID-5 of 10, 4 nines",
        _PARIS,
        0.001984,
        lambda: _paris(10, 9, 1e3, 4),
        3e-4,
        "their table VIII does not come out and is left out",
    ),
    _row("A6", "MTTF in days, two cells, R = 2", _FORD, 1.08e10, lambda: _mirror(1.47e5, 1), 0.05),
    _row("A6", "two cells, RS(6, 3)", _FORD, 5.32e13, lambda: _mirror(1.03e7, 1), 0.05),
    _row(
        "A6", "two cells, RS(6, 3), an hour", _FORD, 1.22e15, lambda: _mirror(1.03e7, 1 / 24), 0.05
    ),
    _row(
        "A9",
        "years to a loss, visible faults, their equation 9",
        _BAKER,
        1.2e6,
        lambda: 120e3**2 / 1.4 / HOURS_PER_YEAR,
        0.03,
    ),
    _row(
        "A9",
        "latent faults found by scrubbing, their equation 11",
        _BAKER,
        795.0,
        lambda: 9.7 * 120e3 / 1460,
        0.01,
    ),
    _row(
        "A9",
        "the same, exactly",
        _BAKER,
        795.0,
        baker_exact,
        0.5,
        "they count the first faults of one replica only",
    ),
    _row(
        "A10",
        "three copies, 200 placement groups",
        _CEPH,
        5.090e-11,
        _ceph,
        1e-4,
    ),
    *(
        _row(
            "A13",
            f"loss rate, three copies, repair {name}",
            _VENKATESAN,
            8.995e-11,
            partial(loss_rate, law),
            2e-4,
            "only the mean repair time matters",
        )
        for name, law in (
            ("exponential", Exponential(_SIX_HOURS)),
            ("Erlang-4", Erlang(_SIX_HOURS, 4)),
            (
                "hyperexponential",
                Hyperexponential((_SIX_HOURS / 2, 2.5 * _SIX_HOURS), (0.75, 0.25)),
            ),
        )
    ),
)


def cells(check: Check) -> tuple[str, ...]:
    """Return a row of the table: id, what, published, ours, ratio, source and note."""
    ours = check.ours()
    ratio = ours / check.published
    said = f"{check.source}; {check.note}" if check.note else check.source
    return check.id, check.what, f"{check.published:.5g}", f"{ours:.5g}", f"{ratio:.4f}", said
