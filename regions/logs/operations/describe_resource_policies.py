"""DescribeResourcePolicies: the policies of an account's log groups, by name.

Source: CloudWatch Logs API Reference, DescribeResourcePolicies.
"""

from typing import Any

from regions.logs.operations.put_resource_policy import policy_shape
from regions.logs.places import page
from regions.logs.wants import on_any
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "resourceArn")
    found = [
        policy_shape(policy)
        for (account, _), policy in sorted(desk.state.policies.items())
        if account == desk.account
    ]
    return page(found, parameters, "resourcePolicies", "policyName")


OPERATION = on_any("DescribeResourcePolicies", _perform, read_only=True)
