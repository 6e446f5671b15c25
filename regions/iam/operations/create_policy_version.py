"""CreatePolicyVersion: write a managed policy anew; older versions stay.

Source: IAM API Reference, CreatePolicyVersion.
"""

from typing import Any

from regions.iam.changes import PolicyVersion
from regions.iam.directory import Directory
from regions.iam.documents import check_managed
from regions.iam.errors import LimitExceeded
from regions.iam.quotas import VERSIONS_MAX
from regions.iam.shapes import version_shape
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.own_policy(parameters["PolicyArn"], desk.account)
    check_managed(parameters["PolicyDocument"])
    if len(policy.versions) >= VERSIONS_MAX:
        raise LimitExceeded(
            f"A managed policy can have up to {VERSIONS_MAX} versions. Before you create a new "
            "version, you must delete an existing version."
        )
    number = policy.latest + 1
    version = PolicyVersion(
        number=number, document=parameters["PolicyDocument"], created_ns=desk.now_ns
    )
    policy = changed(
        policy,
        versions=(*policy.versions, version),
        latest=number,
        default=number if parameters.get("SetAsDefault", False) else policy.default,
        updated_ns=desk.now_ns,
    )
    desk.change(policy)
    return {"PolicyVersion": version_shape(policy, version)}


OPERATION = on_policy_arn("CreatePolicyVersion", _perform)
