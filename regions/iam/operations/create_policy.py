"""CreatePolicy: make a managed policy.

Source: IAM API Reference, CreatePolicy.
"""

from typing import Any

from regions.iam.changes import Policy, PolicyVersion
from regions.iam.directory import Directory
from regions.iam.documents import check_managed
from regions.iam.errors import EntityAlreadyExists
from regions.iam.identifiers import ID_BYTES, POLICY, unique_id
from regions.iam.quotas import check_quota
from regions.iam.shapes import policy_shape
from regions.iam.tagging import new_tags
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name, account, document = parameters["PolicyName"], desk.account, parameters["PolicyDocument"]
    check_managed(document)
    if directory.taken(Policy, account, name):
        raise EntityAlreadyExists(
            f"A policy called {name} already exists. Duplicate names are not allowed."
        )
    check_quota("PoliciesPerAccount", directory.count(Policy, account) + 1)
    policy = Policy(
        account=account,
        name=name,
        path=parameters.get("Path", "/"),
        policy_id=unique_id(POLICY, account, directory.vault.draw(ID_BYTES)),
        created_ns=desk.now_ns,
        updated_ns=desk.now_ns,
        versions=(PolicyVersion(number=1, document=document, created_ns=desk.now_ns),),
        default=1,
        latest=1,
        description=parameters.get("Description", ""),
        tags=new_tags(Policy, parameters),
    )
    desk.change(policy)
    return {"Policy": policy_shape(directory, policy, account, whole=True)}


OPERATION = on("CreatePolicy", Policy, "PolicyName", _perform)
