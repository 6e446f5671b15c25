"""DeleteMetricFilter: a filter counts no more; what it has counted stays.

Source: CloudWatch Logs API Reference, DeleteMetricFilter.
"""

from typing import Any

from regions.logs.changes import MetricFilterDeleted
from regions.logs.errors import ResourceNotFoundException
from regions.logs.wants import find_group, on_group
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    group, name = find_group(desk, parameters), parameters["filterName"]
    if name not in group.filters:
        raise ResourceNotFoundException("The specified metric filter does not exist.")
    made = group.made
    desk.change(MetricFilterDeleted(account=made.account, group=made.name, name=name))
    return {}


OPERATION = on_group("DeleteMetricFilter", _perform)
