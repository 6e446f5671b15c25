"""``nines policy explain`` from files: what it prints, its status, and one clear line for bad input."""

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.__main__ import main

ACCOUNT = "123456789012"
ANA, EVE = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ana", "eve"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/app"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Deny",
            "Principal": {"AWS": EVE},
            "Action": "kms:Decrypt",
            "Resource": "*",
        },
    ],
}
GRANTS = {
    "Grants": [
        {
            "GrantId": "ab12",
            "GranteePrincipal": ANA,
            "Operations": ["Decrypt"],
            "Constraints": {"EncryptionContextSubset": {"tenant": "7"}},
        }
    ]
}
OWN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "kms:E*", "Resource": "*"}],
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in (("key", POLICY), ("grants", GRANTS), ("own", OWN)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explain(*words: str, action: str = "kms:Decrypt", principal: str = ANA) -> int:
    fixed = ["--key-policy", "key.json", "--action", action, "--principal", principal]
    return main(["policy", "explain", *fixed, "--key", KEY, *words])


def test_the_grant_that_allows_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("--grants", "grants.json", "--context", "tenant=7") == 0
    assert capsys.readouterr().out == (
        f"allowed: kms:Decrypt on {KEY} for {ANA}\n"
        "\n"
        "what decides\n"
        f"  grant, ab12: Allow, applies: its grantee is {ANA}\n"
        "\n"
        "what else there is\n"
        "  key policy, statement 1 (Account): Allow, applies: it names the caller's account\n"
        "  key policy, statement 2: Deny, does not apply: its Principal does not name the caller\n"
    )


def test_the_statement_that_denies_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(principal=EVE) == 1
    assert capsys.readouterr().out == (
        f"denied: kms:Decrypt on {KEY} for {EVE}\n"
        f"  User: {EVE} is not authorized to perform: kms:Decrypt on resource: {KEY} with an"
        " explicit deny in a resource-based policy\n"
        "\n"
        "what decides\n"
        "  key policy, statement 2: Deny, applies: it names the caller\n"
        "\n"
        "what else there is\n"
        "  key policy, statement 1 (Account): Allow, applies: it names the caller's account\n"
    )


def test_where_nothing_allows_everything_says_why_it_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = ["--identity-policy", "own.json"]
    assert explain("--grants", "grants.json", *own) == 1
    assert capsys.readouterr().out == (
        f"denied: kms:Decrypt on {KEY} for {ANA}\n"
        f"  User: {ANA} is not authorized to perform: kms:Decrypt on resource: {KEY} because no"
        " identity-based policy allows the kms:Decrypt action\n"
        "\n"
        "what else there is\n"
        "  key policy, statement 1 (Account): Allow, applies: it names the caller's account\n"
        "  key policy, statement 2: Deny, does not apply: its Principal does not name the caller\n"
        "  identity policy, statement 1: Allow, does not apply: its Action does not include"
        " kms:Decrypt\n"
        "  grant, ab12: Allow, does not apply: the encryption context does not satisfy its"
        " EncryptionContextSubset\n"
    )


def test_programs_get_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--identity-policy", "own.json", "--json"]
    assert explain(*own, action="Encrypt", principal=ROLE) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["principal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/asked"
    assert (found["allowed"], found["message"], found["resource"]) == (True, "", KEY)
    assert found["decisive"] == [
        {
            "where": "key policy",
            "name": "statement 1 (Account)",
            "effect": "Allow",
            "applies": True,
            "why": "it names the caller's account",
        },
        {
            "where": "identity policy",
            "name": "statement 1",
            "effect": "Allow",
            "applies": True,
            "why": "",
        },
    ]


def test_the_default_key_policy_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--identity-policy", "own.json", "--action", "kms:Encrypt", "--principal", ANA]
    assert main(["policy", "explain", "--key-policy", "-", *own]) == 0
    assert "(Enable IAM User Permissions)" in capsys.readouterr().out


CONDITIONED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a condition key": (
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        ["--condition", "aws:SourceVpce=vpce-1"],
    ),
    "several values of one": (
        {
            "ForAllValues:StringEquals": {"aws:CalledVia": ["a", "b"]},
            "Null": {"aws:CalledVia": "false"},
        },
        ["--condition", "aws:CalledVia=a", "--condition", "aws:CalledVia=b"],
    ),
    "a service between": (
        {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        ["--via", "s3"],
    ),
    "an address": (
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        ["--source-ip", "203.0.113.7"],
    ),
    "a tag of the key": ({"StringEquals": {"aws:ResourceTag/a": "b"}}, ["--key-tag", "a=b"]),
    "a tag of the caller": (
        {"StringEquals": {"aws:PrincipalTag/a": "b"}},
        ["--principal-tag", "a=b"],
    ),
    "a parameter": (
        {"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 7}},
        ["--parameter", "PendingWindowInDays=7"],
    ),
}


@pytest.mark.parametrize("what", sorted(CONDITIONED))
def test_everything_that_a_condition_may_ask_can_be_told(files: Path, what: str) -> None:
    condition, words = CONDITIONED[what]
    entry = {**POLICY["Statement"][0], "Principal": {"AWS": ANA}, "Condition": condition}  # type: ignore[dict-item]
    (files / "key.json").write_text(json.dumps({**POLICY, "Statement": [entry]}))
    action = "kms:ScheduleKeyDeletion"
    assert explain(action=action) == 1
    assert explain(*words, action=action) == 0


def test_a_service_is_asked_for_with_its_resource(files: Path) -> None:
    source = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
    entry = {"GranteeServicePrincipal": "sqs.amazonaws.com", "Operations": ["Decrypt"]}
    grants = {"Grants": [{**entry, "Constraints": {"SourceArn": source}}]}
    (files / "grants.json").write_text(json.dumps(grants))
    words = ["--grants", "grants.json"]
    assert explain(*words, principal="sqs.amazonaws.com") == 1
    assert explain(*words, "--source-arn", source, principal="sqs.amazonaws.com") == 0


def test_a_child_grant_is_compared_with_its_parent(files: Path) -> None:
    entry = {"GranteePrincipal": ANA, "Operations": ["CreateGrant", "Decrypt"]}
    (files / "grants.json").write_text(json.dumps({"Grants": [entry]}))
    words = ["--grants", "grants.json", "--parameter", f'GranteePrincipal="{EVE}"', "--parameter"]
    assert explain(*words, 'Operations=["Decrypt"]', action="kms:CreateGrant") == 0
    assert explain(*words, 'Operations=["Encrypt"]', action="kms:CreateGrant") == 1


def test_either_side_of_re_encrypt_is_asked_for_by_its_permission(files: Path) -> None:
    entry = {**GRANTS["Grants"][0], "Operations": ["ReEncryptFrom"]}
    (files / "grants.json").write_text(json.dumps({"Grants": [entry]}))
    words = ["--grants", "grants.json", "--context", "tenant=7"]
    assert explain(*words, action="kms:ReEncryptFrom") == 0
    assert explain(*words, action="kms:ReEncryptTo") == 1


def test_limits_of_a_session_are_told_apart(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = {**OWN["Statement"][0], "Action": "*"}  # type: ignore[dict-item]
    (files / "all.json").write_text(json.dumps({**OWN, "Statement": [everything]}))
    words = [
        "--identity-policy",
        "all.json",
        "--session-policy",
        "own.json",
        "--boundary",
        "all.json",
    ]
    assert explain(*words, principal=ROLE) == 1
    told = capsys.readouterr().out
    assert "because no session policy allows the kms:Decrypt action" in told
    assert "  session policy, statement 1: Allow, does not apply: its Action" in told
    assert "  permissions boundary, statement 1: Allow, applies\n" in told


BAD: dict[str, tuple[list[str], str]] = {
    "a principal that is none": (
        ["--principal", "ana"],
        ("principal 'ana': expected the ARN of a user, a role, a role's session or an account's root,"
        " or a service such as sqs.amazonaws.com"),
    ),
    "a pair that is none": (["--context", "tenant"], "context 'tenant': expected NAME=VALUE"),
    "a parameter that is no JSON": (
        ["--parameter", "Limit=x y"],
        "parameter Limit=x y: expected a JSON value",
    ),
    "parameters of another form": (
        ["--parameter", "Tags=7"],
        'parameters {"Tags": 7}: expected what kms:Decrypt takes',
    ),
    "an alias": (
        ["--key", "alias/a"],
        "key 'alias/a': expected the ARN or id of a key, as all is from files",
    ),
    "a region that is none": (
        ["--region", "mars-1"],
        "region 'mars-1' is not known; expected one such as us-east-1",
    ),
    "a file that is not there": (
        ["--grants", "none.json"],
        "file 'none.json' cannot be read (No such file or directory)",
    ),
    "a file that is no policy": (
        ["--identity-policy", "key.json"],
        ("file 'key.json' is no identity policy: policy: a statement has a Principal, which this kind"
        " of policy has not"),
    ),
    "a file that is no key policy": (
        ["--key-policy", "own.json"],
        "file 'own.json' is no key policy: policy: a statement has no Principal",
    ),
    "a file without grants": (
        ["--grants", "key.json"],
        ("file 'key.json': expected {\"Grants\": [...]} as ListGrants answers it, with Operations and"
        " GranteePrincipal each (KeyError: 'Grants')"),
    ),
    "a token that is none": (
        ["--grant-token", "x"],
        "tokens: expected grant tokens of eu-west-1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BAD))
def test_bad_input_gets_one_line_that_says_what_was_expected(
    capsys: pytest.CaptureFixture[str], what: str
) -> None:
    words, line = BAD[what]
    assert explain(*words) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"nines: {line}\n")


def test_options_of_files_go_with_files(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--action", "kms:Decrypt", "--principal", ANA, "--grants", "grants.json"]
    assert main(["policy", "explain", *words]) == 2
    line = "nines: --grants goes with files; expected --key-policy as well\n"
    assert capsys.readouterr().err == line
