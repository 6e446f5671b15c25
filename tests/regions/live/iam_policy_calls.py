"""A call of IAM's operations on policies; each function is named as boto3 names the operation."""

import json
from typing import Any

from iam_things import DOCUMENT, TAGS, is_gone, new_group, new_policy, new_role, new_user, paged
from stand import ACCOUNT, Stand, policy

# Managed policies.


def create_policy(at: Stand) -> None:
    name = at.name("policy")
    made = at.iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT, Description="lists")
    assert (made["Policy"]["Arn"], made["Policy"]["DefaultVersionId"]) == (
        f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        "v1",
    )


def get_policy(at: Stand) -> None:
    arn, user = new_policy(at), new_user(at)
    at.iam.attach_user_policy(UserName=user, PolicyArn=arn)
    found = at.iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["Arn"], found["AttachmentCount"]) == (arn, 1)


def list_policies(at: Stand) -> None:
    made = {new_policy(at) for _ in range(2)}
    listed = paged(at, "list_policies", "Policies", Scope="Local")
    assert made <= {one["Arn"] for one in listed}


def delete_policy(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.delete_policy(PolicyArn=arn)
    is_gone(at.iam.get_policy, PolicyArn=arn)


def create_policy_version(at: Stand) -> None:
    arn = new_policy(at)
    made = at.iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=policy("kms:*"), SetAsDefault=True
    )["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", True)


def get_policy_version(at: Stand) -> None:
    found = at.iam.get_policy_version(PolicyArn=new_policy(at), VersionId="v1")["PolicyVersion"]
    assert found["Document"] == json.loads(DOCUMENT)


def list_policy_versions(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    listed = paged(at, "list_policy_versions", "Versions", PolicyArn=arn)
    assert {one["VersionId"]: one["IsDefaultVersion"] for one in listed} == {
        "v1": True,
        "v2": False,
    }


def set_default_policy_version(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    at.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert at.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"


def delete_policy_version(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    at.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    is_gone(at.iam.get_policy_version, PolicyArn=arn, VersionId="v2")


def tag_policy(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    assert at.iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == TAGS


def untag_policy(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    at.iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    assert at.iam.list_policy_tags(PolicyArn=arn)["Tags"] == []


def list_policy_tags(at: Stand) -> None:
    arn = new_policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    assert at.iam.list_policy_tags(PolicyArn=arn)["Tags"] == TAGS


def list_entities_for_policy(at: Stand) -> None:
    arn, user, group, role = new_policy(at), new_user(at), new_group(at), new_role(at)
    at.iam.attach_user_policy(UserName=user, PolicyArn=arn)
    at.iam.attach_group_policy(GroupName=group, PolicyArn=arn)
    at.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    found = at.iam.list_entities_for_policy(PolicyArn=arn)
    assert [
        *(one["UserName"] for one in found["PolicyUsers"]),
        *(one["GroupName"] for one in found["PolicyGroups"]),
        *(one["RoleName"] for one in found["PolicyRoles"]),
    ] == [user, group, role]


# Policies of users, groups and roles: the same six calls of each.


class _Holder:
    """One user, group or role, and the calls about its policies."""

    def __init__(self, at: Stand, kind: str) -> None:
        self._at, self._kind = at, kind
        made = {"user": new_user, "group": new_group, "role": new_role}[kind](at)
        self._named = {f"{kind.capitalize()}Name": made}

    def call(self, operation: str, **parameters: Any) -> Any:
        """Call ``put_*_policy`` and the like, * being the kind."""
        method = getattr(self._at.iam, operation.replace("*", self._kind))
        return method(**self._named, **parameters)

    def put(self) -> None:
        self.call("put_*_policy", PolicyName="p", PolicyDocument=DOCUMENT)
        found = self.call("get_*_policy", PolicyName="p")
        assert (found["PolicyName"], found["PolicyDocument"]) == ("p", json.loads(DOCUMENT))

    def listed(self) -> None:
        self.put()
        assert self.call("list_*_policies")["PolicyNames"] == ["p"]

    def delete(self) -> None:
        self.put()
        self.call("delete_*_policy", PolicyName="p")
        is_gone(self.call, operation="get_*_policy", PolicyName="p")

    def attach(self) -> str:
        arn = new_policy(self._at)
        self.call("attach_*_policy", PolicyArn=arn)
        (found,) = self.call("list_attached_*_policies")["AttachedPolicies"]
        assert found == {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
        return arn

    def detach(self) -> None:
        arn = self.attach()
        self.call("detach_*_policy", PolicyArn=arn)
        assert self.call("list_attached_*_policies")["AttachedPolicies"] == []


def put_user_policy(at: Stand) -> None:
    _Holder(at, "user").put()


def get_user_policy(at: Stand) -> None:
    _Holder(at, "user").put()


def list_user_policies(at: Stand) -> None:
    _Holder(at, "user").listed()


def delete_user_policy(at: Stand) -> None:
    _Holder(at, "user").delete()


def attach_user_policy(at: Stand) -> None:
    _Holder(at, "user").attach()


def list_attached_user_policies(at: Stand) -> None:
    _Holder(at, "user").attach()


def detach_user_policy(at: Stand) -> None:
    _Holder(at, "user").detach()


def put_group_policy(at: Stand) -> None:
    _Holder(at, "group").put()


def get_group_policy(at: Stand) -> None:
    _Holder(at, "group").put()


def list_group_policies(at: Stand) -> None:
    _Holder(at, "group").listed()


def delete_group_policy(at: Stand) -> None:
    _Holder(at, "group").delete()


def attach_group_policy(at: Stand) -> None:
    _Holder(at, "group").attach()


def list_attached_group_policies(at: Stand) -> None:
    _Holder(at, "group").attach()


def detach_group_policy(at: Stand) -> None:
    _Holder(at, "group").detach()


def put_role_policy(at: Stand) -> None:
    _Holder(at, "role").put()


def get_role_policy(at: Stand) -> None:
    _Holder(at, "role").put()


def list_role_policies(at: Stand) -> None:
    _Holder(at, "role").listed()


def delete_role_policy(at: Stand) -> None:
    _Holder(at, "role").delete()


def attach_role_policy(at: Stand) -> None:
    _Holder(at, "role").attach()


def list_attached_role_policies(at: Stand) -> None:
    _Holder(at, "role").attach()


def detach_role_policy(at: Stand) -> None:
    _Holder(at, "role").detach()
