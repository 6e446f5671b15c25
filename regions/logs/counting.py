"""What metric filters count of new events.

Metrics live here alone: the CloudWatch metrics API is not modelled.
What does not belong here: when events are taken (operations/put_log_events.py).
Source: CloudWatch Logs User Guide, "Creating metrics from log events using filters".
"""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, Final

from regions.logs.changes import MetricCounted, MetricFilter
from regions.logs.filter_pattern import FilterPattern, compile_pattern
from regions.logs.state import Group

DIMENSIONS_MAX: Final = 3


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def _dimensions(pattern: FilterPattern, message: str, named: dict[str, str]) -> str:
    found = [(name, pattern.value(message, named[name])) for name in sorted(named)]
    return ",".join(f"{name}={value}" for name, value in found if value is not None)


def _of(one: MetricFilter, messages: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield dimensions and value of every sample that some messages give."""
    pattern, shape = compile_pattern(one.pattern), one.transformation
    wanted: str = shape["metricValue"]
    named: dict[str, str] = shape.get("dimensions", {})
    for message in messages:
        value: Any = None
        if pattern.extract(message) is None:
            value = shape.get("defaultValue")
        elif wanted.startswith("$"):
            value = _number(pattern.value(message, wanted))
        else:
            value = float(wanted)
        if value is not None:
            yield _dimensions(pattern, message, named) if named else "", float(value)


def counted(group: Group, messages: Sequence[str]) -> list[MetricCounted]:
    """Return how a group's metrics grow by new messages."""
    grown: dict[tuple[str, str, str], tuple[float, int]] = {}
    for one in group.filters.values():
        shape = one.transformation
        for dimensions, value in _of(one, messages):
            metric = (shape["metricNamespace"], shape["metricName"], dimensions)
            total, samples = grown.get(metric, (0.0, 0))
            grown[metric] = (total + value, samples + 1)
    return [
        MetricCounted(
            account=group.made.account,
            namespace=namespace,
            metric=name,
            dimensions=dimensions,
            total=total,
            samples=samples,
        )
        for (namespace, name, dimensions), (total, samples) in grown.items()
    ]
