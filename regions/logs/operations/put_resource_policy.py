"""PutResourcePolicy: what other services and accounts may do with an account's log groups.

Source: CloudWatch Logs API Reference, PutResourcePolicy: 10 policies, 5,120 characters each.
"""

from typing import Any, Final

from regions.api.errors import InvalidParameterException
from regions.errors import LimitExceededException
from regions.logs.changes import ResourcePolicy
from regions.logs.wants import now_ms, on_any
from regions.policy.document import compile_resource_policy
from regions.policy.flaws import PolicyError
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled

POLICIES_MAX: Final = 10


def policy_shape(policy: ResourcePolicy) -> dict[str, Any]:
    """Return a policy as answers show it."""
    return {
        "policyName": policy.name,
        "policyDocument": policy.document,
        "lastUpdatedTime": policy.updated_ms,
    }


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "resourceArn", "expectedRevisionId")
    name, document = parameters.get("policyName"), parameters.get("policyDocument")
    if not name or not document:
        raise InvalidParameterException("policyName and policyDocument must be specified.")
    try:
        compile_resource_policy(document)
    except PolicyError as error:
        raise InvalidParameterException(f"Invalid policy document: {error}") from None
    owned = [one for account, one in desk.state.policies if account == desk.account]
    if name not in owned and len(owned) >= POLICIES_MAX:
        raise LimitExceededException("Resource limit exceeded.")
    policy = ResourcePolicy(
        account=desk.account, name=name, document=document, updated_ms=now_ms(desk)
    )
    desk.change(policy)
    return {"resourcePolicy": policy_shape(policy)}


OPERATION = on_any("PutResourcePolicy", _perform)
