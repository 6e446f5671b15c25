"""Policy documents: what compiles, what is refused, and with which flaw."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.policy.defaults import default_key_policy, managed_key_policy
from regions.policy.document import (
    compile_identity_policy,
    compile_resource_policy,
    compile_trust_policy,
)
from regions.policy.flaws import Flaw, PolicyError

ACCOUNT = "111122223333"
ALLOW = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


def document(**changes: Any) -> str:
    statement = {**ALLOW, **changes}
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def identity(**changes: Any) -> str:
    return document(Principal=None, **changes)


@pytest.mark.parametrize(
    ("text", "flaw", "found"),
    [
        ("not json", Flaw.SYNTAX, ""),
        ("[]", Flaw.SYNTAX, ""),
        ("[" * 100_000, Flaw.SYNTAX, ""),
        ('{"Version":"2012-10-17"}', Flaw.SYNTAX, ""),
        ('{"Version":"2012-10-17","Statement":[]}', Flaw.SYNTAX, ""),
        ('{"Version":"2012-10-17","Statement":[1]}', Flaw.SYNTAX, ""),
        ('{"Version":"2012-10-17","Surprise":1,"Statement":[]}', Flaw.SYNTAX, ""),
        ('{"Id":1,"Statement":{}}', Flaw.SYNTAX, ""),
        ('{"Version":"2099-01-01","Statement":[]}', Flaw.VERSION, "2099-01-01"),
        ('{"Version":["2012-10-17"],"Statement":[]}', Flaw.VERSION, "['2012-10-17']"),
        (document(Effect="Maybe"), Flaw.EFFECT, "Maybe"),
        (document(Effect=None), Flaw.EFFECT, ""),
        (document(Action=None), Flaw.NO_ACTION, ""),
        (document(Action=[]), Flaw.NO_ACTION, ""),
        (document(Action=[1]), Flaw.SYNTAX, ""),
        (document(Action="Encrypt"), Flaw.ACTION, "Encrypt"),
        (document(Action="kms:Enc:rypt"), Flaw.ACTION, "kms:Enc:rypt"),
        (document(Action="k*:Encrypt"), Flaw.ACTION, "k*:Encrypt"),
        (document(NotAction="kms:Sign"), Flaw.SYNTAX, ""),
        (document(Resource=[]), Flaw.NO_RESOURCE, ""),
        (document(Resource=None), Flaw.NO_RESOURCE, ""),
        (document(Surprise=1), Flaw.SYNTAX, ""),
        (document(Sid=1), Flaw.SYNTAX, ""),
        (document(Principal=None), Flaw.NO_PRINCIPAL, ""),
        (document(NotPrincipal="*"), Flaw.SYNTAX, ""),
        (document(Condition=[]), Flaw.CONDITION, ""),
        (document(Condition={"StringIs": {"k": "v"}}), Flaw.CONDITION, "StringIs"),
        (document(Condition={"NumericEquals": {"k": float("nan")}}), Flaw.SYNTAX, ""),
    ],
)
def test_a_broken_resource_policy_is_refused_with_its_flaw(
    text: str, flaw: Flaw, found: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        compile_resource_policy(text)
    assert (refused.value.flaw, refused.value.found) == (flaw, found)


def test_a_flaw_is_told_with_what_was_found() -> None:
    told = [str(PolicyError(Flaw.ACTION, "Encrypt")), str(PolicyError(Flaw.SYNTAX))]
    assert told == [
        "policy: an Action is not of the form service:name: Encrypt",
        "policy: it is no JSON, or not in the grammar of policies",
    ]


@pytest.mark.parametrize(
    ("text", "flaw", "found"),
    [
        (document(), Flaw.PRINCIPAL_FORBIDDEN, ""),
        (identity(NotPrincipal="*"), Flaw.PRINCIPAL_FORBIDDEN, ""),
        (identity(Resource="bucket"), Flaw.RESOURCE, "bucket"),
        (identity(Sid="two words"), Flaw.SID, "two words"),
        (
            json.dumps({"Statement": [{**json.loads(identity(Sid="A"))["Statement"][0]}] * 2}),
            Flaw.SID_TWICE,
            "A",
        ),
    ],
)
def test_an_identity_policy_has_rules_of_its_own(text: str, flaw: Flaw, found: str) -> None:
    with pytest.raises(PolicyError) as refused:
        compile_identity_policy(text)
    assert (refused.value.flaw, refused.value.found) == (flaw, found)
    assert len(compile_identity_policy(identity(Sid="A")).statements) == 1


def test_a_trust_policy_names_no_resource() -> None:
    with pytest.raises(PolicyError) as refused:
        compile_trust_policy(document(Action="sts:AssumeRole"))
    assert refused.value.flaw is Flaw.RESOURCE_FORBIDDEN
    trust = compile_trust_policy(document(Action="sts:AssumeRole", Resource=None))
    (statement,) = trust.of_action("sts:AssumeRole")
    assert (statement.resources, statement.covers_resource("arn:any")) == ((), True)


def test_a_statement_keeps_its_actions_and_resources_as_written() -> None:
    text = document(Sid="Two words", Action=["KMS:enc*"], Resource=["arn:aws:kms:*:*:key/*"])
    (statement,) = compile_resource_policy(text).statements
    assert (statement.sid, statement.actions, statement.resources) == (
        *("Two words", ("KMS:enc*",), ("arn:aws:kms:*:*:key/*",)),
    )


def test_actions_match_without_regard_to_case_and_denials_come_first() -> None:
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "KMS:enc*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW, deny]})
    compiled = compile_resource_policy(text)
    assert [statement.allows for statement in compiled.of_action("kms:Encrypt")] == [False, True]
    assert [statement.allows for statement in compiled.of_action("kms:Sign")] == [True]
    assert compile_resource_policy(text) is compiled


def covers(action: str, **changes: Any) -> bool:
    return bool(compile_identity_policy(identity(**changes)).of_action(action))


def test_actions_have_wildcards_and_a_negative_form() -> None:
    assert covers("s3:GetObject", Action="*")
    assert covers("s3:GetObject", Action="s3:Get?bject")
    assert not covers("s3:GetObjects", Action="s3:Get?bject")
    assert not covers("s3:GetObject", Action=None, NotAction=["s3:Get*", "s3:Put*"])
    assert covers("s3:ListBucket", Action=None, NotAction=["s3:Get*", "s3:Put*"])
    assert not covers("S3:GETOBJECT", Action=None, NotAction="s3:getobject")


def reaches(arn: str, version: str = "2012-10-17", **changes: Any) -> bool:
    context = {"aws:username": "ana", "aws:principaltag/team": "", "aws:tagkeys": ("a",)}
    text = identity(**changes).replace("2012-10-17", version)
    (statement,) = compile_identity_policy(text).statements
    return statement.covers_resource(arn) and statement.holds(arn, context)


BUCKET = "arn:aws:s3:::b"


def test_resources_have_variables_behind_the_fifth_colon_and_in_the_new_version_only() -> None:
    home = f"{BUCKET}/${{aws:username}}/*"
    assert reaches(f"{BUCKET}/ana/x", Resource=home)
    assert not reaches(f"{BUCKET}/bob/x", Resource=home)
    assert not reaches(f"{BUCKET}/ana/x", "2008-10-17", Resource=home)
    assert reaches(f"{BUCKET}/${{aws:username}}/x", "2008-10-17", Resource=home)
    assert not reaches("arn:aws:s3::ana:b", Resource="arn:aws:s3::${aws:username}:b")
    assert reaches(f"{BUCKET}/*", Resource=f"{BUCKET}/${{*}}")
    assert not reaches(f"{BUCKET}/x", Resource=f"{BUCKET}/${{*}}")


def test_a_variable_without_a_value_makes_a_resource_match_nothing() -> None:
    for key in ("aws:PrincipalTag/none", "aws:PrincipalTag/team", "aws:TagKeys"):
        assert not reaches(f"{BUCKET}/x", Resource=f"{BUCKET}/${{{key}}}*")
        assert reaches(f"{BUCKET}/x", Resource=None, NotResource=f"{BUCKET}/${{{key}}}*")
        assert reaches(f"{BUCKET}/all", Resource=f"{BUCKET}/${{{key}, 'all'}}")
    assert reaches(f"{BUCKET}/y", Resource=[f"{BUCKET}/${{none}}", f"{BUCKET}/y"])
    assert not reaches(
        f"{BUCKET}/y", Resource=None, NotResource=[f"{BUCKET}/${{x}}", f"{BUCKET}/y"]
    )


def test_the_services_own_policies_compile() -> None:
    for text in (
        default_key_policy("us-east-1", ACCOUNT),
        default_key_policy("cn-north-1", ACCOUNT),
        managed_key_policy("us-east-1", ACCOUNT, "ssm"),
    ):
        assert compile_resource_policy(text).statements
    assert "arn:aws-cn:iam::111122223333:root" in default_key_policy("cn-north-1", ACCOUNT)


WORDS = st.sampled_from(
    [
        *("Version", "Id", "Statement", "Sid", "Effect", "Allow", "Deny", "Principal", "AWS", "*"),
        *("NotPrincipal", "Action", "s3:Get*", "NotAction", "Resource", "NotResource", "Condition"),
        *("2012-10-17", "StringLike", "DateLessThan", "NumericEquals", "IpAddress", "Null", "Bool"),
        *("BinaryEquals", "ForAnyValue:ArnLike", "${aws:username, 'x'}", "${", "9" * 20, "\ud800"),
        *(
            "arn:aws:s3:::b/${*}",
            "arn:a?s:*:${x}",
            "1e999999999",
            "2026-01-01T00:00:00+24:00",
            "::/0",
        ),
    ]
)
JSON = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Principal": JSON | st.just("*"),
        "Action": JSON | st.just("*"),
        "Resource": JSON | st.just("*"),
        "Condition": st.dictionaries(WORDS, st.dictionaries(WORDS, JSON, max_size=2), max_size=2),
    },
)


@settings(max_examples=300, deadline=None)
@given(
    value=JSON | st.fixed_dictionaries({"Statement": STATEMENTS, "Version": st.just("2012-10-17")})
)
def test_any_json_is_a_policy_or_a_flaw_of_one(value: Any) -> None:
    text = json.dumps(value)
    for compiled in (compile_resource_policy, compile_identity_policy, compile_trust_policy):
        with suppress(PolicyError):
            for statement in compiled(text).statements:
                assert statement.covers_action("s3:GetObject") in (True, False)
                assert statement.holds(BUCKET, {"null": "2026", "bool": ("x",)}) in (True, False)
