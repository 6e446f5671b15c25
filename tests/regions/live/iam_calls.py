"""A call of every IAM operation by boto3; each function is named as boto3 names the operation."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stand import ACCOUNT, ROOT, Stand, policy, trust

DOCUMENT = policy("kms:ListKeys")
TAGS = [{"Key": "team", "Value": "payments"}]


def _user(at: Stand) -> str:
    name = at.name("user")
    at.iam.create_user(UserName=name)
    return name


def _group(at: Stand) -> str:
    name = at.name("group")
    at.iam.create_group(GroupName=name)
    return name


def _role(at: Stand) -> str:
    name = at.name("role")
    at.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))
    return name


def _policy(at: Stand) -> str:
    made = at.iam.create_policy(PolicyName=at.name("policy"), PolicyDocument=DOCUMENT)
    return str(made["Policy"]["Arn"])


def _gone(call: Any, **parameters: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        call(**parameters)


def _paged(at: Stand, operation: str, member: str, **parameters: Any) -> list[Any]:
    """Return all items of a list, one a page."""
    pages = at.iam.get_paginator(operation).paginate(**parameters, PaginationConfig={"PageSize": 1})
    return [item for page in pages for item in page[member]]


# Users and their keys.


def create_user(at: Stand) -> None:
    name = at.name("user")
    made = at.iam.create_user(UserName=name, Path="/ops/", Tags=TAGS)["User"]
    assert (made["Arn"], made["Tags"]) == (f"arn:aws:iam::{ACCOUNT}:user/ops/{name}", TAGS)


def get_user(at: Stand) -> None:
    name = at.name("user")
    made = at.iam.create_user(UserName=name)["User"]
    assert at.iam.get_user(UserName=name)["User"] == made


def list_users(at: Stand) -> None:
    path = f"/{at.name('path')}/"
    names = sorted(at.name("user") for _ in range(3))
    for name in names:
        at.iam.create_user(UserName=name, Path=path)
    assert [one["UserName"] for one in _paged(at, "list_users", "Users", PathPrefix=path)] == names


def update_user(at: Stand) -> None:
    name, later = _user(at), at.name("renamed")
    at.iam.update_user(UserName=name, NewUserName=later)
    assert at.iam.get_user(UserName=later)["User"]["UserName"] == later


def delete_user(at: Stand) -> None:
    name = _user(at)
    at.iam.delete_user(UserName=name)
    _gone(at.iam.get_user, UserName=name)


def tag_user(at: Stand) -> None:
    name = _user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    assert at.iam.get_user(UserName=name)["User"]["Tags"] == TAGS


def untag_user(at: Stand) -> None:
    name = _user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    at.iam.untag_user(UserName=name, TagKeys=["team"])
    assert "Tags" not in at.iam.get_user(UserName=name)["User"]


def list_user_tags(at: Stand) -> None:
    name = _user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    assert at.iam.list_user_tags(UserName=name)["Tags"] == TAGS


def create_access_key(at: Stand) -> None:
    name = _user(at)
    made = at.iam.create_access_key(UserName=name)["AccessKey"]
    assert (made["UserName"], made["Status"], len(made["SecretAccessKey"])) == (name, "Active", 40)


def list_access_keys(at: Stand) -> None:
    name = _user(at)
    made = {at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in "ab"}
    listed = _paged(at, "list_access_keys", "AccessKeyMetadata", UserName=name)
    assert {one["AccessKeyId"] for one in listed} == made


def update_access_key(at: Stand) -> None:
    name = _user(at)
    key = at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    at.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    (found,) = at.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert (found["AccessKeyId"], found["Status"]) == (key, "Inactive")


def delete_access_key(at: Stand) -> None:
    name = _user(at)
    key = at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    at.iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert at.iam.list_access_keys(UserName=name)["AccessKeyMetadata"] == []


def put_user_permissions_boundary(at: Stand) -> None:
    name, arn = _user(at), _policy(at)
    at.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    found = at.iam.get_user(UserName=name)["User"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == arn


def delete_user_permissions_boundary(at: Stand) -> None:
    name, arn = _user(at), _policy(at)
    at.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    at.iam.delete_user_permissions_boundary(UserName=name)
    assert "PermissionsBoundary" not in at.iam.get_user(UserName=name)["User"]


# Groups.


def create_group(at: Stand) -> None:
    name = at.name("group")
    made = at.iam.create_group(GroupName=name)["Group"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/{name}"


def get_group(at: Stand) -> None:
    name, user = _group(at), _user(at)
    at.iam.add_user_to_group(GroupName=name, UserName=user)
    found = at.iam.get_group(GroupName=name)
    assert [found["Group"]["GroupName"], *(one["UserName"] for one in found["Users"])] == [
        name,
        user,
    ]


def list_groups(at: Stand) -> None:
    path = f"/{at.name('path')}/"
    names = sorted(at.name("group") for _ in range(2))
    for name in names:
        at.iam.create_group(GroupName=name, Path=path)
    listed = _paged(at, "list_groups", "Groups", PathPrefix=path)
    assert [one["GroupName"] for one in listed] == names


def delete_group(at: Stand) -> None:
    name = _group(at)
    at.iam.delete_group(GroupName=name)
    _gone(at.iam.get_group, GroupName=name)


def add_user_to_group(at: Stand) -> None:
    name, user = _group(at), _user(at)
    at.iam.add_user_to_group(GroupName=name, UserName=user)
    assert at.iam.list_groups_for_user(UserName=user)["Groups"][0]["GroupName"] == name


def remove_user_from_group(at: Stand) -> None:
    name, user = _group(at), _user(at)
    at.iam.add_user_to_group(GroupName=name, UserName=user)
    at.iam.remove_user_from_group(GroupName=name, UserName=user)
    assert at.iam.get_group(GroupName=name)["Users"] == []


def list_groups_for_user(at: Stand) -> None:
    names, user = sorted((_group(at), _group(at))), _user(at)
    for name in names:
        at.iam.add_user_to_group(GroupName=name, UserName=user)
    listed = _paged(at, "list_groups_for_user", "Groups", UserName=user)
    assert [one["GroupName"] for one in listed] == names


# Roles.


def create_role(at: Stand) -> None:
    name = at.name("role")
    made = at.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert made["AssumeRolePolicyDocument"] == json.loads(trust(ROOT))


def get_role(at: Stand) -> None:
    name = at.name("role")
    made = at.iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust(ROOT), Description="lent", Tags=TAGS
    )["Role"]
    found = at.iam.get_role(RoleName=name)["Role"]
    assert {member: found[member] for member in made} == made


def list_roles(at: Stand) -> None:
    path = f"/{at.name('path')}/"
    names = sorted(at.name("role") for _ in range(2))
    for name in names:
        at.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust(ROOT))
    assert [one["RoleName"] for one in _paged(at, "list_roles", "Roles", PathPrefix=path)] == names


def update_role(at: Stand) -> None:
    name = _role(at)
    at.iam.update_role(RoleName=name, Description="longer", MaxSessionDuration=7200)
    found = at.iam.get_role(RoleName=name)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("longer", 7200)


def update_assume_role_policy(at: Stand) -> None:
    name, wanted = _role(at), trust("*")
    at.iam.update_assume_role_policy(RoleName=name, PolicyDocument=wanted)
    found = at.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert found == json.loads(wanted)


def delete_role(at: Stand) -> None:
    name = _role(at)
    at.iam.delete_role(RoleName=name)
    _gone(at.iam.get_role, RoleName=name)


def tag_role(at: Stand) -> None:
    name = _role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    assert at.iam.get_role(RoleName=name)["Role"]["Tags"] == TAGS


def untag_role(at: Stand) -> None:
    name = _role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    at.iam.untag_role(RoleName=name, TagKeys=["team"])
    assert at.iam.list_role_tags(RoleName=name)["Tags"] == []


def list_role_tags(at: Stand) -> None:
    name = _role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    assert at.iam.list_role_tags(RoleName=name)["Tags"] == TAGS


def put_role_permissions_boundary(at: Stand) -> None:
    name, arn = _role(at), _policy(at)
    at.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    found = at.iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == arn


def delete_role_permissions_boundary(at: Stand) -> None:
    name, arn = _role(at), _policy(at)
    at.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    at.iam.delete_role_permissions_boundary(RoleName=name)
    assert "PermissionsBoundary" not in at.iam.get_role(RoleName=name)["Role"]


# Managed policies.


def create_policy(at: Stand) -> None:
    name = at.name("policy")
    made = at.iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT, Description="lists")
    assert (made["Policy"]["Arn"], made["Policy"]["DefaultVersionId"]) == (
        f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        "v1",
    )


def get_policy(at: Stand) -> None:
    arn, user = _policy(at), _user(at)
    at.iam.attach_user_policy(UserName=user, PolicyArn=arn)
    found = at.iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["Arn"], found["AttachmentCount"]) == (arn, 1)


def list_policies(at: Stand) -> None:
    made = {_policy(at) for _ in range(2)}
    listed = _paged(at, "list_policies", "Policies", Scope="Local")
    assert made <= {one["Arn"] for one in listed}


def delete_policy(at: Stand) -> None:
    arn = _policy(at)
    at.iam.delete_policy(PolicyArn=arn)
    _gone(at.iam.get_policy, PolicyArn=arn)


def create_policy_version(at: Stand) -> None:
    arn = _policy(at)
    made = at.iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=policy("kms:*"), SetAsDefault=True
    )["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", True)


def get_policy_version(at: Stand) -> None:
    found = at.iam.get_policy_version(PolicyArn=_policy(at), VersionId="v1")["PolicyVersion"]
    assert found["Document"] == json.loads(DOCUMENT)


def list_policy_versions(at: Stand) -> None:
    arn = _policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    listed = _paged(at, "list_policy_versions", "Versions", PolicyArn=arn)
    assert {one["VersionId"]: one["IsDefaultVersion"] for one in listed} == {
        "v1": True,
        "v2": False,
    }


def set_default_policy_version(at: Stand) -> None:
    arn = _policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    at.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert at.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"


def delete_policy_version(at: Stand) -> None:
    arn = _policy(at)
    at.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("kms:*"))
    at.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    _gone(at.iam.get_policy_version, PolicyArn=arn, VersionId="v2")


def tag_policy(at: Stand) -> None:
    arn = _policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    assert at.iam.get_policy(PolicyArn=arn)["Policy"]["Tags"] == TAGS


def untag_policy(at: Stand) -> None:
    arn = _policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    at.iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
    assert at.iam.list_policy_tags(PolicyArn=arn)["Tags"] == []


def list_policy_tags(at: Stand) -> None:
    arn = _policy(at)
    at.iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    assert at.iam.list_policy_tags(PolicyArn=arn)["Tags"] == TAGS


def list_entities_for_policy(at: Stand) -> None:
    arn, user, group, role = _policy(at), _user(at), _group(at), _role(at)
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
        made = {"user": _user, "group": _group, "role": _role}[kind](at)
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
        _gone(self.call, operation="get_*_policy", PolicyName="p")

    def attach(self) -> str:
        arn = _policy(self._at)
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
