"""A cross-check, and the map of rates to faults, as text and as JSON values.

What does not belong here: any figure (compare.py).
"""

import math
from collections.abc import Mapping
from typing import Any

from scenarios.durability.crosscheck.compare import LOSSES, Comparison
from scenarios.durability.crosscheck.mapping import MAPPING
from scenarios.durability.model import Model


def to_text(model: Model, factors: Mapping[str, float], found: Comparison, seed: int) -> str:
    """Return some lines for people."""
    low, high = found.interval
    faster = _faster(factors)
    lines = [
        f"{model.name}: the model beside the real actors (seed {seed})",
        *_row("accelerated", faster),
        *_row("lived", f"{found.years:.3g} years, {found.blows:,} blows, {found.losses:,} losses"),
        *_row("", f"{found.forced:,} groups forced after the loss of a majority"),
        "",
        _columns("mean time to a loss", "model", "actors") + "  95 %",
        _columns("", _time(found.predicted.mean), _time(found.mean))
        + f"  {_time(low)} to {_time(high)}",
    ]
    names = sorted({*found.shares, *found.predicted.shares})
    if found.losses:
        lines += ["", _columns("last blow", "model", "actors")]
        lines += [
            _columns(name, _share(found.predicted.shares, name), _share(found.shares, name))
            for name in names
        ]
    return "\n".join([*lines, "", *_verdict(found)]) + "\n"


def _faster(factors: Mapping[str, float]) -> str:
    if len(set(factors.values())) == 1:
        return f"all failures x {next(iter(factors.values())):g}"
    return ", ".join(f"{name} x {factor:g}" for name, factor in factors.items()) or "nothing"


def _verdict(found: Comparison) -> list[str]:
    lines = []
    if not found.enough:
        lines.append(
            f"{found.losses} losses are too few to tell: expected {LOSSES} or more, with a longer"
            " --for or a higher --accelerate"
        )
    elif found.agrees:
        lines.append("They agree: the prediction lies within the interval.")
    else:
        factor = found.predicted.mean / found.mean
        lines.append(
            f"They disagree: keys are lost {factor:.3g} times as often as the model predicts."
        )
    if found.losses > 1:
        lines.append(
            f"A rate of losses {found.least_factor:.2f} times as high would be seen 9 times of 10."
        )
    if found.unconfirmed:
        lines.append(
            f"{found.unconfirmed} times no copy was seen and the service had the key: not counted."
        )
    if found.predicted.fitted:
        fitted = ", ".join(found.predicted.fitted)
        lines.append(f"The chain has fitted laws of {fitted}; the actors have the true ones.")
    return lines


def to_values(
    model: Model, factors: Mapping[str, float], found: Comparison, seed: int
) -> dict[str, Any]:
    """Return the same for JSON; times in years, infinities are null."""
    low, high = found.interval
    return {
        "model": model.name,
        "seed": seed,
        "accelerated": dict(factors),
        "years": found.years,
        "blows": found.blows,
        "forced": found.forced,
        "losses": found.losses,
        "unconfirmed": found.unconfirmed,
        "predicted": {"mean": found.predicted.mean, "shares": dict(found.predicted.shares)},
        "actors": {
            "mean": _finite(found.mean),
            "interval": [_finite(low), _finite(high)],
            "shares": dict(found.shares),
        },
        "enough": found.enough,
        "agrees": found.agrees,
        "least_factor": _finite(found.least_factor),
        "fitted": list(found.predicted.fitted),
    }


def map_text() -> str:
    """Return the table of rates and faults, for people."""
    rows = [("rate", "key", "faults", "where", "what happens")]
    rows += [
        (one.name, one.keys, ", ".join(one.faults) or "-", one.place, one.doc) for one in MAPPING
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        first = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        lines.append(f"{first}  {row[4]}".rstrip())
    return "\n".join(lines) + "\n"


def map_values() -> list[dict[str, Any]]:
    """Return the table of rates and faults, for JSON."""
    return [
        {
            "rate": one.name,
            "keys": one.keys.split(", "),
            "faults": list(one.faults),
            "where": one.place,
            "doc": one.doc,
        }
        for one in MAPPING
    ]


def _columns(name: str, *values: str) -> str:
    return f"  {name:<26}{''.join(f'{value:>12}' for value in values)}"


def _row(name: str, text: str) -> list[str]:
    return [f"  {name:<16}{text}".rstrip()]


def _share(shares: Mapping[str, float], name: str) -> str:
    return f"{100 * shares.get(name, 0.0):.1f} %"


def _time(years: float) -> str:
    """Return a duration in the largest unit of which there is at least one."""
    if math.isinf(years):
        return "for ever"
    for unit, size in (("y", 1.0), ("d", 365.25), ("h", 8766.0), ("min", 525_960.0)):
        if years * size >= 1:
            return f"{years * size:.4g} {unit}"
    return f"{years * 31_557_600:.3g} s"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
