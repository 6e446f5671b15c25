"""TestMetricFilter: which of some messages a pattern matches, and what it extracts.

Source: CloudWatch Logs API Reference, TestMetricFilter.
"""

from typing import Any

from regions.logs.operations.filter_log_events import readable
from regions.logs.wants import on_any
from regions.service.operation import Desk, Values


def _perform(_: Desk, parameters: Values) -> dict[str, Any]:
    pattern = readable(parameters["filterPattern"])
    matches = []
    for number, message in enumerate(parameters["logEventMessages"], start=1):
        values = pattern.extract(message)
        if values is not None:
            matches.append(
                {"eventNumber": number, "eventMessage": message, "extractedValues": dict(values)}
            )
    return {"matches": matches}


OPERATION = on_any("TestMetricFilter", _perform, read_only=True)
