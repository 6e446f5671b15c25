"""The API actions of CloudWatch Logs, one per file; this is their table."""

from typing import Final

from regions.logs.operations import (
    create_log_group,
    create_log_stream,
    delete_log_group,
    delete_log_stream,
    delete_metric_filter,
    delete_resource_policy,
    delete_retention_policy,
    describe_log_groups,
    describe_log_streams,
    describe_metric_filters,
    describe_resource_policies,
    filter_log_events,
    get_log_events,
    put_log_events,
    put_metric_filter,
    put_resource_policy,
    put_retention_policy,
    test_metric_filter,
)
from regions.service.operation import Operation

_MODULES: Final = (
    create_log_group,
    create_log_stream,
    delete_log_group,
    delete_log_stream,
    delete_metric_filter,
    delete_resource_policy,
    delete_retention_policy,
    describe_log_groups,
    describe_log_streams,
    describe_metric_filters,
    describe_resource_policies,
    filter_log_events,
    get_log_events,
    put_log_events,
    put_metric_filter,
    put_resource_policy,
    put_retention_policy,
    test_metric_filter,
)

#: API action to what it does.
OPERATIONS: Final[dict[str, Operation]] = {
    module.OPERATION.name: module.OPERATION for module in _MODULES
}
