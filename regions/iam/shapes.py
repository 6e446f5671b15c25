"""What answers show of users, roles, groups, policies and keys, in the members of the API.

What does not belong here: what is asked for (operations/).
Source: IAM API Reference, "Data Types"; documents are percent-encoded as RFC 3986 has it.
"""

from typing import Any
from urllib.parse import quote

from regions.iam.changes import AccessKey, Group, Pairs, Policy, PolicyVersion, Role, User
from regions.iam.directory import Directory
from sim.units import NS_PER_SECOND

Shape = dict[str, Any]


def timestamp(calendar_ns: int) -> float:
    """Return a moment as answers show it: whole seconds since 1970."""
    return float(calendar_ns // NS_PER_SECOND)


def encoded(document: str) -> str:
    """Return a policy as answers show it."""
    return quote(document, safe="-._~")


def tag_list(tags: Pairs) -> list[Shape]:
    """Return tags as answers show them."""
    return [{"Key": key, "Value": value} for key, value in tags]


def user_shape(directory: Directory, user: User, *, whole: bool = False) -> Shape:
    """Return a user; listings leave tags and boundary out."""
    shape: Shape = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": directory.arn(user),
        "CreateDate": timestamp(user.created_ns),
    }
    return shape | (_more(user) if whole else {})


def role_shape(directory: Directory, role: Role, *, whole: bool = False) -> Shape:
    """Return a role; listings leave tags and boundary out."""
    shape: Shape = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": directory.arn(role),
        "CreateDate": timestamp(role.created_ns),
        "AssumeRolePolicyDocument": encoded(role.trust),
        "MaxSessionDuration": role.max_session_s,
    }
    if role.description:
        shape["Description"] = role.description
    return shape | (_more(role) if whole else {})


def _more(holder: User | Role) -> Shape:
    more: Shape = {}
    if holder.boundary:
        more["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": holder.boundary,
        }
    if holder.tags:
        more["Tags"] = tag_list(holder.tags)
    return more


def group_shape(directory: Directory, group: Group) -> Shape:
    """Return a group."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": directory.arn(group),
        "CreateDate": timestamp(group.created_ns),
    }


def policy_shape(
    directory: Directory, policy: Policy, account: str, *, whole: bool = False
) -> Shape:
    """Return a managed policy, and how often an account uses it; listings leave tags out."""
    arn = directory.arn(policy)
    shape: Shape = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default}",
        "AttachmentCount": sum(1 for _ in directory.holders_of(arn, account)),
        "PermissionsBoundaryUsageCount": sum(1 for _ in directory.bounded_by(arn, account)),
        "IsAttachable": True,
        "CreateDate": timestamp(policy.created_ns),
        "UpdateDate": timestamp(policy.updated_ns),
    }
    if whole and policy.description:
        shape["Description"] = policy.description
    if whole and policy.tags:
        shape["Tags"] = tag_list(policy.tags)
    return shape


def version_shape(policy: Policy, version: PolicyVersion, *, whole: bool = False) -> Shape:
    """Return a version of a managed policy; listings leave the document out."""
    shape: Shape = {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.default,
        "CreateDate": timestamp(version.created_ns),
    }
    return shape | ({"Document": encoded(version.document)} if whole else {})


def key_shape(key: AccessKey) -> Shape:
    """Return an access key, without its secret."""
    shape: Shape = {"UserName": key.user} if key.user else {}
    return shape | {
        "AccessKeyId": key.access_key_id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": timestamp(key.created_ns),
    }
