"""Availability, time to recover and loss of one scenario over many seeds, with intervals.

Availability is the share of attempts that the service did not fail. An outage begins with the first
failed attempt in a region and ends with the first served one after which none fails for a while;
RTO is the longest outage of a run. RPO is how much work from before the trouble is gone: from the
acknowledgement of the oldest thing that was lost until the next fault began, else 0.
Means have bootstrap intervals over runs, shares of runs Wilson's. Where all runs agree a bootstrap
would claim certainty; an availability then has Wilson's interval of its attempts.
What does not belong here: nines per key and year, which need more than a run (durability).
Source of the terms: AWS Well-Architected Framework, "Plan for disaster recovery".
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scenarios.arena import Arena
from scenarios.result import RunResult
from sim.rng import stream
from sim.units import seconds

#: Failures closer together than this are one outage; chosen, ten times what a retry waits.
JOIN_NS: Final = seconds(30)
#: Bins of the picture over time.
BINS: Final = 120
#: Resamples of the bootstrap, and the level of all intervals.
RESAMPLES: Final = 2_000
LEVEL: Final = 0.95
#: How many standard errors lie on each side of a mean at that level.
_ERRORS: Final = statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)


class Attempt(NamedTuple):
    """One attempt of a caller; times from the start of the workload."""

    begin_ns: int
    end_ns: int
    served: bool


class Outage(NamedTuple):
    """A stretch in which a region failed its callers."""

    begin_ns: int
    end_ns: int  #: the end of the run, if it was never served again
    recovered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRun:
    """What one run says of one region."""

    attempts: int
    served: int
    outages: tuple[Outage, ...]
    rto_ns: int  #: 0 without an outage
    recovered: bool  #: False when the run ended in an outage
    lost: int  #: acknowledged keys and records that are gone
    rpo_ns: int
    bins: tuple[tuple[int, int], ...]  #: BINS times (attempts, served)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate between its bounds."""

    low: float
    value: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFigures:
    """One region over all seeds."""

    region: str
    seeds: int
    attempts: int
    availability: Interval | None  #: of the mean over runs; None without any attempt
    worst: float | None  #: availability of the worst run
    rto_ns: Interval  #: of the mean over runs, those without an outage included
    rto_worst_ns: int
    runs_with_outage: int
    not_recovered: int  #: runs that ended in an outage
    runs_with_loss: int
    lost: int
    rpo_ns: Interval  #: of the mean over runs, those without a loss included
    rpo_worst_ns: int
    bins: tuple[Interval | None, ...] = field(repr=False)  #: availability over time; None: no call


class Ledger:
    """Follows the callers of one run; an observer."""

    def __init__(self) -> None:
        self._arena: Arena | None = None

    def attach(self, arena: Arena) -> None:
        """Remember where the history is kept."""
        self._arena = arena

    def read(self, result: RunResult) -> dict[str, RegionRun]:
        """Return what the run says of each region."""
        arena = self._arena
        assert arena is not None, "the ledger was not attached to a run"
        begins = sorted(fault.begin_ns for fault in result.faults)
        found = {}
        for region in result.topology:
            attempts = [
                Attempt(call.begin_ns - arena.start_ns, call.end_ns - arena.start_ns, call.served)
                for call in arena.history
                if call.place == region and call.caller != "host" and call.outcome
            ]
            lost = [lost.acknowledged_ns - arena.start_ns for lost in arena.lost_in(region)]
            found[region] = judge(attempts, result.span_ns, begins, lost)
        return found


