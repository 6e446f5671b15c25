"""A call of every STS operation by boto3; each function is named as boto3 names the operation."""

from typing import Any

from stand import ACCOUNT, ROOT, Stand, policy, trust


def _signed_by(at: Stand, credentials: dict[str, Any]) -> Any:
    return at.client(
        "sts",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        **(
            {"aws_session_token": credentials["SessionToken"]}
            if "SessionToken" in credentials
            else {}
        ),
    )


def _user(at: Stand) -> Any:
    """Return a client of a new user who may do everything."""
    name = at.name("user")
    at.iam.create_user(UserName=name)
    at.iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy("*"))
    return _signed_by(at, at.iam.create_access_key(UserName=name)["AccessKey"])


def assume_role(at: Stand) -> None:
    name = at.name("role")
    arn = at.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))["Role"]["Arn"]
    lent = _user(at).assume_role(RoleArn=arn, RoleSessionName="night")
    identity = _signed_by(at, lent["Credentials"]).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/night"


def get_access_key_info(at: Stand) -> None:
    key_id = at.server.exports["AWS_ACCESS_KEY_ID"]
    assert at.sts.get_access_key_info(AccessKeyId=key_id)["Account"] == ACCOUNT


def get_caller_identity(at: Stand) -> None:
    found = at.sts.get_caller_identity()
    assert (found["UserId"], found["Account"], found["Arn"]) == (ACCOUNT, ACCOUNT, ROOT)


def get_session_token(at: Stand) -> None:
    user = _user(at)
    held = user.get_session_token(DurationSeconds=900)["Credentials"]
    assert _signed_by(at, held).get_caller_identity()["Arn"] == user.get_caller_identity()["Arn"]
