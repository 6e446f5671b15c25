"""Explanations of accesses: they say what the engine does, and what they name is enough.

Goal: whoever is told that a statement or a grant lets him in can rely on it. Method: on drawn keys,
policies and grants, the verdict is that of the engine; everything but what an explanation names is
taken away, and the access is still allowed.
"""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from grant_cases import DRAWN, KEY_ID, REGION, Ask, allowed, ask_of, keyring_of, principal_of

from regions.kms.explained import Inquiry, explain_call
from regions.policy.explained import Explanation, Finding
from regions.policy.request import Values


def explained(ask: Ask, **more: Any) -> Explanation:
    keyring = keyring_of(ask)
    inquiry = Inquiry(
        principal=principal_of(ask),
        permission=f"kms:{ask.action}",
        context={} if ask.action == "DescribeKey" else ask.context,
        **more,
    )
    return explain_call(inquiry, keyring, keyring.key(KEY_ID), now_ns=1)


def only(document: Any, where: str, named: set[tuple[str, str]]) -> Any:
    """A document with no statements but those that are named."""
    kept = [
        entry
        for number, entry in enumerate(document["Statement"], start=1)
        if (where, f"statement {number}") in named
    ]
    return {**document, "Statement": kept} if kept else None


def reduced(ask: Ask, decisive: tuple[Finding, ...]) -> Ask:
    """The same question, with nothing left but what an explanation names."""
    named = {(one.where, one.name) for one in decisive}
    nobody = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    nobody["Principal"] = {"Service": "x.amazonaws.com"}  # type: ignore[assignment]
    empty = {"Version": "2012-10-17", "Statement": [nobody]}
    caller = ask.caller
    own = [only(document, "identity policy", named) for document in caller.identity]
    return replace(
        ask,
        policy=only(ask.policy, "key policy", named) or empty,
        grants=tuple(
            one for number, one in enumerate(ask.grants) if ("grant", f"{number:064x}") in named
        ),
        caller=replace(caller, identity=tuple(document for document in own if document)),
    )


def test_an_explanation_s_verdict_is_the_engine_s() -> None:
    for ask in DRAWN:
        found = explained(ask)
        assert found.allowed is allowed(ask), ask
        assert found.allowed is (found.message == ""), ask


def test_what_is_named_as_allowing_is_enough() -> None:
    named = 0
    for ask in DRAWN:
        found = explained(ask)
        if found.allowed:
            assert allowed(reduced(ask, found.decisive)), (ask, found)
            named += len(found.decisive)
    assert named > len(DRAWN) // 10


def test_a_denial_is_named_wherever_there_is_one() -> None:
    for ask in DRAWN:
        found = explained(ask)
        denials = [one for one in (*found.decisive, *found.others) if one.applies]
        denials = [one for one in denials if not one.allows]
        if not found.allowed:
            assert list(found.decisive) == denials, ask
            if "explicit deny" in found.message and "either" not in found.message:
                assert denials, ask
        else:
            assert denials == [], ask


def test_every_statement_and_grant_is_told_of_once() -> None:
    for seed in range(200):
        ask = ask_of(Random(seed))
        found = explained(ask)
        told = [(one.where, one.name) for one in (*found.decisive, *found.others)]
        documents = [ask.policy, *ask.caller.identity, *ask.caller.session]
        number = sum(len(document["Statement"]) for document in documents) + len(ask.grants)
        assert len(told) == len({*told}) == number


# ---- the words ----

ANA = "arn:aws:iam::111122223333:user/ana"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/{KEY_ID}"


def ask(**fields: Any) -> Ask:
    whole = {
        "caller": replace(DRAWN[0].caller, kind="IAMUser", account="1" * 4 + "2" * 4 + "3" * 4),
        "source": "",
        "action": "Encrypt",
        "context": {"a": "1"},
        "policy": {"Version": "2012-10-17", "Statement": []},
        "grants": (),
    }
    whole["caller"] = replace(
        whole["caller"], arn=ANA, issuer="", service="", identity=(), session=()
    )
    return Ask(**{**whole, **fields})


def entry(**fields: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ANA}}
    return {**whole, **fields}


