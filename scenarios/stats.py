"""Exact counts and percentiles of a run's calls.

Every sample is kept, as 8 bytes, so a percentile is one that really occurred and the same run gives
the same figures on every machine.
What does not belong here: deciding what counts as served (the caller knows the error), or layout.
"""

from array import array
from collections import Counter

from scenarios.result import OK, PHASES, Availability, Delivery, Latency


class Recorder:
    """Keeps integer samples and answers exact percentiles by the nearest-rank rule."""

    __slots__ = ("_samples", "_sorted")

    def __init__(self) -> None:
        self._samples = array("q")
        self._sorted = True

    def __len__(self) -> int:
        return len(self._samples)

    def add(self, value: int) -> None:
        """Keep one sample.

        Raises:
          OverflowError: the value does not fit in 64 bits.
        """
        self._samples.append(value)
        self._sorted = False

    def percentile(self, per_mille: int) -> int:
        """Return the smallest sample that at least ``per_mille`` of 1,000 samples do not exceed.

        The range is 1–1000, so that p99.9 is the integer 999 and no float rounds the rank.

        Raises:
          ValueError: there are no samples, or per_mille is out of range.
        """
        if not 1 <= per_mille <= 1000:
            raise ValueError(f"percentile of {per_mille} per mille is not in 1–1000")
        if not self._samples:
            raise ValueError("percentile of no samples")
        if not self._sorted:
            self._samples = array("q", sorted(self._samples))
            self._sorted = True
        rank = -(-per_mille * len(self._samples) // 1000)
        return self._samples[rank - 1]

    @property
    def max(self) -> int:
        """The largest sample.

        Raises:
          ValueError: there are no samples.
        """
        return self.percentile(1000)


def delivery(trail: str, delays: Recorder) -> Delivery:
    """Return the delivery row of one trail; all zero when nothing was delivered."""
    if not len(delays):
        return Delivery(trail=trail, count=0, median_ns=0, p95_ns=0, p99_ns=0, max_ns=0)
    return Delivery(
        trail=trail,
        count=len(delays),
        median_ns=delays.percentile(500),
        p95_ns=delays.percentile(950),
        p99_ns=delays.percentile(990),
        max_ns=delays.max,
    )


class CallBook:
    """Counts the calls of a run by region, phase and outcome, and times the successful ones."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Counter[str]] = {}
        self._latency: dict[tuple[str, str], Recorder] = {}
        self._calls: Counter[tuple[str, str]] = Counter()
        self._served: Counter[tuple[str, str]] = Counter()

    def record(
        self, *, region: str, phase: str, outcome: str, latency_ns: int, served: bool
    ) -> None:
        """Enter one finished call into the phase in which it was made.

        The outcome is OK, TIMEOUT or the service's error code; the latency, from the call to its
        answer, counts only when the outcome is OK; ``served`` is explained at Availability.
        """
        assert phase in PHASES, f"unknown phase {phase!r}"
        assert served or outcome != OK, "a successful call was served"
        self._outcomes.setdefault(region, Counter())[outcome] += 1
        self._calls[region, phase] += 1
        self._served[region, phase] += served
        if outcome == OK:
            self._latency.setdefault((region, phase), Recorder()).add(latency_ns)

    def calls(self) -> dict[str, dict[str, int]]:
        """Return region -> outcome -> count: regions by name, OK first, then by falling count."""
        return {
            region: dict(
                sorted(counts.items(), key=lambda item: (item[0] != OK, -item[1], item[0]))
            )
            for region, counts in sorted(self._outcomes.items())
        }

    def latency(self) -> tuple[Latency, ...]:
        """Return one row per region and phase that saw a successful call, in that order."""
        rows = sorted(self._latency.items(), key=lambda item: _order(item[0]))
        return tuple(
            Latency(
                region=region,
                phase=phase,
                count=len(samples),
                p50_ns=samples.percentile(500),
                p90_ns=samples.percentile(900),
                p99_ns=samples.percentile(990),
                p999_ns=samples.percentile(999),
                max_ns=samples.max,
            )
            for (region, phase), samples in rows
        )

    def availability(self) -> tuple[Availability, ...]:
        """Return one row per region and phase that saw a call, in that order."""
        return tuple(
            Availability(
                region=region,
                phase=phase,
                calls=self._calls[region, phase],
                served=self._served[region, phase],
            )
            for region, phase in sorted(self._calls, key=_order)
        )


def _order(place: tuple[str, str]) -> tuple[str, int]:
    region, phase = place
    return region, PHASES.index(phase)
