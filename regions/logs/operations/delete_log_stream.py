"""DeleteLogStream: a stream is gone at once, with its events.

Source: CloudWatch Logs API Reference, DeleteLogStream.
"""

from typing import Any

from regions.logs.changes import LogStreamDeleted
from regions.logs.wants import find_stream, on_stream
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    made = find_stream(desk, parameters).made
    desk.change(LogStreamDeleted(account=made.account, group=made.group, name=made.name))
    return {}


OPERATION = on_stream("DeleteLogStream", _perform)
