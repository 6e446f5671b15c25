"""Who may do what, against a second evaluator that was written from the documentation alone.

Goal: on small drawn policies and requests both say the same, and a refusal names a kind of policy
that really refuses. Method: few names, so that drawn patterns often match; planted bugs show that
the comparison would tell.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Caller, Question, Verdict, judge

from regions.calls import Principal
from regions.policy import conditions, document, evaluate, patterns, principals
from regions.policy.document import compile_identity_policy, compile_resource_policy

HOME, AWAY = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::b"
USER, BOB = f"arn:aws:iam::{HOME}:user/ana", f"arn:aws:iam::{AWAY}:user/bob"
ROLE, SESSION = f"arn:aws:iam::{HOME}:role/app", f"arn:aws:sts::{HOME}:assumed-role/app/s1"
FEDERATED = f"arn:aws:sts::{HOME}:federated-user/sam"
ROOT = f"arn:aws:iam::{HOME}:root"

ACTIONS = ["s3:GetObject", "s3:GetBucketAcl", "S3:putobject", "kms:Encrypt"]
ACTION_PATTERNS = [*ACTIONS, "*", "s3:*", "s3:Get*", "s3:?etObject", "s3:G*t*t", "kms:*"]
RESOURCES = [f"{BUCKET}/ana/x", f"{BUCKET}/bob", f"{BUCKET}/*", f"arn:aws:sns:eu-1:{HOME}:t:u"]
RESOURCE_PATTERNS = [
    *RESOURCES,
    "*",
    f"{BUCKET}/*",
    f"{BUCKET}/${{aws:username}}/*",
    f"{BUCKET}/${{aws:PrincipalTag/team, 'bob'}}",
    f"{BUCKET}/${{*}}",
    f"{BUCKET}/${{aws:TagKeys}}*",
    f"arn:aws:sns:*:{HOME}:t:*",
    "arn:aws:s*:eu-1:*",
    "arn:a*s:s3:::b/?ob",
    "arn:aws:s?s:e*1:*:t:u",
    "arn:aws:*n*1:*:u",
]
PRINCIPAL_ELEMENTS = [
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": [AWAY, ROLE]},
    {"AWS": [ROOT, USER]},
    {"AWS": [SESSION]},
    {"AWS": [ROLE, SESSION, ROOT]},
    {"AWS": FEDERATED, "Service": "s3.amazonaws.com"},
    {"Service": ["cloudtrail.amazonaws.com"]},
    {"AWS": BOB},
]
VALUES: dict[str, list[Any]] = {
    "String": ["a", "A", "a*", "?", "", "${aws:username}", "${none}", "${none, 'a'}", "${?}", True],
    "Numeric": ["1", "2.5", 3, "-1", "10"],
    "Date": [
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2026",
        "2026-01-01T01:00:00+01:00",
        "1767225600",
    ],
    "Bool": ["true", "False", True],
    "Binary": ["YQ==", "YWI="],
    "Ip": ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0"],
    "Arn": [
        USER,
        "arn:aws:iam::*:user/*",
        "arn:*",
        f"arn:aws:*:*:{HOME}:*",
        f"{BUCKET}/${{aws:username}}",
    ],
    "Null": ["true", "false", True],
}
FAMILIES: dict[str, list[str]] = {
    "String": [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
        *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ],
    "Numeric": [
        *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
        *("NumericGreaterThan", "NumericGreaterThanEquals"),
    ],
    "Date": [
        *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"),
        *("DateGreaterThan", "DateGreaterThanEquals"),
    ],
    "Bool": ["Bool"],
    "Binary": ["BinaryEquals"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "Null": ["Null"],
}
PRESENT: dict[str, list[Any]] = {
    "String": ["a", "a", "A", "ab", "", "ana", "ana", "?", "true", ["a", "b"], ["b"], [], [""]],
    "Numeric": ["1", "2.50", "10", "x", ["1", "3"]],
    "Date": ["2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "1767225600", "x"],
    "Bool": ["true", "false"],
    "Binary": ["YQ==", "YWI=", "!"],
    "Ip": ["203.0.113.7", "198.51.100.1", "2001:db8::1", "s3.amazonaws.com"],
    "Arn": [USER, BOB, f"{BUCKET}/ana", "x", [USER, BOB]],
    "Null": ["a", []],
}


def one_or_two(dice: Random, values: list[Any]) -> list[Any]:
    return [dice.choice(values) for _ in range(dice.choice([1, 2]))]


def version(dice: Random) -> str:
    return dice.choice(["2012-10-17", "2012-10-17", "2008-10-17"])


def condition_block(dice: Random) -> dict[str, Any]:
    family = dice.choice([*sorted(FAMILIES), "String", "String", "String"])
    operator = dice.choice(FAMILIES[family])
    if family != "Null":
        operator = dice.choice(["", "", "ForAllValues:", "ForAnyValue:"]) + operator
        operator += dice.choice(["", "", "IfExists"])
    values = one_or_two(dice, VALUES[family])
    return {operator: {f"Test:{family}": values if len(values) > 1 else values[0]}}


def document_of(dice: Random, *, has_principals: bool = False) -> Any:
    statements = []
    for _ in range(dice.choice([1, 2])):
        entry: dict[str, Any] = {"Effect": dice.choice(["Allow", "Allow", "Deny"])}
        name = dice.choice(["Action", "Action", "NotAction"])
        entry[name] = one_or_two(dice, ACTION_PATTERNS)
        name = dice.choice(["Resource", "Resource", "NotResource"])
        entry[name] = one_or_two(dice, RESOURCE_PATTERNS)
        if has_principals:
            name = dice.choice(["Principal", "Principal", "NotPrincipal"])
            entry[name] = dice.choice(PRINCIPAL_ELEMENTS)
        if dice.choice([False, True]):
            entry["Condition"] = condition_block(dice)
        statements.append(entry)
    return {"Version": version(dice), "Statement": statements}


def documents(dice: Random) -> tuple[Any, ...]:
    return tuple(document_of(dice) for _ in range(dice.choice([0, 1, 2])))


CALLERS = [
    ("IAMUser", HOME, USER, "", ""),
    ("IAMUser", AWAY, BOB, "", ""),
    ("Root", HOME, ROOT, "", ""),
    ("AssumedRole", HOME, SESSION, ROLE, ""),
    ("FederatedUser", HOME, FEDERATED, USER, ""),
    ("AWSService", HOME, "", "", "cloudtrail.amazonaws.com"),
]


def caller_of(dice: Random) -> Caller:
    kind, account, arn, issuer, service = dice.choice(CALLERS)
    owns = kind not in ("AWSService", "Root")
    return Caller(
        kind=kind,
        account=account,
        arn=arn,
        issuer=issuer,
        service=service,
        identity=documents(dice) if owns else (),
        session=documents(dice) if issuer else (),
        boundary=document_of(dice) if owns and dice.choice([False, False, True]) else None,
    )


def context_of(dice: Random) -> dict[str, Any]:
    context: dict[str, Any] = {"aws:tagkeys": ["bob"]}
    for family, values in sorted(PRESENT.items()):
        value = dice.choice([None, *values])
        if value is not None:
            context[f"test:{family.lower()}"] = value
    if dice.choice([False, True]):
        context["aws:username"] = "ana"
    team = dice.choice([None, "", "bob", "*"])
    if team is not None:
        context["aws:principaltag/team"] = team
    return context


def whole_question(dice: Random) -> Question:
    return Question(
        caller=caller_of(dice),
        action=dice.choice(ACTIONS),
        resource=dice.choice(RESOURCES),
        owner=HOME,
        policy=document_of(dice, has_principals=True) if dice.choice([False, True]) else None,
        required=dice.choice([False, True]),
        context=context_of(dice),
    )


def plain_question(dice: Random) -> Question:
    """Return a question that one statement's resource and condition decide."""
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": dice.choice(["*", dice.choice(RESOURCE_PATTERNS)]),
        "Condition": condition_block(dice),
    }
    policy = {"Version": version(dice), "Statement": [statement]}
    return Question(
        caller=Caller(kind="IAMUser", account=HOME, arn=USER, identity=(policy,)),
        action="s3:GetObject",
        resource=dice.choice(RESOURCES),
        owner=HOME,
        context=context_of(dice),
    )


