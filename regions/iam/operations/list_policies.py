"""ListPolicies: managed policies: the account's own, and those that everybody has.

Source: IAM API Reference, ListPolicies.
"""

from typing import Any

from regions.iam.changes import Policy
from regions.iam.directory import Directory
from regions.iam.managed import AWS_ACCOUNT
from regions.iam.pages import page
from regions.iam.shapes import policy_shape
from regions.iam.wants import on_account
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    scope, prefix = parameters.get("Scope", "All"), parameters.get("PathPrefix", "/")
    found: list[Policy] = []
    if scope != "AWS":
        found += directory.all_of(Policy, desk.account, prefix)
    if scope != "Local":
        found += directory.all_of(Policy, AWS_ACCOUNT, prefix)
    used = parameters.get("PolicyUsageFilter")
    if parameters.get("OnlyAttached", False) or used == "PermissionsPolicy":
        found = [one for one in found if _held(desk, directory.arn(one))]
    if used == "PermissionsBoundary":
        found = [one for one in found if _bounds(desk, directory.arn(one))]
    found.sort(key=lambda one: directory.arn(one).lower())
    return page(
        parameters,
        "Policies",
        found,
        directory.arn,
        lambda policy: policy_shape(directory, policy, desk.account),
    )


def _held(desk: Desk, arn: str) -> bool:
    return any(True for _ in desk.state.holders_of(arn, desk.account))


def _bounds(desk: Desk, arn: str) -> bool:
    return any(True for _ in desk.state.bounded_by(arn, desk.account))


OPERATION = on_account("ListPolicies", _perform)
