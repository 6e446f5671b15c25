"""Who may do what behind the real wire: users, keys, policies, roles and sessions, by boto3."""

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from serving import PATIENCE_S, REGION, Running, nines, serving

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


@dataclass(frozen=True)
class Keys:
    """What a client signs with."""

    access_key: str
    secret: str
    token: str | None = None


def keys_of(credentials: dict[str, Any]) -> Keys:
    return Keys(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials.get("SessionToken"),
    )


def client(server: Running, service: str, keys: Keys, region: str = REGION) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=server.url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.token,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE_S),
    )


def root_of(server: Running) -> Keys:
    return Keys(server.exports["AWS_ACCESS_KEY_ID"], server.exports["AWS_SECRET_ACCESS_KEY"])


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def text(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Message"])


def policy(*actions: str, effect: str = "Allow", resource: str = "*") -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(arn: str, **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests, each of which has users and roles of its own."""
    data = tmp_path_factory.mktemp("identities") / "data"
    with serving(data, "--regions", f"{REGION},eu-west-1", auth="sigv4") as running:
        yield running


@pytest.fixture(scope="module")
def iam(server: Running) -> Any:
    return client(server, "iam", root_of(server))


def new_user(iam: Any, name: str, *actions: str) -> Keys:
    iam.create_user(UserName=name)
    if actions:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*actions))
    return keys_of(iam.create_access_key(UserName=name)["AccessKey"])


def events(server: Running, name: str) -> list[dict[str, Any]]:
    """Return the records of calls of one name, once there are some."""
    trail = client(server, "cloudtrail", root_of(server))
    for _ in range(1_200):
        found = trail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}]
        )["Events"]
        if found:
            return [json.loads(event["CloudTrailEvent"]) for event in found]
        time.sleep(0.25)  # Records are handed on in batches.
    raise AssertionError(f"no record of {name}")


def test_the_key_of_the_first_start_is_the_root_of_the_account(server: Running) -> None:
    identity = client(server, "sts", root_of(server)).get_caller_identity()
    assert (identity["Account"], identity["Arn"], identity["UserId"]) == (ACCOUNT, ROOT, ACCOUNT)


def test_a_user_may_what_a_policy_allows_as_soon_as_it_is_there(
    server: Running, iam: Any
) -> None:
    keys = new_user(iam, "ana")
    key_id = client(server, "kms", root_of(server)).create_key()["KeyMetadata"]["KeyId"]
    kms = client(server, "kms", keys)
    with pytest.raises(ClientError) as denied:
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    assert code(denied) == "AccessDeniedException"
    assert "user/ana is not authorized to perform: kms:Encrypt" in text(denied)
    iam.put_user_policy(UserName="ana", PolicyName="own", PolicyDocument=policy("kms:Encrypt"))
    assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    iam.delete_user_policy(UserName="ana", PolicyName="own")
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")


def test_policies_of_groups_attached_ones_and_boundaries_count(
    server: Running, iam: Any
) -> None:
    kms = client(server, "kms", new_user(iam, "bob"))
    iam.create_group(GroupName="keepers")
    iam.add_user_to_group(GroupName="keepers", UserName="bob")
    iam.attach_group_policy(
        GroupName="keepers", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert kms.create_key()
    only_lists = iam.create_policy(PolicyName="lists", PolicyDocument=policy("kms:List*"))
    iam.put_user_permissions_boundary(
        UserName="bob", PermissionsBoundary=only_lists["Policy"]["Arn"]
    )
    assert "Keys" in kms.list_keys()
    with pytest.raises(ClientError, match="no permissions boundary allows the kms:CreateKey"):
        kms.create_key()
    iam.delete_user_permissions_boundary(UserName="bob")
    iam.remove_user_from_group(GroupName="keepers", UserName="bob")
    iam.attach_user_policy(UserName="bob", PolicyArn=only_lists["Policy"]["Arn"])
    assert "Keys" in kms.list_keys()
    with pytest.raises(ClientError, match="no identity-based policy allows the kms:CreateKey"):
        kms.create_key()


def test_a_wrong_secret_and_an_unknown_key_are_refused_and_recorded(
    server: Running, iam: Any
) -> None:
    keys = new_user(iam, "carol", "kms:*", "sts:*")
    wrong = Keys(keys.access_key, keys.secret[::-1])
    with pytest.raises(ClientError) as json_error:
        client(server, "kms", wrong).generate_random(NumberOfBytes=8)
    assert code(json_error) == "InvalidSignatureException"
    with pytest.raises(ClientError) as query_error:
        client(server, "sts", wrong).get_caller_identity()
    assert code(query_error) == "SignatureDoesNotMatch"
    nobody = Keys("AKIAIOSFODNN7EXAMPLE", keys.secret)
    with pytest.raises(ClientError) as unknown:
        client(server, "sts", nobody).get_caller_identity()
    assert code(unknown) == "InvalidClientTokenId"
    (record, *_) = events(server, "GenerateRandom")
    assert record["errorCode"] == "InvalidSignatureException"
    assert record["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/carol"


def test_an_inactive_key_opens_nothing_until_it_is_active_again(
    server: Running, iam: Any
) -> None:
    keys = new_user(iam, "dan")
    sts = client(server, "sts", keys)
    assert sts.get_caller_identity()["Arn"].endswith(":user/dan")
    iam.update_access_key(UserName="dan", AccessKeyId=keys.access_key, Status="Inactive")
    with pytest.raises(ClientError) as refused:
        sts.get_caller_identity()
    assert code(refused) == "InvalidClientTokenId"
    iam.update_access_key(UserName="dan", AccessKeyId=keys.access_key, Status="Active")
    assert sts.get_caller_identity()["Arn"].endswith(":user/dan")


def test_an_assumed_role_has_its_own_name_and_its_session_policy_limits_it(
    server: Running, iam: Any
) -> None:
    eve = new_user(iam, "eve", "sts:AssumeRole")
    arn = iam.get_user(UserName="eve")["User"]["Arn"]
    role = iam.create_role(RoleName="sealer", Path="/ops/", AssumeRolePolicyDocument=trust(arn))
    iam.put_role_policy(RoleName="sealer", PolicyName="p", PolicyDocument=policy("kms:*"))
    sts = client(server, "sts", eve)
    assumed = sts.assume_role(
        RoleArn=role["Role"]["Arn"], RoleSessionName="shift", Policy=policy("kms:Encrypt")
    )
    session = keys_of(assumed["Credentials"])
    named = f"arn:aws:sts::{ACCOUNT}:assumed-role/sealer/shift"
    identity = client(server, "sts", session).get_caller_identity()
    assert identity["Arn"] == assumed["AssumedRoleUser"]["Arn"] == named
    assert identity["UserId"] == f"{role['Role']['RoleId']}:shift"
    key_id = client(server, "kms", root_of(server)).create_key()["KeyMetadata"]["KeyId"]
    kms = client(server, "kms", session)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(ClientError, match="no session policy allows the kms:Decrypt action"):
        kms.decrypt(CiphertextBlob=blob)
    free = sts.assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="free")
    unlimited = client(server, "kms", keys_of(free["Credentials"]))
    assert unlimited.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_every_region_takes_the_session_of_every_other(server: Running, iam: Any) -> None:
    keys = new_user(iam, "fay", "kms:ListKeys", "sts:*")
    session = client(server, "sts", keys, "eu-west-1").get_session_token()
    assert "Keys" in client(server, "kms", keys_of(session["Credentials"])).list_keys()


def test_a_presigned_request_carries_its_token_in_the_query(server: Running, iam: Any) -> None:
    keys = new_user(iam, "fin", "sts:*")
    session = keys_of(client(server, "sts", keys).get_session_token()["Credentials"])
    url = client(server, "sts", session).generate_presigned_url(
        "get_caller_identity", HttpMethod="GET"
    )
    assert "X-Amz-Security-Token=" in url
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        assert b":user/fin</Arn>" in answer.read()


def test_a_session_is_worth_nothing_without_its_own_token(server: Running, iam: Any) -> None:
    keys = new_user(iam, "gus", "sts:*")
    sts = client(server, "sts", keys)
    one, other = (keys_of(sts.get_session_token()["Credentials"]) for _ in range(2))
    for stolen in (Keys(one.access_key, one.secret), Keys(one.access_key, one.secret, other.token),
                   Keys(keys.access_key, keys.secret, one.token),
                   Keys(one.access_key, one.secret, base64.b64encode(b"\1" * 80).decode())):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            client(server, "sts", stolen).get_caller_identity()
        assert code(refused) == "InvalidClientTokenId"


@pytest.mark.parametrize(
    ("name", "condition", "given", "allowed"),
    [
        ("none", {}, {}, True),
        ("right", {"StringEquals": {"sts:ExternalId": "42"}}, {"ExternalId": "42"}, True),
        ("wrong", {"StringEquals": {"sts:ExternalId": "42"}}, {"ExternalId": "43"}, False),
        ("absent", {"StringEquals": {"sts:ExternalId": "42"}}, {}, False),
    ],
)
def test_a_role_is_lent_only_as_its_trust_says(
    server: Running, iam: Any, name: str, condition: Any, given: Any, allowed: bool
) -> None:
    keys = new_user(iam, f"hal-{name}", "sts:AssumeRole")
    arn = iam.get_user(UserName=f"hal-{name}")["User"]["Arn"]
    role = iam.create_role(RoleName=f"r-{name}", AssumeRolePolicyDocument=trust(arn, **condition))
    sts = client(server, "sts", keys)
    wish = {"RoleArn": role["Role"]["Arn"], "RoleSessionName": "s1", **given}
    if allowed:
        assert sts.assume_role(**wish)["Credentials"]["AccessKeyId"].startswith("ASIA")
        return
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**wish)
    assert code(refused) == "AccessDenied"
    assert "because no role trust policy allows the sts:AssumeRole action" in text(refused)


def test_a_chain_of_roles_lasts_an_hour_at_most(server: Running, iam: Any) -> None:
    keys = new_user(iam, "ida", "sts:AssumeRole")
    iam.create_role(RoleName="first", AssumeRolePolicyDocument=trust(ROOT))
    iam.put_role_policy(
        RoleName="first", PolicyName="p", PolicyDocument=policy("sts:AssumeRole")
    )
    iam.create_role(
        RoleName="second", MaxSessionDuration=7200,
        AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:role/first"),
    )  # fmt: skip
    first, second = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("first", "second"))
    session = client(server, "sts", keys).assume_role(RoleArn=first, RoleSessionName="s1")
    sts = client(server, "sts", keys_of(session["Credentials"]))
    with pytest.raises(ClientError, match="1 hour session limit for roles assumed by role chain"):
        sts.assume_role(RoleArn=second, RoleSessionName="s2", DurationSeconds=3601)
    assert sts.assume_role(RoleArn=second, RoleSessionName="s2")["AssumedRoleUser"]
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration set for this role"):
        client(server, "sts", keys).assume_role(
            RoleArn=first, RoleSessionName="s1", DurationSeconds=3601
        )


def test_roots_and_strangers_get_no_role(server: Running, iam: Any) -> None:
    iam.create_role(RoleName="own", AssumeRolePolicyDocument=trust(ROOT))
    arn = f"arn:aws:iam::{ACCOUNT}:role/own"
    with pytest.raises(ClientError, match="Roles may not be assumed by root accounts"):
        client(server, "sts", root_of(server)).assume_role(RoleArn=arn, RoleSessionName="s1")
    sts = client(server, "sts", new_user(iam, "jon"))
    for wanted in (arn, f"{arn}-that-is-not-there"):
        with pytest.raises(ClientError) as refused:
            sts.assume_role(RoleArn=wanted, RoleSessionName="s1")
        assert code(refused) == "AccessDenied"
        assert f"perform: sts:AssumeRole on resource: {wanted}" in text(refused)


def test_a_session_of_a_user_may_not_ask_iam(server: Running, iam: Any) -> None:
    keys = new_user(iam, "kim", "*")
    session = client(server, "sts", keys).get_session_token()["Credentials"]
    with pytest.raises(ClientError) as refused:
        client(server, "iam", keys_of(session)).list_users()
    assert code(refused) == "InvalidClientTokenId"
    with pytest.raises(ClientError, match="Cannot call GetSessionToken with session credentials"):
        client(server, "sts", keys_of(session)).get_session_token()


def test_a_session_ends_when_the_calendar_says(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", REGION, auth="sigv4") as server:
        iam = client(server, "iam", root_of(server))
        keys = new_user(iam, "lea", "sts:*", "kms:*")
        session = client(server, "sts", keys).get_session_token(DurationSeconds=900)
        held = keys_of(session["Credentials"])
        assert "Keys" in client(server, "kms", held).list_keys()
        assert server.nines("advance", "16m").returncode == 0
        with pytest.raises(ClientError) as json_error:
            client(server, "kms", held).list_keys()
        assert code(json_error) == "ExpiredTokenException"
        with pytest.raises(ClientError) as query_error:
            client(server, "sts", held).get_caller_identity()
        assert code(query_error) == "ExpiredToken"
        assert "Keys" in client(server, "kms", keys).list_keys()


def test_users_keys_and_sessions_outlive_kill_9_and_the_secret_is_told_once(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION, auth="sigv4") as first:
        root = root_of(first)
        keys = new_user(client(first, "iam", root), "mia", "kms:*", "sts:*")
        session = keys_of(client(first, "sts", keys).get_session_token()["Credentials"])
        first.kill()
    with serving(data, "--regions", REGION, auth="sigv4") as second:
        assert second.exports["AWS_ACCESS_KEY_ID"] == root.access_key
        assert "AWS_SECRET_ACCESS_KEY" not in second.exports
        for held in (root, keys, session):
            assert "Keys" in client(second, "kms", held).list_keys()
    written = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    for held in (root, keys, session):
        assert held.secret.encode() not in written
        assert held.token is None or held.token.encode() not in written


def test_records_of_iam_and_sts_name_what_was_done_and_hold_no_secret(
    server: Running, iam: Any
) -> None:
    keys = new_user(iam, "ned", "sts:*")
    arn = iam.get_user(UserName="ned")["User"]["Arn"]
    role = iam.create_role(RoleName="ned-s", AssumeRolePolicyDocument=trust(arn))["Role"]["Arn"]
    client(server, "sts", keys).assume_role(RoleArn=role, RoleSessionName="ned1")
    with pytest.raises(ClientError):
        client(server, "iam", keys).delete_user(UserName="ned")
    made = next(
        record for record in events(server, "CreateAccessKey")
        if record["requestParameters"] == {"userName": "ned"}
    )  # fmt: skip
    assert made["eventSource"] == "iam.amazonaws.com"
    assert made["responseElements"]["accessKey"]["accessKeyId"] == keys.access_key
    assert set(made["responseElements"]["accessKey"]) == {
        "userName", "accessKeyId", "status", "createDate",
    }  # fmt: skip
    (refused,) = events(server, "DeleteUser")
    assert (refused["errorCode"], refused["userIdentity"]["userName"]) == ("AccessDenied", "ned")
    lent = next(
        record for record in events(server, "AssumeRole")
        if record["requestParameters"]["roleSessionName"] == "ned1"
    )  # fmt: skip
    assert set(lent["responseElements"]["credentials"]) == {"accessKeyId", "expiration"}
    assert lent["resources"] == [
        {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}
    ]


def test_a_region_goes_on_for_whom_it_knows_when_iam_is_away(tmp_path: Path) -> None:
    regions = f"{REGION},eu-west-1"
    with serving(tmp_path / "data", "--regions", regions, auth="sigv4") as server:
        root = root_of(server)
        keys = new_user(client(server, "iam", root), "qin", "kms:*")
        abroad = client(server, "kms", keys, "eu-west-1")
        assert "Keys" in abroad.list_keys()
        assert server.nines("fault", "region-loss", REGION).returncode == 0
        time.sleep(1)  # What is remembered must be too old to be believed without asking.
        for _ in range(3):
            assert "Keys" in abroad.list_keys()
        with pytest.raises(ClientError) as unknown:
            client(server, "kms", Keys("AKIAIOSFODNN7EXAMPLE", "x"), "eu-west-1").list_keys()
        assert code(unknown) == "KMSInternalException"


def test_who_runs_the_server_lists_keys_and_adds_one(server: Running, iam: Any) -> None:
    iam.create_user(UserName="ola")
    added = server.nines("credentials", "add", "--account", ACCOUNT, "--user", "ola")
    words = dict(line.removeprefix("export ").split("=", 1) for line in added.stdout.splitlines())
    held = Keys(words["AWS_ACCESS_KEY_ID"], words["AWS_SECRET_ACCESS_KEY"])
    assert client(server, "sts", held).get_caller_identity()["Arn"].endswith(":user/ola")
    listed = server.nines("credentials", "list").stdout.splitlines()
    assert f"{held.access_key}  {ACCOUNT}  user ola  Active" in listed
    assert f"{root_of(server).access_key}  {ACCOUNT}  root  Active" in listed
    refused = server.nines("credentials", "add", "--account", ACCOUNT, "--user", "nobody")
    assert refused.stderr == "nines: The user with name nobody cannot be found.\n"
    odd = server.nines("credentials", "add", "--account", "12")
    assert odd.stderr == "nines: account '12': expected twelve digits\n"


def test_a_key_of_another_account_is_the_root_there(server: Running) -> None:
    added = server.nines("credentials", "add", "--account", "111122223333")
    words = dict(line.removeprefix("export ").split("=", 1) for line in added.stdout.splitlines())
    held = Keys(words["AWS_ACCESS_KEY_ID"], words["AWS_SECRET_ACCESS_KEY"])
    sts = client(server, "sts", held)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:root"
    key_id = root_of(server).access_key
    assert sts.get_access_key_info(AccessKeyId=key_id)["Account"] == ACCOUNT


def test_a_reset_leaves_the_keys_of_roots_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--regions", REGION, "--allow-reset", auth="sigv4") as server:
        iam = client(server, "iam", root_of(server))
        keys = new_user(iam, "pia", "*")
        request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            assert json.load(answer) == {"status": "ok"}
        assert iam.list_users()["Users"] == []
        with pytest.raises(ClientError):
            client(server, "sts", keys).get_caller_identity()
        server.kill()
    again = nines("fsck", str(data))
    assert again.returncode == 0, again.stdout


def test_with_auth_off_an_account_is_its_own_root(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--regions", "eu-west-1") as server:
        for region in ("eu-west-1", REGION):  # The global endpoint is there, too.
            identity = server.client("sts", region, "111122223333").get_caller_identity()
            assert identity["Arn"] == "arn:aws:iam::111122223333:root"
        assert server.client("iam", REGION, "111122223333").list_users()["Users"] == []
