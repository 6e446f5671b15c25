"""DeleteResourcePolicy: one policy of an account's log groups is gone.

Source: CloudWatch Logs API Reference, DeleteResourcePolicy.
"""

from typing import Any

from regions.logs.changes import ResourcePolicyDeleted
from regions.logs.errors import ResourceNotFoundException
from regions.logs.wants import on_any
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "resourceArn", "expectedRevisionId")
    name = parameters.get("policyName", "")
    if (desk.account, name) not in desk.state.policies:
        raise ResourceNotFoundException(f"Policy with name [{name}] does not exist")
    desk.change(ResourcePolicyDeleted(account=desk.account, name=name))
    return {}


OPERATION = on_any("DeleteResourcePolicy", _perform)
