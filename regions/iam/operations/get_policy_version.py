"""GetPolicyVersion: a version of a managed policy, and its text.

Source: IAM API Reference, GetPolicyVersion.
"""

from typing import Any

from regions.iam.directory import Directory
from regions.iam.shapes import version_shape
from regions.iam.versions import find_version
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.policy(parameters["PolicyArn"], desk.account)
    version = find_version(directory, policy, parameters["VersionId"])
    return {"PolicyVersion": version_shape(policy, version, whole=True)}


OPERATION = on_policy_arn("GetPolicyVersion", _perform, read_only=True)
