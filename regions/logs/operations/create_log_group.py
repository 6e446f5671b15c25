"""CreateLogGroup: an empty log group; its events are kept for ever until PutRetentionPolicy.

Source: CloudWatch Logs API Reference, CreateLogGroup.
"""

from typing import Any

from regions.api.errors import InvalidParameterException
from regions.errors import UnsupportedOperationException
from regions.logs.changes import LogGroup
from regions.logs.errors import ResourceAlreadyExistsException
from regions.logs.wants import now_ms, on_group
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "kmsKeyId", "deletionProtectionEnabled")
    if parameters.get("logGroupClass", "STANDARD") != "STANDARD":
        raise UnsupportedOperationException("logGroupClass other than STANDARD is not modelled")
    name = parameters["logGroupName"]
    if name.startswith("aws/"):
        raise InvalidParameterException("Log groups starting with AWS/ are reserved for AWS.")
    if (desk.account, name) in desk.state.groups:
        raise ResourceAlreadyExistsException("The specified log group already exists")
    desk.change(
        LogGroup(
            account=desk.account,
            name=name,
            created_ms=now_ms(desk),
            tags=dict(parameters.get("tags", {})),
        )
    )
    return {}


OPERATION = on_group("CreateLogGroup", _perform)
