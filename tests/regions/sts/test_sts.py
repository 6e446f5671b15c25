"""IAM and STS as actors: who is found by key and token, which role is lent, what is recorded."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from regions.calls import ApiCall, Principal
from regions.errors import AccessDeniedException, InternalFailure, UnsupportedOperationException
from regions.frames import FRAMES
from regions.iam.errors import NoSuchEntity
from regions.iam.messages import (
    AddCredentials,
    ClearDirectory,
    ListCredentials,
    NoSuchAccessKey,
    Resolve,
    Resolved,
)
from regions.latency import latency
from regions.sts.errors import PackedPolicyTooLarge
from regions.topology import Topology, build, build_identity, default_azs
from regions.trail.messages import ReadHistory
from sim.graph import undeclared_asks
from sim.wire import Codec
from sim.world import SimWorld

REGIONS = ("eu-west-1", "us-west-2")
ACCOUNT = "111122223333"
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


def policy(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    )  # fmt: skip


def trust(*actions: str) -> str:
    entry = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [entry]})


class Town:
    def __init__(self, world: SimWorld) -> None:
        self.world = world
        topology = Topology(regions={region: default_azs(region) for region in REGIONS})
        build(world, topology)
        self.endpoints = build_identity(world, topology)

    def call(self, service: str, action: str, who: Principal, region: str, **values: Any) -> Any:
        call = ApiCall(
            service=service, region=region, action=action, parameters=values,
            principal=who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        return self.world.ask(self.endpoints[service, region], call).body

    def iam(self, action: str, who: Principal = ROOT, **values: Any) -> Any:
        return self.call("iam", action, who, "us-east-1", **values)

    def sts(self, action: str, who: Principal, **values: Any) -> Any:
        return self.call("sts", action, who, "us-west-2", **values)

    def resolve(self, key: str, token: str = "") -> Resolved:
        found = self.world.ask("eu-west-1/iam", Resolve(access_key_id=key, session_token=token))
        assert isinstance(found, Resolved)
        return found

    def user(self, name: str, *actions: str) -> Principal:
        self.iam("CreateUser", UserName=name)
        if actions:
            self.iam("PutUserPolicy", UserName=name, PolicyName="p", PolicyDocument=policy(*actions))
        key = self.iam("CreateAccessKey", UserName=name)["AccessKey"]
        found = self.resolve(key["AccessKeyId"])
        assert found.secret_access_key == key["SecretAccessKey"]
        return found.principal

    def session(self, credentials: Any) -> Principal:
        return self.resolve(credentials["AccessKeyId"], credentials["SessionToken"]).principal


@pytest.fixture
def town() -> Iterator[Town]:
    with SimWorld(seed=5, codec=Codec(FRAMES), latency=latency) as world:
        yield Town(world)


def test_the_global_endpoints_are_there_in_a_world_without_their_region(town: Town) -> None:
    assert town.endpoints == {
        ("iam", "us-east-1"): "eu-west-1/iam",
        ("sts", "us-east-1"): "eu-west-1/sts",
        ("sts", "eu-west-1"): "eu-west-1/sts",
        ("sts", "us-west-2"): "us-west-2/sts",
    }


def test_a_caller_brings_all_policies_that_apply_to_him(town: Town) -> None:
    town.user("ana", "s3:GetObject")
    town.iam("TagUser", UserName="ana", Tags=[{"Key": "team", "Value": "blue"}])
    town.iam("CreateGroup", GroupName="g")
    town.iam("PutGroupPolicy", GroupName="g", PolicyName="q", PolicyDocument=policy("s3:PutObject"))
    town.iam("AddUserToGroup", GroupName="g", UserName="ana")
    limit = town.iam("CreatePolicy", PolicyName="l", PolicyDocument=policy("s3:*"))["Policy"]["Arn"]
    town.iam("AttachUserPolicy", UserName="ana", PolicyArn=limit)
    town.iam("PutUserPermissionsBoundary", UserName="ana", PermissionsBoundary=limit)
    (key,) = town.iam("ListAccessKeys", UserName="ana")["AccessKeyMetadata"]
    user = town.iam("GetUser", UserName="ana")["User"]
    assert town.resolve(key["AccessKeyId"]).principal == Principal(
        kind="IAMUser",
        account=ACCOUNT,
        arn=f"arn:aws:iam::{ACCOUNT}:user/ana",
        principal_id=user["UserId"],
        user_name="ana",
        access_key_id=key["AccessKeyId"],
        policies=(policy("s3:GetObject"), policy("s3:*"), policy("s3:PutObject")),
        boundary=policy("s3:*"),
        tags=(("team", "blue"),),
    )


def test_a_roles_session_brings_the_roles_policies_and_its_own_limits(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    trusted = trust("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    role = town.iam(
        "CreateRole", RoleName="r", AssumeRolePolicyDocument=trusted,
        Tags=[{"Key": "team", "Value": "red"}, {"Key": "level", "Value": "1"}],
    )["Role"]  # fmt: skip
    town.iam("PutRolePolicy", RoleName="r", PolicyName="p", PolicyDocument=policy("kms:*"))
    body = town.sts(
        "AssumeRole", ana, RoleArn=ROLE, RoleSessionName="shift", Policy=policy("kms:Encrypt"),
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
                    {"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}],
        Tags=[{"Key": "Team", "Value": "blue"}], SourceIdentity="ana",
    )  # fmt: skip
    found = town.session(body["Credentials"])
    assert (found.kind, found.arn, found.issuer_arn, found.user_name) == (
        "AssumedRole", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/shift", ROLE, "r",
    )  # fmt: skip
    assert found.principal_id == f"{role['RoleId']}:shift"
    assert found.policies == (policy("kms:*"),)
    own, managed, missing = found.session_policies
    assert own == policy("kms:Encrypt")
    assert json.loads(managed)["Statement"][0]["Action"] == ["s3:*"]
    assert json.loads(missing)["Statement"]["Effect"] == "Deny"
    assert found.tags == (("level", "1"), ("Team", "blue"))
    assert found.source_identity == body["SourceIdentity"] == "ana"
    assert found.session_ns % 10**9 == 0


@pytest.mark.parametrize(
    ("values", "action"),
    [
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "sts:TagSession"),
        ({"SourceIdentity": "ana"}, "sts:SetSourceIdentity"),
    ],
)
def test_tags_and_source_identity_need_to_be_trusted_too(
    town: Town, values: dict[str, Any], action: str
) -> None:
    ana = town.user("ana", "sts:*")
    town.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust("sts:AssumeRole"))
    wish = {"RoleArn": ROLE, "RoleSessionName": "s1"}
    assert town.sts("AssumeRole", ana, **wish)["Credentials"]
    with pytest.raises(AccessDeniedException, match=f"perform: {action} on resource"):
        town.sts("AssumeRole", ana, **wish, **values)


def test_a_session_is_over_with_its_role_and_a_namesake_does_not_revive_it(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    make = {"RoleName": "r", "AssumeRolePolicyDocument": trust("sts:AssumeRole")}
    town.iam("CreateRole", **make)
    lent = town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1")["Credentials"]
    assert town.session(lent).user_name == "r"
    town.iam("DeleteRole", RoleName="r")
    for _ in range(2):
        with pytest.raises(NoSuchAccessKey):
            town.session(lent)
        if not town.iam("ListRoles")["Roles"]:
            town.iam("CreateRole", **make)


def test_what_is_not_modelled_is_refused(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    with pytest.raises(UnsupportedOperationException, match="MFA devices are not modelled"):
        town.sts("GetSessionToken", ana, SerialNumber="arn:aws:iam::1:mfa/a", TokenCode="123456")
    with pytest.raises(UnsupportedOperationException, match="TransitiveTagKeys is not modelled"):
        town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1", TransitiveTagKeys=["a"])


def test_policies_and_tags_that_no_token_holds_are_refused(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    trusted = trust("sts:AssumeRole", "sts:TagSession")
    town.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=trusted)
    tags = [{"Key": f"k{number}", "Value": "v" * 200} for number in range(40)]
    with pytest.raises(PackedPolicyTooLarge, match="consumes 198% of allotted space"):
        town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1", Tags=tags)


def test_a_role_is_not_lent_while_iam_is_away(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    town.world.crash("eu-west-1/iam")
    assert town.sts("GetCallerIdentity", ana)["Arn"] == ana.arn
    with pytest.raises(InternalFailure, match="IAM does not answer: "):
        town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1")


def test_everything_is_there_after_a_power_cut(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    town.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust("sts:AssumeRole"))
    lent = town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1")["Credentials"]
    for actor in ("eu-west-1/iam", "us-west-2/sts"):
        town.world.crash(actor)
        town.world.restart(actor)
    assert town.resolve(ana.access_key_id).principal == ana
    assert town.session(lent).user_name == "r"


def test_who_runs_the_world_adds_keys_and_clears_all_but_those_of_roots(town: Town) -> None:
    town.user("ana")
    iam = "eu-west-1/iam"
    for user in ("", "ana", "ana", "ana"):
        added = town.world.ask(iam, AddCredentials(account=ACCOUNT, user=user))
        assert added.secret_access_key not in repr(added)
        assert town.resolve(added.credential.access_key_id).principal.user_name == user
    with pytest.raises(NoSuchEntity):
        town.world.ask(iam, AddCredentials(account=ACCOUNT, user="bob"))
    listed = town.world.ask(iam, ListCredentials()).credentials
    assert sorted(one.user for one in listed) == ["", "ana", "ana", "ana", "ana"]
    (left,) = town.world.ask(iam, ClearDirectory()).credentials
    assert (left.user, left.account, left.active) == ("", ACCOUNT, True)
    town.world.crash(iam)
    town.world.restart(iam)
    assert town.world.ask(iam, ListCredentials()).credentials == (left,)
    assert town.iam("ListUsers")["Users"] == ()


def test_records_go_to_the_region_where_the_service_stands(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    town.sts("GetCallerIdentity", ana)
    home = town.world.ask("eu-west-1/trail", ReadHistory()).records
    abroad = town.world.ask("us-west-2/trail", ReadHistory()).records
    assert {(record.source, record.region) for record in home} == {("iam.amazonaws.com", "eu-west-1")}
    assert [(record.source, record.name, record.region) for record in abroad] == [
        ("sts.amazonaws.com", "GetCallerIdentity", "us-west-2")
    ]
    assert all(record.principal.policies == () for record in abroad)


def test_every_ask_stands_in_the_table(town: Town) -> None:
    ana = town.user("ana", "sts:*")
    town.iam("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust("sts:AssumeRole"))
    town.sts("AssumeRole", ana, RoleArn=ROLE, RoleSessionName="s1")
    assert undeclared_asks(town.world) == []