def question_of(dice: Random) -> Question:
    return dice.choice([whole_question, plain_question])(dice)


def answer(question: Question) -> str:
    """Return what the engine says to a question of the oracle."""
    caller = question.caller
    principal = Principal(
        kind=caller.kind,
        account=caller.account,
        arn=caller.arn,
        issuer_arn=caller.issuer,
        invoked_by=caller.service,
        policies=tuple(json.dumps(policy) for policy in caller.identity),
        session_policies=tuple(json.dumps(policy) for policy in caller.session),
        boundary=json.dumps(caller.boundary) if caller.boundary else "",
    )
    context = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in question.context.items()
    }
    policy = question.policy
    return evaluate.decide(
        evaluate.Access(
            principal,
            question.action,
            question.resource,
            question.owner,
            None if policy is None else compile_resource_policy(json.dumps(policy)),
            lambda: context,
            RULES[question.required],
        )
    )


RULES = {
    required: evaluate.ResourceRule(
        required=required, silent=evaluate.NOT_BY_RESOURCE, denied=evaluate.DENIED_BY_RESOURCE
    )
    for required in (False, True)
}
DENIED = {
    evaluate.DENIED_BY_IDENTITY: "identity",
    evaluate.DENIED_BY_BOUNDARY: "boundary",
    evaluate.DENIED_BY_SESSION: "session",
    evaluate.DENIED_BY_RESOURCE: "resource",
}
SILENT = {
    evaluate.NOT_BY_IDENTITY: "identity",
    evaluate.NOT_BY_BOUNDARY: "boundary",
    evaluate.NOT_BY_SESSION: "session",
    evaluate.NOT_BY_RESOURCE: "resource",
}


