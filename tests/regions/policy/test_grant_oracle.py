"""Grants beside policies, against a second evaluator written from the documentation alone.

Goal: on small drawn keys, policies, grants and calls both say the same. Method: the oracle takes a
grant that applies for one more statement of the key's policy; whether it applies it finds out
itself. Planted bugs show that the comparison would tell.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from grant_cases import ACTIONS, DRAWN, agree, ask_of, expected
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.calls import Principal
from regions.kms import grant as grant_module
from regions.kms import grants, operation
from regions.kms.grant import Grant


@settings(max_examples=100, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_grants_and_policies_allow_what_the_oracle_allows(dice: Random) -> None:
    ask = ask_of(dice)
    assert agree(ask), (ask, expected(ask))


def test_grants_and_policies_allow_what_the_oracle_allows_of_many() -> None:
    assert [ask for ask in DRAWN if not agree(ask)] == []
    # Grants matter often, so that the comparison means something.
    without = [replace(ask, grants=()) for ask in DRAWN]
    gained = sum(
        expected(ask).allowed and not expected(bare).allowed
        for ask, bare in zip(DRAWN, without, strict=True)
    )
    assert len(DRAWN) // 20 < gained < len(DRAWN) // 2


# ---- planted bugs ----


def _without(text: str) -> Callable[..., str]:
    """An objection that is never raised."""
    good = grant_module.objection

    def objection(one: Grant, wanted: Any, principal: Principal) -> str:
        found = good(one, wanted, principal)
        return "" if found == text else found

    return objection


def _sensitive(context: Any) -> set[tuple[str, Any]]:
    return set((context or {}).items())


def _only_named(one: Grant, principal: Principal) -> int:
    return 3 if one.grantee in (principal.arn, principal.invoked_by) else 0


BUGS: dict[str, tuple[Any, str, Any]] = {
    "operations are not looked at": (
        *(operation, "objection", _without(grant_module.OTHER_OPERATION)),
    ),
    "constraints are not looked at": (
        *(operation, "objection", _without(grant_module.OTHER_CONTEXT)),
    ),
    "SourceArn is not looked at": (operation, "objection", _without(grant_module.OTHER_SOURCE)),
    "names of pairs have case": (grant_module, "_pairs", _sensitive),
    "equality is as a subset": (grant_module, "EQUALS", "nothing"),
    "grants bind DescribeKey": (grant_module, "WITH_CONTEXT", frozenset(ACTIONS)),
    "a session has no grants of its role": (operation, "named_as_grantee", _only_named),
    "an account is named as a user is": (operation, "named_as_grantee", lambda *_: 3),
    "nobody asks for grants": (operation, "granting", lambda *_: None),
    "only the first grantee is looked up": (
        *(grants.Grants, "_names_of"),
        lambda _self, principal: [principal.arn or principal.invoked_by],
    ),
    "grants come before denials": (
        *(operation, "authorize"),
        lambda access, _: _grants_first(access),
    ),
}


def _grants_first(access: Any) -> None:
    from regions.policy.evaluate import authorize

    if access.grants is None or not access.grants():
        authorize(access)


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, value = BUGS[bug]
    monkeypatch.setattr(place, name, value)
    assert not all(agree(ask) for ask in DRAWN)
