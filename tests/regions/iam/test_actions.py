"""IAM's actions, one by one: what they change, what they show, what they refuse, in which words."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from iam_office import ACCOUNT, NOON_NS, Office

from regions.api.errors import ValidationError
from regions.calls import Principal
from regions.errors import AccessDeniedException
from regions.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
)

NOON_S = NOON_NS / 1e9
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
KINDS = ["User", "Role", "Group"]


@pytest.fixture
def iam() -> Office:
    return Office()


def policy(action: str = "s3:GetObject") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(**statement: Any) -> str:
    entry = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [entry | statement]})


def create(iam: Office, kind: str, name: str = "x1", **more: Any) -> Any:
    if kind == "Role":
        more = {"AssumeRolePolicyDocument": trust()} | more
    return iam(f"Create{kind}", **{f"{kind}Name": name}, **more)[kind]


def test_a_user_is_shown_as_it_was_made(iam: Office) -> None:
    made = create(iam, "User", "ana", Path="/ops/", Tags=[{"Key": "Team", "Value": "blue"}])
    assert made == {
        "Path": "/ops/",
        "UserName": "ana",
        "UserId": made["UserId"],
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/ops/ana",
        "CreateDate": NOON_S,
        "Tags": [{"Key": "Team", "Value": "blue"}],
    }
    assert made["UserId"].startswith("AIDA")
    assert len(made["UserId"]) == 21
    assert iam("GetUser", UserName="ana") == {"User": made}
    listed = {name: value for name, value in made.items() if name != "Tags"}
    assert iam("ListUsers") == {"Users": [listed], "IsTruncated": False}


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_taken_in_whatever_case(iam: Office, kind: str) -> None:
    create(iam, kind, "Ana")
    with pytest.raises(EntityAlreadyExists, match=rf"^\w+: {kind} with name aNA already exists\.$"):
        create(iam, kind, "aNA")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_cannot_be_found(iam: Office, kind: str) -> None:
    gone = rf"^NoSuchEntity: The {kind.lower()} with name x1 cannot be found\.$"
    for action in ("Get", "Delete"):
        with pytest.raises(NoSuchEntity, match=gone):
            iam(f"{action}{kind}", **{f"{kind}Name": "x1"})


@pytest.mark.parametrize("kind", KINDS)
def test_an_own_policy_is_kept_shown_and_deleted(iam: Office, kind: str) -> None:
    create(iam, kind)
    who = {f"{kind}Name": "x1"}
    iam(f"Put{kind}Policy", **who, PolicyName="p", PolicyDocument=policy())
    shown = iam(f"Get{kind}Policy", **who, PolicyName="p")
    assert unquote(shown["PolicyDocument"]) == policy()
    assert iam(f"List{kind}Policies", **who)["PolicyNames"] == ["p"]
    with pytest.raises(DeleteConflict, match="must delete policies first"):
        iam(f"Delete{kind}", **who)
    iam(f"Delete{kind}Policy", **who, PolicyName="p")
    gone = rf"^NoSuchEntity: The {kind.lower()} policy with name p cannot be found\.$"
    for action in ("Get", "Delete"):
        with pytest.raises(NoSuchEntity, match=gone):
            iam(f"{action}{kind}Policy", **who, PolicyName="p")
    iam(f"Delete{kind}", **who)
    assert list(iam.directory.changes()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_managed_policy_is_attached_listed_and_detached(iam: Office, kind: str) -> None:
    create(iam, kind)
    who = {f"{kind}Name": "x1"}
    for _ in range(2):
        iam(f"Attach{kind}Policy", **who, PolicyArn=ADMIN)
    assert iam(f"ListAttached{kind}Policies", **who)["AttachedPolicies"] == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}
    ]
    found = iam("ListEntitiesForPolicy", PolicyArn=ADMIN)
    assert [entry[f"{kind}Name"] for entry in found[f"Policy{kind}s"]] == ["x1"]
    assert iam("GetPolicy", PolicyArn=ADMIN)["Policy"]["AttachmentCount"] == 1
    with pytest.raises(DeleteConflict, match="must detach all policies first"):
        iam(f"Delete{kind}", **who)
    iam(f"Detach{kind}Policy", **who, PolicyArn=ADMIN)
    with pytest.raises(NoSuchEntity, match=rf"^NoSuchEntity: Policy {ADMIN} was not found\.$"):
        iam(f"Detach{kind}Policy", **who, PolicyArn=ADMIN)
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        iam(f"Attach{kind}Policy", **who, PolicyArn=f"{ADMIN}s")


def test_more_policies_than_the_quota_are_refused(iam: Office) -> None:
    create(iam, "User")
    for number in range(11):
        made = iam("CreatePolicy", PolicyName=f"p{number}", PolicyDocument=policy())["Policy"]
        if number < 10:
            iam("AttachUserPolicy", UserName="x1", PolicyArn=made["Arn"])
    with pytest.raises(LimitExceeded, match=r"^LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10$"):
        iam("AttachUserPolicy", UserName="x1", PolicyArn=made["Arn"])


def test_own_policies_may_be_2048_characters_together_without_white_space(iam: Office) -> None:
    create(iam, "User")
    long = policy("s3:" + "a" * 900)
    iam("PutUserPolicy", UserName="x1", PolicyName="a", PolicyDocument=long + " " * 4000)
    iam("PutUserPolicy", UserName="x1", PolicyName="b", PolicyDocument=long)
    with pytest.raises(LimitExceeded, match="Maximum policy size of 2048 bytes exceeded for user x1"):
        iam("PutUserPolicy", UserName="x1", PolicyName="c", PolicyDocument=long)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "Syntax errors in policy."),
        ('{"Version":"2012-10-17"}', "Syntax errors in policy."),
        (policy().replace("2012", "2013"), "Syntax errors in policy."),
        (policy().replace("2012-10-17", "2008-10-17"),
         "Policy document must be version 2012-10-17 or greater."),
        (policy("getobject"),
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (policy().replace('"*"', '"bucket"'), 'Resource bucket must be in ARN format or "*".'),
        (policy().replace('"Resource"', '"Principal": "*", "Resource"'),
         "Policy document should not specify a principal."),
    ],
)  # fmt: skip
def test_a_document_that_is_no_policy_is_refused_in_words(
    iam: Office, document: str, text: str
) -> None:
    create(iam, "User")
    with pytest.raises(MalformedPolicyDocument) as refused:
        iam("PutUserPolicy", UserName="x1", PolicyName="p", PolicyDocument=document)
    assert refused.value.message == text
    with pytest.raises(MalformedPolicyDocument):
        iam("CreatePolicy", PolicyName="p", PolicyDocument=document)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (trust(Action="*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (trust(Action="s3:Get*"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (trust(Resource="*"), "Has prohibited field Resource"),
        (trust(Principal={"AWS": "somebody"}), 'Invalid principal in policy: "AWS":"somebody"'),
        (trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/ghost"}),
         f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:user/ghost"'),
    ],
)  # fmt: skip
def test_a_trust_that_names_nobody_or_more_than_roles_is_refused(
    iam: Office, document: str, text: str
) -> None:
    with pytest.raises(MalformedPolicyDocument) as refused:
        iam("CreateRole", RoleName="x1", AssumeRolePolicyDocument=document)
    assert refused.value.message == text
    create(iam, "Role")
    with pytest.raises(MalformedPolicyDocument):
        iam("UpdateAssumeRolePolicy", RoleName="x1", PolicyDocument=document)


def test_a_role_is_changed_by_its_actions(iam: Office) -> None:
    made = create(iam, "Role", Description="d", MaxSessionDuration=7200)
    assert (made["MaxSessionDuration"], made["Description"]) == (7200, "d")
    iam("UpdateRole", RoleName="x1", MaxSessionDuration=3600)
    document = trust(Principal={"Service": "ec2.amazonaws.com"})
    iam("UpdateAssumeRolePolicy", RoleName="x1", PolicyDocument=document)
    shown = iam("GetRole", RoleName="x1")["Role"]
    assert (shown["MaxSessionDuration"], shown["Description"]) == (3600, "d")
    assert unquote(shown["AssumeRolePolicyDocument"]) == document
    assert [role["RoleName"] for role in iam("ListRoles")["Roles"]] == ["x1"]


@pytest.mark.parametrize("kind", ["User", "Role"])
def test_a_boundary_is_shown_counted_and_taken_away(iam: Office, kind: str) -> None:
    made = iam("CreatePolicy", PolicyName="limit", PolicyDocument=policy())["Policy"]["Arn"]
    who = {f"{kind}Name": "x1"}
    create(iam, kind, PermissionsBoundary=made)
    bounded = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": made}
    assert iam(f"Get{kind}", **who)[kind]["PermissionsBoundary"] == bounded
    assert iam("GetPolicy", PolicyArn=made)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    with pytest.raises(DeleteConflict, match="Cannot delete a policy attached to entities"):
        iam("DeletePolicy", PolicyArn=made)
    iam(f"Put{kind}PermissionsBoundary", **who, PermissionsBoundary=ADMIN)
    iam("DeletePolicy", PolicyArn=made)
    iam(f"Delete{kind}PermissionsBoundary", **who)
    assert "PermissionsBoundary" not in iam(f"Get{kind}", **who)[kind]
    with pytest.raises(NoSuchEntity, match=f"{kind} x1 has no permissions boundary set"):
        iam(f"Delete{kind}PermissionsBoundary", **who)


def test_an_access_key_shows_its_secret_once_and_two_are_enough(iam: Office) -> None:
    create(iam, "User", "ana")
    made = iam("CreateAccessKey", UserName="ana")["AccessKey"]
    assert len(made.pop("SecretAccessKey")) == 40
    assert made == {
        "UserName": "ana",
        "AccessKeyId": made["AccessKeyId"],
        "Status": "Active",
        "CreateDate": NOON_S,
    }
    assert iam.last is not None
    assert iam.last.recorded == {"AccessKey": made}
    assert iam("ListAccessKeys", UserName="ana")["AccessKeyMetadata"] == [made]
    iam("CreateAccessKey", UserName="ana")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for AccessKeysPerUser: 2"):
        iam("CreateAccessKey", UserName="ana")
    with pytest.raises(DeleteConflict, match="must delete access keys first"):
        iam("DeleteUser", UserName="ana")


def test_a_key_is_switched_off_and_deleted_by_its_own_user_only(iam: Office) -> None:
    create(iam, "User", "ana")
    create(iam, "User", "bob")
    key_id = iam("CreateAccessKey", UserName="ana")["AccessKey"]["AccessKeyId"]
    iam("UpdateAccessKey", UserName="ana", AccessKeyId=key_id, Status="Inactive")
    assert iam("ListAccessKeys", UserName="ana")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    gone = rf"^NoSuchEntity: The Access Key with id {key_id} cannot be found\.$"
    for action in ("UpdateAccessKey", "DeleteAccessKey"):
        more = {"Status": "Active"} if action == "UpdateAccessKey" else {}
        with pytest.raises(NoSuchEntity, match=gone):
            iam(action, UserName="bob", AccessKeyId=key_id, **more)
    iam("DeleteAccessKey", UserName="ana", AccessKeyId=key_id)
    iam("DeleteUser", UserName="ana")


def test_whoever_names_no_user_means_himself(iam: Office) -> None:
    create(iam, "User", "ana")
    iam.who = Principal(
        kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/ana", user_name="ana"
    )
    assert iam("GetUser")["User"]["UserName"] == "ana"
    assert iam("CreateAccessKey")["AccessKey"]["UserName"] == "ana"
    assert len(iam("ListAccessKeys")["AccessKeyMetadata"]) == 1
    iam.who = Principal(kind="AssumedRole", account=ACCOUNT, arn="arn:aws:sts:::assumed-role/r/s")
    with pytest.raises(ValidationError, match="Must specify userName when calling with non-User"):
        iam("GetUser")


def test_a_root_that_names_no_user_means_itself(iam: Office) -> None:
    made = iam("CreateAccessKey")["AccessKey"]
    assert "UserName" not in made
    assert iam("GetUser")["User"] == {
        "UserId": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root", "CreateDate": NOON_S,
    }  # fmt: skip
    iam("DeleteAccessKey", AccessKeyId=made["AccessKeyId"])


def test_another_name_leaves_a_user_his_keys_groups_and_policies(iam: Office) -> None:
    create(iam, "User", "ana")
    create(iam, "User", "bob")
    create(iam, "Group", "g")
    iam("AddUserToGroup", GroupName="g", UserName="ana")
    key_id = iam("CreateAccessKey", UserName="ana")["AccessKey"]["AccessKeyId"]
    with pytest.raises(EntityAlreadyExists):
        iam("UpdateUser", UserName="ana", NewUserName="BOB")
    iam("UpdateUser", UserName="ana", NewUserName="Ana", NewPath="/ops/")
    assert iam("GetUser", UserName="Ana")["User"]["Arn"].endswith(":user/ops/Ana")
    with pytest.raises(NoSuchEntity):
        iam("GetUser", UserName="ana")
    (key,) = iam("ListAccessKeys", UserName="Ana")["AccessKeyMetadata"]
    assert (key["AccessKeyId"], key["UserName"]) == (key_id, "Ana")
    assert [user["UserName"] for user in iam("GetGroup", GroupName="g")["Users"]] == ["Ana"]
    assert iam("ListGroupsForUser", UserName="Ana")["Groups"][0]["GroupName"] == "g"


def test_a_group_is_left_before_either_is_deleted(iam: Office) -> None:
    create(iam, "User", "ana")
    create(iam, "Group", "g")
    for _ in range(2):
        iam("AddUserToGroup", GroupName="g", UserName="ana")
    for kind, name in (("User", "ana"), ("Group", "g")):
        with pytest.raises(DeleteConflict, match="must remove users from group first"):
            iam(f"Delete{kind}", **{f"{kind}Name": name})
    iam("RemoveUserFromGroup", GroupName="g", UserName="ana")
    iam("DeleteGroup", GroupName="g")
    assert iam("ListGroups")["Groups"] == []


def test_the_version_that_counts_is_chosen_and_five_are_enough(iam: Office) -> None:
    arn = iam("CreatePolicy", PolicyName="p", PolicyDocument=policy("s3:Get1"))["Policy"]["Arn"]
    for number in range(2, 6):
        iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=policy(f"s3:Get{number}"),
            SetAsDefault=number == 3)  # fmt: skip
    shown = iam("ListPolicyVersions", PolicyArn=arn)["Versions"]
    assert [one["VersionId"] for one in shown] == ["v5", "v4", "v3", "v2", "v1"]
    assert [one["VersionId"] for one in shown if one["IsDefaultVersion"]] == ["v3"]
    with pytest.raises(LimitExceeded, match="A managed policy can have up to 5 versions"):
        iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=policy())
    with pytest.raises(DeleteConflict, match="Cannot delete the default version of a policy"):
        iam("DeletePolicyVersion", PolicyArn=arn, VersionId="v3")
    iam("DeletePolicyVersion", PolicyArn=arn, VersionId="v5")
    made = iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=policy("s3:Get6"))
    assert made["PolicyVersion"]["VersionId"] == "v6"
    iam("SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v6")
    version = iam("GetPolicyVersion", PolicyArn=arn, VersionId="v6")["PolicyVersion"]
    assert unquote(version["Document"]) == policy("s3:Get6")
    with pytest.raises(NoSuchEntity, match=f"Policy {arn} version v5 does not exist or is not"):
        iam("GetPolicyVersion", PolicyArn=arn, VersionId="v5")
    with pytest.raises(DeleteConflict, match="This policy has more than one version"):
        iam("DeletePolicy", PolicyArn=arn)


def test_what_everybody_has_is_nobodys_to_change(iam: Office) -> None:
    document = iam("GetPolicyVersion", PolicyArn=ADMIN, VersionId="v1")["PolicyVersion"]["Document"]
    assert json.loads(unquote(document))["Statement"] == [
        {"Effect": "Allow", "Action": ["*"], "Resource": "*"}
    ]
    with pytest.raises(AccessDeniedException, match=f"Policy {ADMIN} is outside your own account"):
        iam("DeletePolicy", PolicyArn=ADMIN)
    other = Office(iam.directory, Principal(kind="Root", account="9" * 12, arn="arn:aws:iam::9:root"))
    arn = iam("CreatePolicy", PolicyName="p", PolicyDocument=policy())["Policy"]["Arn"]
    with pytest.raises(NoSuchEntity, match=f"Policy {arn} was not found"):
        other("GetPolicy", PolicyArn=arn)


def test_a_policys_name_is_used_once(iam: Office) -> None:
    iam("CreatePolicy", PolicyName="p", PolicyDocument=policy())
    text = r"^EntityAlreadyExists: A policy called P already exists\. Duplicate names are not allowed\.$"
    with pytest.raises(EntityAlreadyExists, match=text):
        iam("CreatePolicy", PolicyName="P", PolicyDocument=policy())


def test_policies_are_listed_by_scope_and_use(iam: Office) -> None:
    create(iam, "User")
    arn = iam("CreatePolicy", PolicyName="p", PolicyDocument=policy())["Policy"]["Arn"]
    iam("AttachUserPolicy", UserName="x1", PolicyArn=ADMIN)
    iam("PutUserPermissionsBoundary", UserName="x1", PermissionsBoundary=arn)

    def arns(**parameters: Any) -> list[str]:
        return [one["Arn"] for one in iam("ListPolicies", **parameters)["Policies"]]

    assert arns(Scope="Local") == [arn]
    assert ADMIN in arns(Scope="AWS")
    assert arn not in arns(Scope="AWS")
    assert {arn, ADMIN} <= set(arns())
    assert arns(OnlyAttached=True) == [ADMIN]
    assert arns(PolicyUsageFilter="PermissionsBoundary") == [arn]


@pytest.mark.parametrize("kind", ["User", "Role", "Policy"])
def test_tags_are_set_replaced_and_taken_away(iam: Office, kind: str) -> None:
    if kind == "Policy":
        made = iam("CreatePolicy", PolicyName="x1", PolicyDocument=policy())["Policy"]
        who = {"PolicyArn": made["Arn"]}
    else:
        create(iam, kind)
        who = {f"{kind}Name": "x1"}
    iam(f"Tag{kind}", **who, Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}])
    iam(f"Tag{kind}", **who, Tags=[{"Key": "B", "Value": "3"}])
    shown = [(tag["Key"], tag["Value"]) for tag in iam(f"List{kind}Tags", **who)["Tags"]]
    assert shown == [("a", "2"), ("B", "3")]
    iam(f"Untag{kind}", **who, TagKeys=["b", "none"])
    assert iam(f"List{kind}Tags", **who)["Tags"] == [{"Key": "a", "Value": "2"}]
    with pytest.raises(InvalidInput, match="Duplicate tag keys found"):
        iam(f"Tag{kind}", **who, Tags=[{"Key": "c", "Value": "1"}, {"Key": "C", "Value": "2"}])
    with pytest.raises(InvalidInput, match="System tags cannot be added"):
        iam(f"Tag{kind}", **who, Tags=[{"Key": "aws:x", "Value": "1"}])


def test_pages_neither_repeat_nor_skip_while_others_come_and_go(iam: Office) -> None:
    for number in range(7):
        create(iam, "User", f"u{number}")
    page = iam("ListUsers", MaxItems=3)
    names = [user["UserName"] for user in page["Users"]]
    iam("DeleteUser", UserName="u2")
    create(iam, "User", "u00")
    while page["IsTruncated"]:
        page = iam("ListUsers", MaxItems=3, Marker=page["Marker"])
        names += [user["UserName"] for user in page["Users"]]
    assert names == [f"u{number}" for number in range(7)]
    with pytest.raises(ValidationError, match="Invalid Marker: nonsense"):
        iam("ListUsers", Marker="nonsense")


def test_the_journal_says_all_there_is(iam: Office) -> None:
    create(iam, "User", "ana", Tags=[{"Key": "a", "Value": "1"}])
    create(iam, "Role", "r", Description="d")
    create(iam, "Group", "g")
    arn = iam("CreatePolicy", PolicyName="p", PolicyDocument=policy())["Policy"]["Arn"]
    iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=policy("s3:*"))
    iam("AddUserToGroup", GroupName="g", UserName="ana")
    iam("AttachUserPolicy", UserName="ana", PolicyArn=arn)
    iam("PutGroupPolicy", GroupName="g", PolicyName="q", PolicyDocument=policy())
    made = iam("CreateAccessKey", UserName="ana")["AccessKey"]
    again = iam.reread()
    assert list(again.changes()) == list(iam.directory.changes())
    key = again.keys[made["AccessKeyId"]]
    assert again.vault.open(key.sealed, key.access_key_id) == made["SecretAccessKey"]
    assert made["SecretAccessKey"] not in repr(key)
