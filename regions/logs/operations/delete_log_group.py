"""DeleteLogGroup: a log group is gone at once, with its streams, events and filters.

Source: CloudWatch Logs API Reference, DeleteLogGroup.
"""

from typing import Any

from regions.logs.changes import LogGroupDeleted
from regions.logs.wants import find_group, on_group
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    made = find_group(desk, parameters).made
    desk.change(LogGroupDeleted(account=made.account, name=made.name))
    return {}


OPERATION = on_group("DeleteLogGroup", _perform)
