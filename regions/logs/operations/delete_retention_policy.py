"""DeleteRetentionPolicy: a log group keeps its events for ever.

Source: CloudWatch Logs API Reference, DeleteRetentionPolicy.
"""

from typing import Any

from regions.logs.state import with_retention
from regions.logs.wants import find_group, on_group
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    desk.change(with_retention(find_group(desk, parameters), 0))
    return {}


OPERATION = on_group("DeleteRetentionPolicy", _perform)
