"""CreateLogStream: an empty stream in a log group.

Source: CloudWatch Logs API Reference, CreateLogStream.
"""

from typing import Any

from regions.logs.changes import LogStream
from regions.logs.errors import ResourceAlreadyExistsException
from regions.logs.wants import find_group, now_ms, on_stream
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    group, name = find_group(desk, parameters), parameters["logStreamName"]
    if name in group.streams:
        raise ResourceAlreadyExistsException("The specified log stream already exists")
    made = group.made
    desk.change(
        LogStream(account=made.account, group=made.name, name=name, created_ms=now_ms(desk))
    )
    return {}


OPERATION = on_stream("CreateLogStream", _perform)
