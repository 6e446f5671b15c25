"""Whom a statement names, and how."""

from dataclasses import replace
from typing import Any

import pytest

from regions.calls import Principal
from regions.names import canonical_id
from regions.policy.flaws import Flaw, PolicyError
from regions.policy.principals import BY_ACCOUNT, BY_NAME, BY_ROLE, NOT_NAMED, parse_principals

ACCOUNT = "111122223333"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
ANA = Principal(
    kind="IAMUser",
    account=ACCOUNT,
    arn=f"arn:aws:iam::{ACCOUNT}:user/ana",
    principal_id="AIDAANAANAANAANAANA12",
)
ROOT = Principal(kind="Root", account=ACCOUNT, arn=ROOT_ARN, principal_id=ACCOUNT)
ROLE = Principal(
    kind="AssumedRole",
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s1",
    principal_id="AROAAPPAPPAPPAPPAPP12:s1",
    issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/path/app",
)
SERVICE = Principal(kind="AWSService", account=ACCOUNT, arn="", invoked_by="logs.amazonaws.com")
NOBODY = Principal(kind="Anonymous", account="", arn="")
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
SAML = Principal(kind="SAMLUser", account="", arn=PROVIDER)
ALL = (ANA, ROOT, ROLE, SERVICE, NOBODY, SAML)


def named(value: Any, *, inverted: bool = False, denies: bool = False) -> list[int]:
    principals = parse_principals(value, inverted=inverted, denies=denies)
    return [principals.names(who) for who in ALL]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("*", [BY_NAME] * 6),
        ({"AWS": "*"}, [BY_NAME] * 6),
        ({"AWS": []}, [NOT_NAMED] * 6),
        ({"AWS": ROOT_ARN}, [BY_ACCOUNT, BY_NAME, BY_ACCOUNT, NOT_NAMED, NOT_NAMED, NOT_NAMED]),
        ({"AWS": ACCOUNT}, [BY_ACCOUNT, BY_NAME, BY_ACCOUNT, NOT_NAMED, NOT_NAMED, NOT_NAMED]),
        ({"AWS": "444455556666"}, [NOT_NAMED] * 6),
        (
            {"CanonicalUser": canonical_id(ACCOUNT)},
            [BY_ACCOUNT, BY_NAME, BY_ACCOUNT, NOT_NAMED, NOT_NAMED, NOT_NAMED],
        ),
        ({"AWS": [ANA.arn]}, [BY_NAME, *[NOT_NAMED] * 5]),
        ({"AWS": [ANA.arn, ACCOUNT]}, [BY_NAME, BY_NAME, BY_ACCOUNT, *[NOT_NAMED] * 3]),
        ({"AWS": ROLE.issuer_arn}, [NOT_NAMED, NOT_NAMED, BY_ROLE, *[NOT_NAMED] * 3]),
        ({"AWS": [ROLE.issuer_arn, ACCOUNT]}, [BY_ACCOUNT, BY_NAME, BY_ROLE, *[NOT_NAMED] * 3]),
        ({"AWS": ROLE.arn}, [NOT_NAMED, NOT_NAMED, BY_NAME, *[NOT_NAMED] * 3]),
        ({"AWS": ANA.principal_id}, [BY_NAME, *[NOT_NAMED] * 5]),
        (
            {"AWS": ["AROAAPPAPPAPPAPPAPP12", ACCOUNT]},
            [BY_ACCOUNT, BY_NAME, BY_ROLE, *[NOT_NAMED] * 3],
        ),
        ({"Service": "logs.amazonaws.com"}, [*[NOT_NAMED] * 3, BY_NAME, NOT_NAMED, NOT_NAMED]),
        ({"Service": "s3.amazonaws.com"}, [NOT_NAMED] * 6),
        ({"Federated": PROVIDER}, [*[NOT_NAMED] * 5, BY_NAME]),
    ],
)
def test_a_principal_element_names_by_name_by_role_by_account_or_not(
    value: Any, expected: list[int]
) -> None:
    assert named(value) == expected


def test_a_denial_spares_only_who_is_listed_with_role_and_account() -> None:
    # Goal: the documented trap of NotPrincipal: without the account's ARN all of it is denied.
    def denied(value: Any) -> list[bool]:
        return [grade == BY_NAME for grade in named(value, inverted=True, denies=True)]

    assert denied({"AWS": ANA.arn}) == [True] * 6
    assert denied({"AWS": [ANA.arn, ROOT_ARN]}) == [False, False, True, True, True, True]
    assert denied({"AWS": [ROLE.arn, ROLE.issuer_arn]}) == [True] * 6
    assert denied({"AWS": [ROLE.arn, ROLE.issuer_arn, ACCOUNT]}) == [
        *(True, False, False, True, True, True)
    ]
    assert denied({"Service": "logs.amazonaws.com"}) == [True, True, True, False, True, True]
    assert denied("*") == [False] * 6


def test_an_allow_reaches_only_who_is_not_listed_at_all() -> None:
    def allowed(value: Any) -> list[bool]:
        return [grade == BY_NAME for grade in named(value, inverted=True)]

    assert allowed({"AWS": ANA.arn}) == [False, True, True, True, True, True]
    assert allowed({"AWS": ROOT_ARN}) == [False, False, False, True, True, True]
    assert allowed({"AWS": ROLE.issuer_arn}) == [True, True, False, True, True, True]


def test_a_federated_user_is_named_by_its_session_or_through_its_user() -> None:
    session = replace(
        ROLE,
        kind="FederatedUser",
        arn=f"arn:aws:sts::{ACCOUNT}:federated-user/sam",
        issuer_arn=ANA.arn,
    )
    for value, grade in ((session.arn, BY_NAME), (ANA.arn, BY_ROLE), (ACCOUNT, BY_ACCOUNT)):
        found = parse_principals({"AWS": value}, inverted=False, denies=False)
        assert found.names(session) == grade


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (["*"], ""),
        ({}, ""),
        ("ana", "ana"),
        ({"AWS": "ana"}, "ana"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}, f"arn:aws:iam::{ACCOUNT}:group/g"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, f"arn:aws:iam::{ACCOUNT}:user/*"),
        (
            {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/a"},
            f"arn:aws:sts::{ACCOUNT}:assumed-role/a",
        ),
        ({"AWS": "arn:aws:iam::*:root"}, "arn:aws:iam::*:root"),
        ({"AWS": ""}, ""),
        ({"AWS": [1]}, ""),
        ({"Planet": "x"}, ""),
        ({"Service": "logs"}, "logs"),
        ({"CanonicalUser": "79a5"}, "79a5"),
    ],
)
def test_what_is_no_principal_is_refused(value: Any, found: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_principals(value, inverted=False, denies=False)
    assert (refused.value.flaw, refused.value.found) == (Flaw.PRINCIPAL, found)
