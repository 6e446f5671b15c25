"""SetDefaultPolicyVersion: say which version of a managed policy counts.

Source: IAM API Reference, SetDefaultPolicyVersion.
"""

from typing import Any

from regions.iam.directory import Directory
from regions.iam.versions import find_version
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.own_policy(parameters["PolicyArn"], desk.account)
    version = find_version(directory, policy, parameters["VersionId"])
    desk.change(changed(policy, default=version.number, updated_ns=desk.now_ns))
    return {}


OPERATION = on_policy_arn("SetDefaultPolicyVersion", _perform)
