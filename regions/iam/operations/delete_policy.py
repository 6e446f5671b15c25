"""DeletePolicy: make an end of a managed policy that nobody has.

Source: IAM API Reference, DeletePolicy.
"""

from typing import Any

from regions.iam.changes import Gone
from regions.iam.directory import Directory
from regions.iam.errors import DeleteConflict
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    arn = parameters["PolicyArn"]
    policy = directory.own_policy(arn, desk.account)
    held = (*directory.holders_of(arn, desk.account), *directory.bounded_by(arn, desk.account))
    if held:
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    desk.change(Gone(kind="policy", account=policy.account, name=policy.name))
    return {}


OPERATION = on_policy_arn("DeletePolicy", _perform)
