"""Requests of a cloud's clients are signed and verified, and every caller is who he says."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from scenarios import Cloud
from scenarios.kit.edge import CloudError
from scenarios.kit.roster import PrincipalError

ROLE = "arn:aws:iam::111122223333:role/orders"


@pytest.fixture(scope="module")
def shop() -> Iterator[Cloud]:
    with Cloud(regions=["us-east-1", "eu-west-1"]) as cloud:
        yield cloud


def code_of(call: Callable[..., object], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def test_the_default_caller_is_the_root_of_the_default_account(shop: Cloud) -> None:
    assert shop.boto3_client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"


def test_a_role_that_nobody_made_calls_as_a_session_of_it(shop: Cloud) -> None:
    sts = shop.boto3_client("sts", principal=ROLE)
    assert sts.get_caller_identity()["Arn"] == (
        "arn:aws:sts::111122223333:assumed-role/orders/application"
    )


def test_a_principal_without_policies_may_do_nothing(shop: Cloud) -> None:
    nobody = shop.principal("arn:aws:iam::123456789012:user/nobody", policies=())
    kms = shop.boto3_client("kms", principal=nobody)
    assert code_of(kms.create_key) == "AccessDeniedException"


def test_an_access_key_that_iam_made_works_with_the_rights_of_its_user(shop: Cloud) -> None:
    iam, key = shop.boto3_client("iam"), shop.boto3_client("kms").create_key()["KeyMetadata"]
    iam.create_user(UserName="joe")
    made = iam.create_access_key(UserName="joe")["AccessKey"]
    kms = shop.boto3_client(
        "kms",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
    )
    assert code_of(kms.encrypt, KeyId=key["Arn"], Plaintext=b"x") == "AccessDeniedException"
    statement = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": key["Arn"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="joe", PolicyName="p", PolicyDocument=document)
    assert kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")["KeyId"] == key["Arn"]


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_principal_that_iam_knows_may_do_what_iam_lets_it(shop: Cloud, kind: str) -> None:
    iam, name = shop.boto3_client("iam"), f"{kind}-of-iam"
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:List*"}}
    document["Statement"]["Resource"] = "*"
    if kind == "user":
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    else:
        trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}
        trust["Statement"]["Principal"] = {"Service": "ec2.amazonaws.com"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    kms = shop.boto3_client("kms", principal=f"arn:aws:iam::123456789012:{kind}/{name}")
    assert "Keys" in kms.list_keys()
    assert code_of(kms.create_key) == "AccessDeniedException"


def test_who_iam_knows_cannot_be_asked_for_while_iam_is_away() -> None:
    message = r": IAM does not answer; expected no fault that stops it$"
    with (
        Cloud(regions=["us-east-1"]) as cloud,
        cloud.fault("pause us-east-1/iam"),
        pytest.raises(PrincipalError, match=message),
    ):
        cloud.principal("arn:aws:iam::123456789012:user/joe")


def test_whom_a_region_knows_it_goes_on_to_know_while_iam_is_away() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        made = cloud.boto3_client("iam")
        made.create_user(UserName="joe")
        joe = cloud.principal("arn:aws:iam::123456789012:user/joe")
        sts = cloud.boto3_client("sts", principal=joe)
        sts.get_caller_identity()
        with cloud.fault("power-off us-east-1/iam"):
            cloud.advance(seconds=1)
            assert sts.get_caller_identity()["Arn"] == joe.arn
        assert [verdict.name for verdict in cloud.check() if not verdict.holds] == []


@pytest.mark.parametrize(
    ("key_id", "code"),
    [
        ("AKIANOBODYKNOWSTHIS1", "UnrecognizedClientException"),
        ("of the root", "InvalidSignatureException"),
    ],
)
def test_a_wrong_key_or_secret_is_refused_as_by_aws(shop: Cloud, key_id: str, code: str) -> None:
    if key_id == "of the root":
        key_id = shop.principal("arn:aws:iam::123456789012:root").access_key_id
    kms = shop.boto3_client("kms", aws_access_key_id=key_id, aws_secret_access_key="wrong")
    assert code_of(kms.list_keys) == code


@pytest.mark.parametrize("arn", ["joe", "arn:aws:iam::1:user/joe", "arn:aws:iam::111122223333:user"])
def test_what_is_no_principal_is_named(shop: Cloud, arn: str) -> None:
    with pytest.raises(PrincipalError, match=rf"^principal '{arn}': expected arn:aws:iam::.*/SESSION$"):
        shop.principal(arn)


def test_a_home_that_is_no_place_is_named(shop: Cloud) -> None:
    with pytest.raises(CloudError, match=r"^home 'us-east-9': expected one of us-east-1, eu-west-1, us"):
        shop.boto3_client("kms", home="us-east-9")


def test_clients_and_resources_of_a_session_are_served(shop: Cloud) -> None:
    session = shop.boto3_session("eu-west-1", account="111122223333")
    where = {"LocationConstraint": "eu-west-1"}
    bucket = session.resource("s3").create_bucket(
        Bucket="of-a-session", CreateBucketConfiguration=where
    )
    bucket.put_object(Key="note", Body=b"kept")
    assert session.client("s3").get_object(Bucket="of-a-session", Key="note")["Body"].read() == b"kept"


def test_a_client_that_the_application_makes_itself_is_served(
    shop: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with shop.patch_boto3():
        sts = boto3.client("sts")
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"


def test_a_client_is_served_once_by_the_cloud_that_is_nearest_to_who_makes_it() -> None:
    with (
        Cloud(regions=["us-east-1"]) as outer,
        outer.patch_boto3(),
        Cloud(regions=["us-east-1"], seed=2) as inner,
        inner.patch_boto3(),
    ):
        boto3.client("kms").create_key()
        outer.boto3_client("kms").create_key()
        inner.boto3_session().client("kms").create_key()
        assert [cloud.audit().names for cloud in (outer, inner)] == [
            ["CreateKey"],
            ["CreateKey", "CreateKey"],
        ]


def test_a_transfer_of_many_parts_needs_no_thread(shop: Cloud) -> None:
    s3, body = shop.boto3_client("s3"), bytes(range(256)) * 40_000
    s3.create_bucket(Bucket="transfers")
    s3.upload_fileobj(io.BytesIO(body), "transfers", "large")
    found = io.BytesIO()
    s3.download_fileobj("transfers", "large", found)
    assert found.getvalue() == body


def test_calls_of_the_console_the_command_line_and_an_sdk_are_told_apart() -> None:
    """CT-03: by agent, session and key; all of them are recorded."""
    ana = "arn:aws:iam::123456789012:user/ana"
    with Cloud(regions=["us-east-1"]) as cloud:
        sdk = cloud.boto3_client("kms", principal=ana)
        cli = cloud.boto3_client("kms", principal=ana, config=Config(user_agent="aws-cli/2.34.0"))
        console = cloud.boto3_client("kms", principal=cloud.console(ana))
        for client in (sdk, cli, console):
            client.list_keys()
        told = [
            (
                event["userAgent"].partition("/")[0],
                event.get("sessionCredentialFromConsole", ""),
                event["userIdentity"]["accessKeyId"][:4],
                "sessionContext" in event["userIdentity"],
            )
            for event in cloud.audit()
        ]
        assert told == [
            ("Boto3", "", "AKIA", False),
            ("aws-cli", "", "AKIA", False),
            ("AWS Internal", "true", "ASIA", True),
        ]
        tls = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}
        host = {"clientProvidedHostHeader": "kms.us-east-1.amazonaws.com"}
        assert [event["tlsDetails"] for event in cloud.audit()] == [{**tls, **host}] * 3
