"""``nines policy explain`` of a running server: it says of a call what a real client then meets."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import Running
from stand import ACCOUNT, ROOT, Stand, policy

from scenarios.admin_client import ask
from scenarios.commands.shared import InputError


@pytest.fixture(scope="module")
def stand(shared: Running) -> Stand:
    return Stand(shared)


def person(at: Stand, *actions: str) -> tuple[str, Any]:
    """A new user with a policy that allows actions, and his client."""
    name = at.name("p")
    arn = str(at.iam.create_user(UserName=name)["User"]["Arn"])
    if actions:
        at.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*actions))
    made = at.iam.create_access_key(UserName=name)["AccessKey"]
    secrets = {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
    }
    return arn, at.client("kms", **secrets)


def explained(at: Stand, principal: str, action: str, key: str, **more: Any) -> dict[str, Any]:
    asked = {"principal": principal, "action": action, "key": key, **more}
    found: dict[str, Any] = ask(at.server.data, "POST", "/explain", asked)
    return found


def test_the_command_prints_what_the_server_says(stand: Stand) -> None:
    key = str(stand.kms.create_key()["KeyMetadata"]["Arn"])
    words = ["--principal", ROOT, "--action", "kms:Decrypt", "--key", key]
    ran = stand.server.nines("policy", "explain", *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        f"allowed: kms:Decrypt on {key} for {ROOT}\n"
        "\n"
        "what decides\n"
        "  key policy, statement 1 (Enable IAM User Permissions): Allow, applies: it names the"
        " caller\n"
    )


def test_a_running_server_says_which_grant_allows_a_call(stand: Stand) -> None:
    key = str(stand.kms.create_key()["KeyMetadata"]["Arn"])
    arn, client = person(stand)
    made = stand.kms.create_grant(
        KeyId=key,
        GranteePrincipal=arn,
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"tenant": "7"}},
    )
    client.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "7"})
    found = explained(stand, arn, "kms:Encrypt", key, context={"tenant": "7"})
    assert (found["principal"], found["resource"]) == (arn, key)
    assert [(one["where"], one["name"]) for one in found["decisive"]] == [
        ("grant", made["GrantId"])
    ]
    with pytest.raises(ClientError) as refused:
        client.encrypt(KeyId=key, Plaintext=b"x")
    found = explained(stand, arn, "kms:Encrypt", key)
    assert found["message"] == refused.value.response["Error"]["Message"]
    assert found["decisive"] == []


def test_it_knows_what_iam_knows_of_users_and_roles(stand: Stand) -> None:
    key = str(stand.kms.create_key()["KeyMetadata"]["Arn"])
    arn, client = person(stand, "kms:DescribeKey")
    client.describe_key(KeyId=key)
    found = explained(stand, arn, "kms:DescribeKey", key)
    assert [one["where"] for one in found["decisive"]] == ["key policy", "identity policy"]
    name = stand.name("role")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": ROOT},
                "Action": "sts:AssumeRole",
            },
        }
    )
    role = stand.iam.create_role(RoleName=name, Path="/t/", AssumeRolePolicyDocument=trust)["Role"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/monday"
    for who in (role["Arn"], session):
        assert not explained(stand, who, "kms:DescribeKey", key)["allowed"]
    stand.iam.put_role_policy(
        RoleName=name, PolicyName="own", PolicyDocument=policy("kms:DescribeKey")
    )
    for who in (role["Arn"], session):
        assert explained(stand, who, "kms:DescribeKey", key)["allowed"]


def test_it_takes_aliases_and_speaks_of_them(stand: Stand) -> None:
    key, alias = str(stand.kms.create_key()["KeyMetadata"]["KeyId"]), f"alias/{stand.name('e')}"
    stand.kms.create_alias(AliasName=alias, TargetKeyId=key)
    name = stand.name("p")
    arn = stand.iam.create_user(UserName=name)["User"]["Arn"]
    named = policy("kms:*", Condition={"StringEquals": {"kms:RequestAlias": alias}})
    stand.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=named)
    assert explained(stand, arn, "kms:DescribeKey", alias)["allowed"]
    found = explained(stand, arn, "kms:DescribeKey", key)
    assert [one["why"] for one in found["others"] if one["where"] == "identity policy"] == [
        f'its condition StringEquals kms:RequestAlias "{alias}" does not hold: the call has none'
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"principal": f"arn:aws:iam::{ACCOUNT}:user/nobody", "action": "kms:Decrypt"},
            f"principal 'arn:aws:iam::{ACCOUNT}:user/nobody': IAM knows no such user or role",
        ),
        (
            {"principal": ROOT, "action": "kms:Decrypt", "key": "alias/none"},
            "key 'alias/none': there is none in us-east-1",
        ),
        (
            {"principal": ROOT, "action": "kms:Decrypt", "region": "eu-west-1"},
            "region 'eu-west-1' is not served; expected us-east-1",
        ),
        (
            {"principal": "x", "action": "kms:Decrypt"},
            (
                "principal 'x': expected the ARN of a user, a role, a role's session or an"
                " account's root, or a service such as sqs.amazonaws.com"
            ),
        ),
        ({}, 'expected {"principal": ARN, "action": "kms:...", ...}'),
        ({"principal": 7}, "principal 7: expected a text"),
        ({"context": []}, "context []: expected an object"),
        (
            {"principal": ROOT, "action": "x", "context": {"a": 1}},
            "context 'a': expected a text, not 1",
        ),
        (
            {"principal": ROOT, "action": "x", "tokens": "t"},
            "tokens 't': expected a list of grant tokens",
        ),
        (
            {"principal": ROOT, "action": "x", "tokens": ["t"]},
            "tokens: expected grant tokens of us-east-1",
        ),
        (
            {"what": "x"},
            (
                "'what' is not known; expected action, conditions, context, key, parameters,"
                " principal, region, source_arn, source_ip, tokens, via"
            ),
        ),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_was_expected(
    stand: Stand, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(InputError) as refused:
        ask(stand.server.data, "POST", "/explain", given)
    assert str(refused.value.message) == text
