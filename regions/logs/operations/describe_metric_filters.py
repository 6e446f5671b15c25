"""DescribeMetricFilters: the metric filters of a group, or of all groups, by name.

Source: CloudWatch Logs API Reference, DescribeMetricFilters.
"""

from typing import Any

from regions.api.errors import InvalidParameterException
from regions.logs.changes import MetricFilter
from regions.logs.places import page
from regions.logs.wants import find_group, on_account
from regions.service.operation import Desk, Values


def _shape(one: MetricFilter) -> dict[str, Any]:
    return {
        "filterName": one.name,
        "filterPattern": one.pattern,
        "metricTransformations": [one.transformation],
        "creationTime": one.created_ms,
        "logGroupName": one.group,
    }


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    metric, namespace = parameters.get("metricName"), parameters.get("metricNamespace")
    if (metric is None) != (namespace is None):
        raise InvalidParameterException(
            "metricName and metricNamespace must be specified together."
        )
    of_group = "logGroupName" in parameters
    groups = [find_group(desk, parameters)] if of_group else desk.state.of_account(desk.account)
    prefix = parameters.get("filterNamePrefix", "") if of_group else ""
    found = [
        (one.name, one.group, _shape(one))
        for group in groups
        for one in group.filters.values()
        if one.name.startswith(prefix)
        and (
            metric is None
            or (metric, namespace)
            == (one.transformation["metricName"], one.transformation["metricNamespace"])
        )
    ]
    found.sort(key=lambda entry: entry[:2])
    keyed = [shape | {"place": f"{name}:{group}"} for name, group, shape in found]
    answer = page(keyed, parameters, "metricFilters", "place")
    for shape in answer["metricFilters"]:
        del shape["place"]
    return answer


OPERATION = on_account("DescribeMetricFilters", _perform, read_only=True)
