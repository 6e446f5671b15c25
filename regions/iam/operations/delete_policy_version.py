"""DeletePolicyVersion: drop a version of a managed policy that does not count.

Source: IAM API Reference, DeletePolicyVersion.
"""

from typing import Any

from regions.iam.directory import Directory
from regions.iam.errors import DeleteConflict
from regions.iam.versions import find_version
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.own_policy(parameters["PolicyArn"], desk.account)
    version = find_version(directory, policy, parameters["VersionId"])
    if version.number == policy.default:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    left = tuple(one for one in policy.versions if one is not version)
    desk.change(changed(policy, versions=left, updated_ns=desk.now_ns))
    return {}


OPERATION = on_policy_arn("DeletePolicyVersion", _perform)