REASONS: dict[str, tuple[dict[str, Any], str]] = {
    "it applies": ({}, "it names the caller"),
    "the account": (
        {"Principal": {"AWS": "111122223333"}},
        "it names the caller's account",
    ),
    "another action": ({"Action": "kms:Decrypt"}, "its Action does not include kms:Encrypt"),
    "all but this action": (
        {"Action": None, "NotAction": "kms:Encrypt"},
        "its NotAction leaves out kms:Encrypt",
    ),
    "another principal": (
        {"Principal": {"AWS": "444455556666"}},
        "its Principal does not name the caller",
    ),
    "all but this principal": (
        {"Principal": None, "NotPrincipal": {"AWS": [ANA, "111122223333"]}},
        "its NotPrincipal names the caller",
    ),
    "another resource": (
        {"Resource": "arn:aws:kms:*:*:key/0"},
        f"its Resource does not include {KEY}",
    ),
    "a resource with a variable": (
        {"Resource": "arn:aws:kms:*:*:key/${aws:username}"},
        f"its Resource does not include {KEY}",
    ),
    "a condition that the call does not meet": (
        {"Condition": {"StringEquals": {"kms:EncryptionContext:a": ["2", "3"]}}},
        (
            'its condition StringEquals kms:EncryptionContext:a ["2", "3"] does not hold:'
            ' the call has "1"'
        ),
    ),
    "a condition on what the call lacks": (
        {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}}},
        ("its condition Bool aws:MultiFactorAuthPresent true does not hold: the call has none"),
    ),
}


@pytest.mark.parametrize("what", sorted(REASONS))
def test_a_statement_says_where_it_stops_to_apply(what: str) -> None:
    fields, why = REASONS[what]
    statement = {name: value for name, value in entry(**fields).items() if value is not None}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Sid": "AllowUse"}]}
    found = explained(ask(policy=policy))
    (one,) = (*found.decisive, *found.others)
    assert (one.where, one.name, one.why) == ("key policy", "statement 1 (AllowUse)", why)


def grant(**fields: Any) -> dict[str, Any]:
    whole = {"to": ANA, "operations": ("Encrypt",), "kind": "", "pairs": {}, "source": ""}
    return {**whole, **fields}


GRANT_REASONS: dict[str, tuple[dict[str, Any], str]] = {
    "it applies": ({}, f"its grantee is {ANA}"),
    "another grantee": ({"to": "sqs.amazonaws.com"}, "its grantee is sqs.amazonaws.com"),
    "other operations": ({"operations": ("Decrypt",)}, "its operations do not include Encrypt"),
    "another context": (
        {"kind": "EncryptionContextEquals", "pairs": {"a": "2"}},
        "the encryption context does not satisfy its EncryptionContextEquals",
    ),
    "another source": (
        {"source": "arn:aws:sqs:us-east-1:111122223333:q"},
        "the call is not made on behalf of its SourceArn",
    ),
}


@pytest.mark.parametrize("what", sorted(GRANT_REASONS))
def test_a_grant_says_for_what_it_does_not_apply(what: str) -> None:
    fields, why = GRANT_REASONS[what]
    policy = {"Version": "2012-10-17", "Statement": [entry(Action="kms:PutKeyPolicy")]}
    found = explained(ask(policy=policy, grants=(grant(**fields),)))
    (one,) = [one for one in (*found.decisive, *found.others) if one.where == "grant"]
    assert (one.name, one.why) == ("0" * 64, why)
    assert found.allowed is one.applies is (what == "it applies")


def test_conditions_can_be_given_over_those_of_the_call() -> None:
    bound = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    policy = {"Version": "2012-10-17", "Statement": [entry(Condition=bound)]}
    values: Values = {"aws:SourceVpc": "vpc-1"}
    assert not explained(ask(policy=policy)).allowed
    assert explained(ask(policy=policy), conditions=values).allowed


def test_a_policy_of_the_caller_that_cannot_be_read_counts_as_a_denial() -> None:
    asked = ask(policy={"Version": "2012-10-17", "Statement": [entry()]})
    keyring = keyring_of(asked)
    who = replace(principal_of(asked), policies=(json.dumps({"Statement": []}),))
    inquiry = Inquiry(principal=who, permission="kms:Encrypt")
    found = explain_call(inquiry, keyring, keyring.key(KEY_ID), now_ns=1)
    assert not found.allowed
    assert [(one.where, one.name) for one in found.decisive] == [("identity policy", "all of it")]
