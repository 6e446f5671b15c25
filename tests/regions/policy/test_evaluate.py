"""Who may do what, against an oracle written from the documented order alone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.calls import Principal
from regions.errors import AccessDeniedException
from regions.policy.document import compile_resource_policy
from regions.policy.evaluate import ALLOWED, KEY_POLICY, Access, authorize, decide

HOME, AWAY = "111122223333", "444455556666"
KEY = f"arn:aws:kms:us-east-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]


def user(name: str, account: str, *policies: Any) -> Principal:
    texts = tuple(json.dumps({"Version": "2012-10-17", "Statement": p}) for p in policies)
    return Principal(
        kind="IAMUser",
        account=account,
        arn=f"arn:aws:iam::{account}:user/{name}",
        policies=texts,
    )


def access(principal: Principal, action: str, statements: Any, tenant: str = "1") -> Access:
    policy = compile_resource_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    context = {"kms:encryptioncontext:tenant": tenant}
    return Access(principal, action, KEY, HOME, policy, lambda: context, KEY_POLICY)


EFFECTS = st.sampled_from(["Allow", "Deny"])
ACTION_SETS = st.lists(st.sampled_from([*ACTIONS, "kms:*", "kms:De*"]), min_size=1, max_size=2)
CONDITIONS = st.sampled_from([None, "1", "2"])
PRINCIPALS = st.sampled_from(
    ["*", HOME, AWAY, f"arn:aws:iam::{HOME}:user/ana", f"arn:aws:iam::{AWAY}:user/bob"]
)


@st.composite
def statements(draw: st.DrawFn, *, of_key: bool) -> list[dict[str, Any]]:
    made = []
    for _ in range(draw(st.integers(1, 3))):
        entry: dict[str, Any] = {
            "Effect": draw(EFFECTS),
            "Action": draw(ACTION_SETS),
            "Resource": draw(st.sampled_from(["*", KEY, KEY[:-1] + "?", KEY[:-1] + "0"])),
        }
        if of_key:
            entry["Principal"] = {"AWS": [draw(PRINCIPALS)]}
        tenant = draw(CONDITIONS)
        if tenant is not None:
            entry["Condition"] = {"StringEquals": {"kms:EncryptionContext:Tenant": tenant}}
        made.append(entry)
    return made


def speaks(entry: dict[str, Any], action: str, tenant: str) -> bool:
    """Oracle: the statement is about this access, principals aside."""
    acts = [a for a in entry["Action"] if a in ("kms:*", action)]
    if "kms:De*" in entry["Action"] and action.startswith("kms:De"):
        acts.append(action)
    resource = entry["Resource"] in ("*", KEY, KEY[:-1] + "?")
    wanted = entry.get("Condition", {}).get("StringEquals", {}).values()
    return bool(acts) and resource and all(value == tenant for value in wanted)


def oracle(who: Principal, action: str, tenant: str, key: Any, identity: Any) -> bool:
    mine = [entry for entry in identity if speaks(entry, action, tenant)]
    keys = [entry for entry in key if speaks(entry, action, tenant)]
    direct = [e for e in keys if e["Principal"]["AWS"][0] in ("*", who.arn)]
    account = [e for e in keys if e["Principal"]["AWS"][0] == who.account]
    if any(entry["Effect"] == "Deny" for entry in mine + direct + account):
        return False
    if who.account != HOME:
        return bool(direct or account) and bool(mine)
    return bool(direct) or (bool(account) and bool(mine))


@settings(max_examples=400, deadline=None)
@given(
    home=st.booleans(),
    action=st.sampled_from(ACTIONS),
    tenant=st.sampled_from(["1", "2"]),
    key=statements(of_key=True),
    identity=statements(of_key=False),
)
def test_kms_07_the_verdict_is_the_oracles(
    home: bool, action: str, tenant: str, key: Any, identity: Any
) -> None:
    """KMS-07: key policy and identity policy decide; an explicit deny wins."""
    who = user("ana", HOME, identity) if home else user("bob", AWAY, identity)
    verdict = decide(access(who, action, key, tenant))
    assert (verdict == ALLOWED) is oracle(who, action, tenant, key, identity)


ALLOW_ALL = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]
DENY_ALL = [{"Effect": "Deny", "Action": "*", "Resource": "*"}]


def key_policy(effect: str, principal: str) -> list[dict[str, Any]]:
    return [{"Effect": effect, "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}]


@pytest.mark.parametrize(
    ("who", "policy", "ending"),
    [
        (
            user("ana", HOME),
            key_policy("Allow", HOME),
            f"on resource: {KEY} because no identity-based policy allows the kms:Encrypt action",
        ),
        (
            user("ana", HOME, ALLOW_ALL),
            key_policy("Allow", AWAY),
            f"on resource: {KEY} because no resource-based policy allows the kms:Encrypt action",
        ),
        (
            user("ana", HOME, ALLOW_ALL),
            key_policy("Deny", HOME),
            f"on resource: {KEY} with an explicit deny in a resource-based policy",
        ),
        (
            user("ana", HOME, DENY_ALL),
            key_policy("Allow", "*"),
            f"on resource: {KEY} with an explicit deny in an identity-based policy",
        ),
        (
            user("bob", AWAY, ALLOW_ALL),
            key_policy("Allow", HOME),
            (
                "on this resource because the resource does not exist in this Region, no "
                "resource-based policies allow access, or a resource-based policy explicitly "
                "denies access"
            ),
        ),
    ],
)
def test_a_refusal_says_what_is_missing(who: Principal, policy: Any, ending: str) -> None:
    text = f"User: {who.arn} is not authorized to perform: kms:Encrypt {ending}"
    with pytest.raises(AccessDeniedException) as refused:
        authorize(access(who, "kms:Encrypt", policy))
    assert refused.value.message == text


def test_a_refusal_without_a_resource_names_none() -> None:
    who = user("ana", HOME)
    with pytest.raises(AccessDeniedException) as refused:
        authorize(Access(who, "kms:ListKeys", "*", HOME, None, dict))
    assert refused.value.message == (
        f"User: {who.arn} is not authorized to perform: kms:ListKeys "
        "because no identity-based policy allows the kms:ListKeys action"
    )


def test_an_accounts_root_needs_no_identity_policy() -> None:
    root = Principal(kind="Root", account=HOME, arn=f"arn:aws:iam::{HOME}:root")
    assert decide(access(root, "kms:Encrypt", key_policy("Allow", HOME))) == ALLOWED
    assert decide(Access(root, "kms:CreateKey", "*", HOME, None, dict)) == ALLOWED
