"""ListPolicyVersions: the versions of a managed policy, newest first.

Source: IAM API Reference, ListPolicyVersions.
"""

from typing import Any

from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import version_shape
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.policy(parameters["PolicyArn"], desk.account)
    newest = policy.latest
    return page(
        parameters,
        "Versions",
        policy.versions[::-1],
        lambda version: f"{newest - version.number:09}",
        lambda version: version_shape(policy, version),
    )


OPERATION = on_policy_arn("ListPolicyVersions", _perform, read_only=True)
