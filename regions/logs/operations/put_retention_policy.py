"""PutRetentionPolicy: how many days a log group keeps its events.

Source: CloudWatch Logs API Reference, PutRetentionPolicy: the possible values.
"""

from typing import Any, Final

from regions.api.errors import InvalidParameterException
from regions.logs.state import with_retention
from regions.logs.wants import find_group, on_group
from regions.service.operation import Desk, Values

DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    days = parameters["retentionInDays"]
    if days not in DAYS:
        allowed = ", ".join(str(one) for one in DAYS)
        raise InvalidParameterException(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy"
            f" constraint: Member must satisfy enum value set: [{allowed}]"
        )
    desk.change(with_retention(find_group(desk, parameters), days))
    return {}


OPERATION = on_group("PutRetentionPolicy", _perform)
