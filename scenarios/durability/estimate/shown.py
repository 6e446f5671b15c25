"""An estimate as text and as JSON values.

What does not belong here: finding it (model_estimate.py), the exact answer's report.
"""

import math
from typing import Any, Final

from scenarios.durability.estimate.answer import Estimate, Interval
from scenarios.durability.estimate.model_estimate import Estimated
from scenarios.durability.model import Model

#: Ways to a loss that are told apart; chosen: more do not fit a glance.
_WAYS: Final = 4
#: Shares below this are not told; they would be shown as none.
_LEAST: Final = 5e-4
_LEVEL: Final = "95 %"


def to_text(model: Model, found: Estimated) -> str:
    """Return some lines for people."""
    answer = found.answer
    why = f"no chain has {', '.join(model.not_markov)} exactly" if model.not_markov else "as asked"
    lines = [f"estimate ({why}; seed {found.seed})"]
    if answer.probability is None:
        lines += _row("probability", f"at most {answer.interval.high:.2g} ({_LEVEL})")
        lines += [line for flag in answer.flags for line in _row("because", flag)]
    else:
        nines = -math.log10(answer.probability)
        lines += _row("probability", f"{answer.probability:.3e}  ({nines:.1f} nines)")
        lines += _row(
            f"{_LEVEL} interval", f"{_span(answer.interval)}  from not walking every path"
        )
        if answer.rates is not None:
            lines += _row("", f"{_span(answer.rates)}  from not knowing the rates")
        lines += [line for flag in answer.flags for line in _row("note", flag)]
    lines += [line for one in answer.estimates for line in _row(one.name, _estimator(one))]
    if len(answer.estimates) == 2:
        lines += _row("", f"they are {answer.apart:.1f} standard errors apart")
    told = [one for one in answer.failures[:_WAYS] if one[1] >= _LEAST]
    for number, (counts, share) in enumerate(told):
        way = " + ".join(
            f"{name} x {count}" if count > 1 else name
            for name, count in zip(found.causes, counts, strict=True)
            if count
        )
        lines += _row("" if number else "ways", f"{100 * share:5.1f} %  {way}")
    return "\n".join(lines) + "\n"


def _row(name: str, text: str) -> list[str]:
    return [f"  {name:<16}{text}".rstrip()]


def _span(interval: Interval) -> str:
    return f"{interval.low:.3e} to {interval.high:.3e}"


def _estimator(one: Estimate) -> str:
    if not one.losses:
        return f"no loss in {one.paths:,} paths"
    return (
        f"{one.probability:.3e} ± {100 * one.relative_error:.2g} %  of {one.paths:,} paths,"
        f" of which one has {100 * one.largest_share:.2g} %"
    )


def to_values(model: Model, found: Estimated) -> dict[str, Any]:
    """Return the same for JSON; infinities are null."""
    answer = found.answer
    return {
        "laws": list(model.not_markov),
        "seed": found.seed,
        "probability": answer.probability,
        "interval": _values(answer.interval),
        "interval_from_rates": _values(answer.rates),
        "bound_only": answer.bounded,
        "flags": list(answer.flags),
        "standard_errors_apart": _finite(answer.apart),
        "estimators": [
            {
                "name": one.name,
                "paths": one.paths,
                "losses": one.losses,
                "probability": one.probability,
                "relative_error": _finite(one.relative_error),
                "largest_share": one.largest_share,
            }
            for one in answer.estimates
        ],
        "ways": [
            {
                "failures": {
                    name: count for name, count in zip(found.causes, counts, strict=True) if count
                },
                "share": share,
            }
            for counts, share in answer.failures
        ],
    }


def _values(interval: Interval | None) -> list[float | None] | None:
    return None if interval is None else [_finite(interval.low), _finite(interval.high)]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
