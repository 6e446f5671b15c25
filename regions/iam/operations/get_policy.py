"""GetPolicy: a managed policy, without its text.

Source: IAM API Reference, GetPolicy.
"""

from typing import Any

from regions.iam.directory import Directory
from regions.iam.shapes import policy_shape
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    policy = directory.policy(parameters["PolicyArn"], desk.account)
    return {"Policy": policy_shape(directory, policy, desk.account, whole=True)}


OPERATION = on_policy_arn("GetPolicy", _perform, read_only=True)
