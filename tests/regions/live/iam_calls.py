"""A call of IAM's operations on users, groups and roles; named as boto3 names the operation."""

import json

from iam_things import TAGS, is_gone, new_group, new_policy, new_role, new_user, paged
from stand import ACCOUNT, ROOT, Stand, trust

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
    assert [one["UserName"] for one in paged(at, "list_users", "Users", PathPrefix=path)] == names


def update_user(at: Stand) -> None:
    name, later = new_user(at), at.name("renamed")
    at.iam.update_user(UserName=name, NewUserName=later)
    assert at.iam.get_user(UserName=later)["User"]["UserName"] == later


def delete_user(at: Stand) -> None:
    name = new_user(at)
    at.iam.delete_user(UserName=name)
    is_gone(at.iam.get_user, UserName=name)


def tag_user(at: Stand) -> None:
    name = new_user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    assert at.iam.get_user(UserName=name)["User"]["Tags"] == TAGS


def untag_user(at: Stand) -> None:
    name = new_user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    at.iam.untag_user(UserName=name, TagKeys=["team"])
    assert "Tags" not in at.iam.get_user(UserName=name)["User"]


def list_user_tags(at: Stand) -> None:
    name = new_user(at)
    at.iam.tag_user(UserName=name, Tags=TAGS)
    assert at.iam.list_user_tags(UserName=name)["Tags"] == TAGS


def create_access_key(at: Stand) -> None:
    name = new_user(at)
    made = at.iam.create_access_key(UserName=name)["AccessKey"]
    assert (made["UserName"], made["Status"], len(made["SecretAccessKey"])) == (name, "Active", 40)


def list_access_keys(at: Stand) -> None:
    name = new_user(at)
    made = {at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in "ab"}
    listed = paged(at, "list_access_keys", "AccessKeyMetadata", UserName=name)
    assert {one["AccessKeyId"] for one in listed} == made


def update_access_key(at: Stand) -> None:
    name = new_user(at)
    key = at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    at.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    (found,) = at.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert (found["AccessKeyId"], found["Status"]) == (key, "Inactive")


def delete_access_key(at: Stand) -> None:
    name = new_user(at)
    key = at.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    at.iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert at.iam.list_access_keys(UserName=name)["AccessKeyMetadata"] == []


def put_user_permissions_boundary(at: Stand) -> None:
    name, arn = new_user(at), new_policy(at)
    at.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    found = at.iam.get_user(UserName=name)["User"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == arn


def delete_user_permissions_boundary(at: Stand) -> None:
    name, arn = new_user(at), new_policy(at)
    at.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn)
    at.iam.delete_user_permissions_boundary(UserName=name)
    assert "PermissionsBoundary" not in at.iam.get_user(UserName=name)["User"]


# Groups.


def create_group(at: Stand) -> None:
    name = at.name("group")
    made = at.iam.create_group(GroupName=name)["Group"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/{name}"


def get_group(at: Stand) -> None:
    name, user = new_group(at), new_user(at)
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
    listed = paged(at, "list_groups", "Groups", PathPrefix=path)
    assert [one["GroupName"] for one in listed] == names


def delete_group(at: Stand) -> None:
    name = new_group(at)
    at.iam.delete_group(GroupName=name)
    is_gone(at.iam.get_group, GroupName=name)


def add_user_to_group(at: Stand) -> None:
    name, user = new_group(at), new_user(at)
    at.iam.add_user_to_group(GroupName=name, UserName=user)
    assert at.iam.list_groups_for_user(UserName=user)["Groups"][0]["GroupName"] == name


def remove_user_from_group(at: Stand) -> None:
    name, user = new_group(at), new_user(at)
    at.iam.add_user_to_group(GroupName=name, UserName=user)
    at.iam.remove_user_from_group(GroupName=name, UserName=user)
    assert at.iam.get_group(GroupName=name)["Users"] == []


def list_groups_for_user(at: Stand) -> None:
    names, user = sorted((new_group(at), new_group(at))), new_user(at)
    for name in names:
        at.iam.add_user_to_group(GroupName=name, UserName=user)
    listed = paged(at, "list_groups_for_user", "Groups", UserName=user)
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
    assert [one["RoleName"] for one in paged(at, "list_roles", "Roles", PathPrefix=path)] == names


def update_role(at: Stand) -> None:
    name = new_role(at)
    at.iam.update_role(RoleName=name, Description="longer", MaxSessionDuration=7200)
    found = at.iam.get_role(RoleName=name)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("longer", 7200)


def update_assume_role_policy(at: Stand) -> None:
    name, wanted = new_role(at), trust("*")
    at.iam.update_assume_role_policy(RoleName=name, PolicyDocument=wanted)
    found = at.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert found == json.loads(wanted)


def delete_role(at: Stand) -> None:
    name = new_role(at)
    at.iam.delete_role(RoleName=name)
    is_gone(at.iam.get_role, RoleName=name)


def tag_role(at: Stand) -> None:
    name = new_role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    assert at.iam.get_role(RoleName=name)["Role"]["Tags"] == TAGS


def untag_role(at: Stand) -> None:
    name = new_role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    at.iam.untag_role(RoleName=name, TagKeys=["team"])
    assert at.iam.list_role_tags(RoleName=name)["Tags"] == []


def list_role_tags(at: Stand) -> None:
    name = new_role(at)
    at.iam.tag_role(RoleName=name, Tags=TAGS)
    assert at.iam.list_role_tags(RoleName=name)["Tags"] == TAGS


def put_role_permissions_boundary(at: Stand) -> None:
    name, arn = new_role(at), new_policy(at)
    at.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    found = at.iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == arn


def delete_role_permissions_boundary(at: Stand) -> None:
    name, arn = new_role(at), new_policy(at)
    at.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn)
    at.iam.delete_role_permissions_boundary(RoleName=name)
    assert "PermissionsBoundary" not in at.iam.get_role(RoleName=name)["Role"]
