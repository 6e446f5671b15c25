"""What a fault made: two runs of one scenario side by side, with and without some of its faults.

What does not belong here: running them (commands/run.py), or a single run's report (report.py).
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from scenarios import figures, layout
from scenarios.result import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A promise whose verdict changed."""

    promise: str
    whole: str  #: the verdict with all faults
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count of calls that changed."""

    region: str
    outcome: str
    whole: int
    without: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How much of a region's calls the service answered, in both runs."""

    region: str
    whole_calls: int
    whole_served: int
    without_calls: int
    without_served: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs between a run with all its faults and one without some of them."""

    left_out: tuple[str, ...]  #: plan lines
    verdicts: tuple[Word, ...]  #: only those that changed
    calls: tuple[Count, ...]  #: only those that changed
    availability: tuple[Served, ...]  #: every region


def compare(whole: RunResult, without: RunResult, left_out: Sequence[str]) -> Difference:
    """Compare two runs of one scenario with one seed.

    Args:
      left_out: the plan lines that the second run did not have.
    """
    words = {verdict.name: verdict.word for verdict in without.promises}
    return Difference(
        left_out=tuple(left_out),
        verdicts=tuple(
            Word(promise=verdict.name, whole=verdict.word, without=words[verdict.name])
            for verdict in whole.promises
            if verdict.word != words[verdict.name]
        ),
        calls=tuple(_counts(whole, without)),
        availability=tuple(
            Served(
                region=region,
                whole_calls=_sum(whole, region)[0],
                whole_served=_sum(whole, region)[1],
                without_calls=_sum(without, region)[0],
                without_served=_sum(without, region)[1],
            )
            for region in dict.fromkeys([*whole.topology, *without.topology])
        ),
    )


def _counts(whole: RunResult, without: RunResult) -> list[Count]:
    rows = []
    for region in dict.fromkeys([*whole.calls, *without.calls]):
        one, other = whole.calls.get(region, {}), without.calls.get(region, {})
        for outcome in dict.fromkeys([*one, *other]):
            before, after = one.get(outcome, 0), other.get(outcome, 0)
            if before != after:
                rows.append(Count(region=region, outcome=outcome, whole=before, without=after))
    return rows


def _sum(result: RunResult, region: str) -> tuple[int, int]:
    rows = [row for row in result.availability if row.region == region]
    return sum(row.calls for row in rows), sum(row.served for row in rows)


def to_values(difference: Difference) -> dict[str, Any]:
    """Return the difference as plain values for JSON."""
    return dataclasses.asdict(difference)


def to_text(difference: Difference, *, width: int = 80) -> str:
    """Return the difference as plain text."""
    return layout.as_text(lambda console: show(difference, console), width=width)


def show(difference: Difference, console: Console) -> None:
    """Print the difference; colours only where the console has them."""
    layout.heading(console, "What was different without")
    for line in difference.left_out:
        layout.line(console, line)
    _show_verdicts(difference, console)
    _show_calls(difference, console)
    _show_availability(difference, console)


def _show_verdicts(difference: Difference, console: Console) -> None:
    layout.heading(console, "Promises, with all faults and without")
    if not difference.verdicts:
        layout.line(console, "no verdict changed")
        return
    table = layout.table(("promise", "left"), ("with", "left"), ("without", "left"))
    for row in difference.verdicts:
        table.add_row(layout.clean(row.promise), row.whole, row.without)
    layout.indent(console, table)


def _show_calls(difference: Difference, console: Console) -> None:
    layout.heading(console, "Calls by outcome, with all faults and without")
    if not difference.calls:
        layout.line(console, "no count changed")
        return
    names = ("with", "without", "change")
    table = layout.table(
        ("region", "left"), ("outcome", "left"), *((name, "right") for name in names)
    )
    for row in difference.calls:
        change = row.without - row.whole
        table.add_row(
            layout.clean(row.region),
            layout.clean(row.outcome),
            figures.count(row.whole),
            figures.count(row.without),
            f"{'+' if change > 0 else '-'}{figures.count(abs(change))}",
        )
    layout.indent(console, table)


def _show_availability(difference: Difference, console: Console) -> None:
    layout.heading(console, "Availability over the whole run, with all faults and without")
    table = layout.table(("region", "left"), ("with", "right"), ("without", "right"))
    for row in difference.availability:
        table.add_row(
            layout.clean(row.region),
            figures.share(row.whole_served, row.whole_calls),
            figures.share(row.without_served, row.without_calls),
        )
    layout.indent(console, table)
