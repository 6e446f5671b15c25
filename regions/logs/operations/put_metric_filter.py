"""PutMetricFilter: count what matches a pattern into a metric, from now on.

Source: CloudWatch Logs API Reference, PutMetricFilter: values, 100 filters a group, dimensions.
"""

from typing import Any, Final

from regions.api.errors import InvalidParameterException
from regions.errors import LimitExceededException
from regions.logs.changes import MetricFilter
from regions.logs.comparison import number
from regions.logs.counting import DIMENSIONS_MAX
from regions.logs.filter_pattern import Terms
from regions.logs.operations.filter_log_events import readable
from regions.logs.wants import find_group, now_ms, on_group
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled

FILTERS_MAX: Final = 100


def _check(transformation: Values, *, of_terms: bool) -> None:
    value, dimensions = transformation["metricValue"], transformation.get("dimensions", {})
    if not value.startswith("$"):
        if number(value) is None:
            raise InvalidParameterException(
                f"Invalid metric transformation: metricValue '{value}' is no number"
            )
    elif of_terms:
        raise InvalidParameterException(
            "Invalid metric transformation: the filter pattern has no field for metricValue"
        )
    if len(dimensions) > DIMENSIONS_MAX:
        raise InvalidParameterException(
            f"Invalid metric transformation: more than {DIMENSIONS_MAX} dimensions"
        )
    if dimensions and "defaultValue" in transformation:
        raise InvalidParameterException(
            "Invalid metric transformation: dimensions and default value are mutually exclusive"
            " properties."
        )


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(
        parameters, "applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"
    )
    pattern = readable(parameters["filterPattern"])
    group, name = find_group(desk, parameters), parameters["filterName"]
    (transformation,) = parameters["metricTransformations"]
    _check(transformation, of_terms=isinstance(pattern, Terms))
    if name not in group.filters and len(group.filters) >= FILTERS_MAX:
        raise LimitExceededException("Resource limit exceeded.")
    desk.change(
        MetricFilter(
            account=group.made.account,
            group=group.made.name,
            name=name,
            pattern=parameters["filterPattern"],
            transformation=dict(transformation),
            created_ms=now_ms(desk),
        )
    )
    return {}


OPERATION = on_group("PutMetricFilter", _perform)