def judge(
    attempts: Sequence[Attempt], span_ns: int, faults: Sequence[int], lost: Sequence[int]
) -> RegionRun:
    """Return what attempts and losses of one region come to.

    Args:
      span_ns: length of the workload.
      faults: when each fault began, in order.
      lost: when each thing that is gone had been acknowledged.
    """
    stretches = outages(attempts)
    lengths = [outage.end_ns - outage.begin_ns for outage in stretches]
    bins = [[0, 0] for _ in range(BINS)]
    for attempt in attempts:
        place = min(BINS - 1, max(0, attempt.begin_ns) * BINS // span_ns)
        bins[place][0] += 1
        bins[place][1] += attempt.served
    ages = [next((b - at for b in faults if b >= at), 0) for at in lost]
    return RegionRun(
        attempts=len(attempts),
        served=sum(attempt.served for attempt in attempts),
        outages=stretches,
        rto_ns=max(lengths, default=0),
        recovered=all(outage.recovered for outage in stretches),
        lost=len(lost),
        rpo_ns=max(ages, default=0),
        bins=tuple((total, served) for total, served in bins),
    )


def outages(attempts: Iterable[Attempt]) -> tuple[Outage, ...]:
    """Return the stretches between a first failure and the next lasting success."""
    ordered = sorted(attempts, key=lambda attempt: attempt.end_ns)
    found: list[Outage] = []
    begin_ns = last_ns = None
    end_ns = 0
    for attempt in ordered:
        end_ns = attempt.end_ns
        if not attempt.served:
            if begin_ns is None:
                begin_ns = attempt.begin_ns
                if found and begin_ns - found[-1].end_ns < JOIN_NS:
                    begin_ns = found.pop().begin_ns
            last_ns = attempt.end_ns
        elif begin_ns is not None and last_ns is not None and attempt.begin_ns >= last_ns:
            found.append(Outage(begin_ns, attempt.end_ns, recovered=True))
            begin_ns = last_ns = None
    if begin_ns is not None:
        found.append(Outage(begin_ns, end_ns, recovered=False))
    return tuple(found)


def figures(region: str, runs: Sequence[RegionRun]) -> RegionFigures:
    """Return one region's figures over the runs of all seeds."""
    shares = [run.served / run.attempts for run in runs if run.attempts]
    return RegionFigures(
        region=region,
        seeds=len(runs),
        attempts=sum(run.attempts for run in runs),
        availability=_availability(runs, region) if shares else None,
        worst=min(shares, default=None),
        rto_ns=mean_interval([float(run.rto_ns) for run in runs], region, "rto"),
        rto_worst_ns=max(run.rto_ns for run in runs),
        runs_with_outage=sum(bool(run.outages) for run in runs),
        not_recovered=sum(not run.recovered for run in runs),
        runs_with_loss=sum(run.lost > 0 for run in runs),
        lost=sum(run.lost for run in runs),
        rpo_ns=mean_interval([float(run.rpo_ns) for run in runs], region, "rpo"),
        rpo_worst_ns=max(run.rpo_ns for run in runs),
        bins=tuple(_bin(region, place, runs) for place in range(BINS)),
    )


def _availability(runs: Sequence[RegionRun], region: str) -> Interval:
    shares = [run.served / run.attempts for run in runs if run.attempts]
    if len(set(shares)) > 1:
        return mean_interval(shares, region, "availability")
    return wilson(sum(run.served for run in runs), sum(run.attempts for run in runs))


def wilson(part: int, whole: int) -> Interval:
    """Return a share with its score interval, as of ``whole`` independent tries; never empty.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    Journal of the American Statistical Association 22 (1927).
    """
    assert 0 <= part <= whole, f"{part} of {whole} is no share"
    assert whole, "a share of nothing"
    share, per_try = part / whole, _ERRORS**2 / whole
    middle = (share + per_try / 2) / (1 + per_try)
    half = (per_try * (share * (1 - share) + per_try / 4)) ** 0.5 / (1 + per_try)
    return Interval(
        low=0.0 if part == 0 else middle - half,
        value=share,
        high=1.0 if part == whole else middle + half,
    )


def _bin(region: str, place: int, runs: Sequence[RegionRun]) -> Interval | None:
    shares = [run.bins[place][1] / run.bins[place][0] for run in runs if run.bins[place][0]]
    return mean_interval(shares, region, str(place), resamples=200) if shares else None


def mean_interval(
    values: Sequence[float], *names: str, resamples: int = RESAMPLES
) -> Interval:
    """Return the mean with its percentile-bootstrap interval; equal values, equal interval.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 13.3. With
    fewer than ten values the interval is too narrow, as all bootstrap intervals are.
    """
    mean = statistics.fmean(values)
    if len(set(values)) == 1:
        return Interval(low=mean, value=mean, high=mean)
    dice, count = stream(0, "bootstrap", *names), len(values)
    means = sorted(statistics.fmean(dice.choices(values, k=count)) for _ in range(resamples))
    cut = int(resamples * (1 - LEVEL) / 2)
    return Interval(low=means[cut], value=mean, high=means[-cut - 1])


def to_json(found: Sequence[RegionFigures]) -> list[dict[str, Any]]:
    """Return the figures as plain values, without the bins of the picture."""

    def spread(interval: Interval) -> list[float]:
        return [interval.low, interval.value, interval.high]

    return [
        {
            "region": one.region,
            "seeds": one.seeds,
            "attempts": one.attempts,
            "availability": None if one.availability is None else spread(one.availability),
            "availability_worst": one.worst,
            "rto_ns": spread(one.rto_ns),
            "rto_worst_ns": one.rto_worst_ns,
            "runs_with_outage": one.runs_with_outage,
            "share_with_outage": spread(wilson(one.runs_with_outage, one.seeds)),
            "not_recovered": one.not_recovered,
            "runs_with_loss": one.runs_with_loss,
            "share_with_loss": spread(wilson(one.runs_with_loss, one.seeds)),
            "lost": one.lost,
            "rpo_ns": spread(one.rpo_ns),
            "rpo_worst_ns": one.rpo_worst_ns,
        }
        for one in found
    ]