def agree(question: Question) -> bool:
    verdict, clause = judge(question), answer(question)
    if clause == evaluate.ALLOWED or verdict.allowed:
        return clause == evaluate.ALLOWED and verdict.allowed
    if clause in DENIED:
        return DENIED[clause] in verdict.denied_by
    if verdict.denied_by:
        # A foreign account's own denials are not looked at where the resource keeps it out.
        return question.caller.account != HOME and SILENT[clause] == "resource"
    return SILENT[clause] in verdict.silent


@settings(max_examples=400, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_the_engine_says_what_the_oracle_says(dice: Random) -> None:
    question = question_of(dice)
    assert agree(question), (question, answer(question), judge(question))


#: Questions enough to tell every planted bug, the same ones in every run.
DRAWN = [question_of(Random(seed)) for seed in range(6_000)]


def test_the_engine_says_what_the_oracle_says_of_many_questions() -> None:
    verdicts = [judge(question) for question in DRAWN]
    assert [question for question in DRAWN if not agree(question)] == []
    # Both verdicts are frequent, so that the comparison means something.
    allowed = sum(verdict.allowed for verdict in verdicts)
    assert len(DRAWN) // 5 < allowed < len(DRAWN) * 4 // 5


def test_the_oracle_itself_knows_allowed_from_denied() -> None:
    allow = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    ana = Caller(kind="IAMUser", account=HOME, arn=USER, identity=(allow,))
    asked = Question(caller=ana, action="s3:GetObject", resource=RESOURCES[0], owner=HOME)
    assert judge(asked) == Verdict(allowed=True)
    other = Question(caller=ana, action="kms:Encrypt", resource=RESOURCES[0], owner=HOME)
    assert judge(other) == Verdict(allowed=False, silent=frozenset({"identity"}))


# ---- planted bugs ----

CACHES: tuple[Any, ...] = (
    *(compile_identity_policy, compile_resource_policy),
    *(patterns.glob, patterns.arn, patterns.resource),
)


@contextmanager
def planted(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, bug: Any) -> Iterator[None]:
    for cache in CACHES:
        cache.cache_clear()
    with monkeypatch.context() as patch:
        if isinstance(place, dict):
            patch.setitem(place, name, bug)
        else:
            patch.setattr(place, name, bug)
        yield
    for cache in CACHES:
        cache.cache_clear()


def without(name: str, value: Any) -> Callable[..., Any]:
    """Return a maker of operators whose one property is wrong."""
    good = conditions.OPERATORS[name]
    kept = {field: getattr(good, field) for field in ("build", "negated", "wild", "variables")}
    return lambda field: conditions.Operator(**{**kept, field: value})


def _missing_is_true(key: str, matchers: Any, negated: bool, _if_exists: bool) -> Any:
    return conditions._single(key, matchers, negated, True)


def _all_is_any(key: str, matchers: Any, negated: bool, _if_exists: bool) -> Any:
    return conditions._for_any(key, matchers, negated, False)


BUGS: dict[str, tuple[Any, str, Any]] = {
    "StringLike takes no wildcards": (
        *(conditions.OPERATORS, "StringLike"),
        conditions.Operator(build=lambda text: text.__eq__, variables=True),
    ),
    "StringNotEquals is not negated": (
        *(conditions.OPERATORS, "StringNotEquals", without("StringNotEquals", False)("negated")),
    ),
    "StringEquals fills in no variables": (
        *(conditions.OPERATORS, "StringEquals", without("StringEquals", False)("variables")),
    ),
    "ArnLike matches over colons": (
        *(conditions.OPERATORS, "ArnLike", without("ArnLike", patterns.glob)("build")),
    ),
    "dates compare as texts": (
        *(conditions.OPERATORS, "DateLessThanEquals"),
        conditions.Operator(build=lambda limit: lambda text: text <= limit),
    ),
    "a missing key makes an operator true": (conditions._QUANTIFIERS, "", _missing_is_true),
    "ForAllValues is ForAnyValue": (conditions._QUANTIFIERS, "ForAllValues", _all_is_any),
    "a wildcard in a variable's value is one": (patterns, "escaped", patterns.written),
    "a star in a segment reaches over its colon": (document, "resource", patterns.glob),
    "variables are filled in in old documents": (
        *(document, "compile_conditions"),
        lambda block, **_: conditions.compile_conditions(block),
    ),
    "a role named is a session named": (principals, "BY_ROLE", principals.BY_NAME),
    "an account named is a user named": (principals, "BY_ACCOUNT", principals.BY_NAME),
    "nobody asks for session policies": (evaluate, "_by_limits", lambda _access: evaluate.ALLOWED),
    "the limits bind who is named": (evaluate, "BY_ROLE", principals.BY_NAME + 1),
    "a service needs an identity policy": (evaluate, "_POLICYLESS", frozenset()),
    "an explicit deny is as silence": (evaluate, "_FINAL", frozenset()),
}


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with planted(monkeypatch, *BUGS[bug]):
        assert not all(agree(question) for question in DRAWN)
