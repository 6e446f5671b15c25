"""Findings as a text of 80 columns, as one JSON object, and sweeps as CSV.

No number stands alone: beside each is the interval from not knowing the rates, or that the rates
were chosen. A probability is never 0, and what was never seen has a one-sided bound.
What does not belong here: findings (study.py), and pictures (pictures/).
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console

from scenarios import layout
from scenarios.durability.breakdown import Way
from scenarios.durability.exact import nines
from scenarios.durability.placement import placement
from scenarios.durability.rates import Rate
from scenarios.durability.reading import spell_law, spell_years
from scenarios.durability.study import ELEVEN_NINES, Findings, Row, meets, names
from scenarios.durability.sweep import Axis, Point
from scenarios.durability.unsure import credible, highest

#: What stands in the JSON object, for each set of rates.
JSON_KEYS: Final[Mapping[str, str]] = {
    "model": "name of the model",
    "rates": "name of the set of rates",
    "mission_years": "over which a loss is counted",
    "rows": (
        "list of what is counted: name, aside, probability, nines, interval_low interval_median"
        " interval_high interval_mean over what the rates may be (equal when none was counted),"
        " eleven_nines, by_cause (last blow -> share of the losses), combinations (before: what was"
        " wrong already, last: the last blow, share), states, method, blows of the cut or null,"
        " left_out, fitted laws"
    ),
    "orders": "list of the blows in their order (before, last) and their share",
    "elasticities": "cause -> per cent of loss for one per cent of its rate, in the row `focus`",
    "focus": "the row that counts most and still has eleven nines; else the last one",
    "mean_years_to_loss": "mean time until the key is lost; null where it was not computed",
    "uncertain": (
        "list of the rates: cause, value, source, and of those counted events, years, low, high,"
        " at_most (95 %, one-sided)"
    ),
    "curve": "list of [years, probability by then]",
}
#: And what stands there besides when ``--keys`` is given.
PLACEMENT_KEY: Final = {
    "placement": "keys, copysets, expected (keys lost), any_lost (probability), together",
}

_BAR: Final = 46  #: letters of the text picture
_NINES: Final = 15.0  #: at its right end
_ROWS: Final = 6


def to_values(found: Findings) -> dict[str, Any]:
    """Return findings as plain values, with the keys of JSON_KEYS in that order."""
    last = found.last.answer.exact
    values = {
        "model": found.model.name,
        "rates": found.rates,
        "mission_years": found.model.mission,
        "rows": [_row_values(row, found.model.mission) for row in found.rows],
        "orders": [_way(way) for way in found.orders[:20]],
        "elasticities": dict(found.elasticities),
        "focus": found.focus.name,
        "mean_years_to_loss": found.mean_time,
        "uncertain": [_rate(name, rate) for name, rate in sorted(found.known.items())],
        "curve": [list(pair) for pair in last.curve],
    }
    return {key: values[key] for key in JSON_KEYS}


def _row_values(row: Row, mission: float) -> dict[str, Any]:
    exact, unsure = row.answer.exact, row.unsure
    return {
        "name": row.name,
        "aside": row.aside,
        "probability": row.probability,
        "nines": row.nines,
        "interval_low": unsure.low,
        "interval_median": unsure.median,
        "interval_high": unsure.high,
        "interval_mean": unsure.mean,
        "eleven_nines": meets(row, mission),
        "by_cause": dict(exact.by_cause),
        "combinations": [_way(way) for way in row.ways[:20]],
        "states": len(row.answer.chain.states),
        "method": exact.method,
        "blows": row.answer.blows,
        "left_out": exact.beyond,
        "fitted": list(row.answer.fitted),
    }


def _way(way: Way) -> dict[str, Any]:
    return {"before": way.before, "last": way.last, "share": way.share}


def _rate(name: str, rate: Rate) -> dict[str, Any]:
    values: dict[str, Any] = {"cause": name, "value": rate.value, "source": rate.source}
    if rate.counted:
        low, high = credible(rate)
        values |= {"events": rate.events, "years": rate.years, "low": low, "high": high}
        values["at_most"] = highest(rate)
    return values


def to_json(found: Sequence[Findings], keys: int = 0, copysets: int = 1) -> str:
    """Return findings for all sets of rates as one JSON object.

    Args:
      keys: how many there are, on so many copysets; 0 says nothing of many.
    """
    values = {one.rates: to_values(one) for one in found}
    if keys:
        for one in found:
            many = placement(one.last.probability, keys=keys, copysets=copysets)
            values[one.rates]["placement"] = asdict(many)
    return json.dumps(values, indent=2)


def to_text(found: Sequence[Findings], keys: int = 0, copysets: int = 1) -> str:
    """Return findings as plain text.

    Args:
      keys: how many there are, on so many copysets; 0 says nothing of many.
    """
    return layout.as_text(lambda console: show(found, console, keys, copysets))


def show(found: Sequence[Findings], console: Console, keys: int, copysets: int) -> None:
    """Print findings."""
    model = found[0].model
    layout.title(console, model.name)
    if model.summary:
        layout.line(console, model.summary)
    _built(found[0], console)
    layout.heading(console, f"Loss of one key within {spell_years(model.mission)}")
    _rows(found, console)
    layout.heading(console, f"Nines, 0 to {_NINES:.0f}")
    _bars(found, console)
    for one in found:
        kept = one.best
        for row in [kept, one.last] if kept and kept is not one.last else [one.last]:
            layout.heading(console, f"Where losses come from, {one.rates} rates, {row.name}")
            _causes(row, console)
    _help(found, console)
    if keys:
        _many(found, console, keys, copysets)
    _unknown(found, console)
    _notes(found, console)


def _built(found: Findings, console: Console) -> None:
    shape, model = found.model.layout, found.model
    needed = "one is enough" if shape.needed == 1 else f"{shape.needed} are needed"
    layout.line(
        console,
        f"{shape.regions} x {shape.azs} AZs x {shape.copies} copies, {needed};"
        f" a copy is made again in {spell_law(model.copy.repaired)}",
    )


def _rows(found: Sequence[Findings], console: Console) -> None:
    """Print what is lost, by what is counted, the sets of rates beside each other."""
    heads = [(head, "right") for one in found for head in (one.rates, "nines", "95 %")]
    table = layout.table(("counted", "left"), *heads)
    for name in names(found):
        line: list[str] = []
        for one in found:
            row = next((row for row in one.rows if row.name == name), None)
            line += ["", "", ""] if row is None else cells(row)
        aside = any(row.aside for one in found for row in one.rows if row.name == name)
        table.add_row(f"[{name}]" if aside else name, *line)
    layout.indent(console, table)


def cells(row: Row) -> list[str]:
    """Return loss, nines and interval of a row."""
    between = "chosen"
    if not row.unsure.known:
        between = f"{nines(row.unsure.high):.1f} to {nines(row.unsure.low):.1f}"
    return [f"{row.probability:.1e}", f"{row.nines:.2f}", between]


def _bars(found: Sequence[Findings], console: Console) -> None:
    """Print the same as letters: of each set its first one, and ``-`` what its rates leave open."""
    table = layout.table(("counted", "left"), (", ".join(one.rates for one in found), "left"))
    for name in names(found):
        letters = [" "] * _BAR
        rows = [row for one in found for row in one.rows if row.name == name]
        for row in rows:
            for at in range(_place(row.unsure.high), _place(row.unsure.low) + 1):
                letters[at] = "-"
        letters[_place(ELEVEN_NINES)] = "|"
        for one in found:
            for row in one.rows:
                if row.name == name:
                    letters[_place(row.probability)] = one.rates[0]
        table.add_row(name, "".join(letters))
    layout.indent(console, table)
    layout.line(console, "| is at eleven; - is what not knowing the counted rates leaves open.")


def _place(probability: float) -> int:
    return max(0, min(_BAR - 1, round(nines(probability) / _NINES * (_BAR - 1))))


def _causes(row: Row, console: Console) -> None:
    table = layout.table(("wrong already", "left"), ("last blow", "left"), ("share", "right"))
    shown = [way for way in row.ways[:_ROWS] if way.share >= 5e-4]
    for way in shown:
        table.add_row(way.before, way.last, f"{100 * way.share:.1f} %")
    rest = 1 - sum(way.share for way in shown)
    if rest >= 5e-4:
        table.add_row("anything else", "", f"{100 * rest:.1f} %")
    layout.indent(console, table)


def _help(found: Sequence[Findings], console: Console) -> None:
    """Print what one per cent of each rate does to the loss."""
    rows = [one for one in found if one.elasticities]
    if not rows:
        return
    layout.heading(console, "Per cent more loss for one per cent more of a rate")
    heads = [(f"{one.rates}, {one.focus.name}", "right") for one in rows]
    table = layout.table(("rate of", "left"), *heads)
    causes = dict.fromkeys(name for one in rows for name in one.elasticities)
    sizes = {name: max(abs(one.elasticities.get(name, 0.0)) for one in rows) for name in causes}
    for name in sorted(causes, key=lambda name: -sizes[name]):
        if sizes[name] >= 5e-3:
            table.add_row(name, *(f"{one.elasticities.get(name, 0.0):+.2f}" for one in rows))
    layout.indent(console, table)


def _many(found: Sequence[Findings], console: Console, keys: int, copysets: int) -> None:
    """Print what is lost of many keys, by what is counted."""
    sets = "one set of disks" if copysets == 1 else f"{copysets:,} sets of disks"
    layout.heading(console, f"{keys:,} keys on {sets}, {keys / copysets:,.0f} lost together")
    heads = [head for one in found for head in ((one.rates, "right"), ("any lost", "right"))]
    table = layout.table(("keys lost, expected", "left"), *heads)
    for name in names(found):
        line: list[str] = []
        for one in found:
            row = next((row for row in one.rows if row.name == name), None)
            if row is None:
                line += ["", ""]
                continue
            many = placement(row.probability, keys=keys, copysets=copysets)
            line += [f"{many.expected:.1e}", f"{many.any_lost:.1e}"]
        table.add_row(name, *line)
    layout.indent(console, table)
    if copysets > 1:
        layout.line(
            console, "Any lost is too pessimistic where one event takes all sets, as a fire does."
        )


def _unknown(found: Sequence[Findings], console: Console) -> None:
    counted = {name: rate for one in found for name, rate in one.known.items() if rate.counted}
    if not counted:
        return
    layout.heading(console, "What the counted rates rest on, per year")
    table = layout.table(
        ("cause", "left"), ("events", "right"), ("in years", "right"), ("rate", "right"),
        ("95 %", "right"), ("at most", "right"),
    )  # fmt: skip
    for name, rate in counted.items():
        low, high = credible(rate)
        table.add_row(
            name,
            f"{rate.events:,}",
            f"{rate.years:,.0f}",
            f"{rate.value:.2g}",
            f"{low:.2g} to {high:.2g}",
            f"{highest(rate):.2g}",
        )
    layout.indent(console, table)
    if any(rate.events == 0 for rate in counted.values()):
        layout.line(console, "None in N years still allows 3/N a year.")


def _notes(found: Sequence[Findings], console: Console) -> None:
    layout.heading(console, "How sure this is")
    exact = found[0].last.answer
    cut = (
        ""
        if exact.blows is None
        else (f"; cut {exact.blows} blows from the beginning, beyond it {exact.exact.beyond:.1g}")
    )
    layout.line(
        console,
        f"Exact for the model ({len(exact.chain.states)} states{cut}): no Monte-Carlo noise."
        " The intervals are those of the counted rates; what was chosen has none.",
    )
    if exact.fitted:
        layout.line(console, f"Approximate: phase-type laws stand for {', '.join(exact.fitted)}.")
    for one in found:
        kept = one.best
        said = f"up to '{kept.name}'" if kept else "nowhere"
        layout.line(console, f"Eleven nines per key and year with {one.rates} rates: {said}.")


def to_csv(axes: Sequence[Axis], points: Sequence[Point]) -> str:
    """Return a sweep as CSV: a column for each axis, in years or per year, and the loss."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([*(axis.name for axis in axes), "probability", "nines", "states"])
    for point in points:
        writer.writerow([*point.setting, point.probability, nines(point.probability), point.states])
    return page.getvalue()


def sweep_text(axes: Sequence[Axis], points: Sequence[Point], name: str) -> str:
    """Return the nines of a sweep: the first axis downwards, the others across."""
    across = len(points) // len(axes[0].values)

    def show_sweep(console: Console) -> None:
        layout.title(console, f"{name}: nines of one key within the mission")
        heads = [
            " ".join(
                f"{axis.name}={axis.spell(value)}"
                for axis, value in zip(axes[1:], point.setting[1:], strict=True)
            )
            or "nines"
            for point in points[:across]
        ]
        table = layout.table((axes[0].name, "right"), *((head, "right") for head in heads))
        for number, value in enumerate(axes[0].values):
            row = points[number * across : (number + 1) * across]
            table.add_row(axes[0].spell(value), *(f"{nines(one.probability):.2f}" for one in row))
        layout.indent(console, table)

    width = max(80, 12 + 14 * across)
    return layout.as_text(show_sweep, width=width)
