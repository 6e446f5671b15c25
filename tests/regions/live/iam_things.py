"""What calls of IAM have in common: users, groups, roles and policies to act on."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from stand import ROOT, Stand, policy, trust

DOCUMENT = policy("kms:ListKeys")
TAGS = [{"Key": "team", "Value": "payments"}]


def new_user(at: Stand) -> str:
    name = at.name("user")
    at.iam.create_user(UserName=name)
    return name


def new_group(at: Stand) -> str:
    name = at.name("group")
    at.iam.create_group(GroupName=name)
    return name


def new_role(at: Stand) -> str:
    name = at.name("role")
    at.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))
    return name


def new_policy(at: Stand) -> str:
    made = at.iam.create_policy(PolicyName=at.name("policy"), PolicyDocument=DOCUMENT)
    return str(made["Policy"]["Arn"])


def is_gone(call: Any, **parameters: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        call(**parameters)


def paged(at: Stand, operation: str, member: str, **parameters: Any) -> list[Any]:
    """Return all items of a list, one a page."""
    pages = at.iam.get_paginator(operation).paginate(**parameters, PaginationConfig={"PageSize": 1})
    return [item for page in pages for item in page[member]]
