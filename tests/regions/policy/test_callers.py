"""Callers by their ARN: who is named, and what names nobody."""

import re

import pytest

from regions.calls import Principal
from regions.policy.callers import EXPECTED, caller_named

HOME = "111122223333"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (f"arn:aws:iam::{HOME}:root", {"kind": "Root", "principal_id": HOME}),
        (f"arn:aws:iam::{HOME}:user/team/ana", {"kind": "IAMUser", "user_name": "ana"}),
        (f"arn:aws:sts::{HOME}:federated-user/sam", {"kind": "FederatedUser"}),
        (
            f"arn:aws:sts::{HOME}:assumed-role/app/monday",
            {
                "kind": "AssumedRole",
                "user_name": "app",
                "issuer_arn": f"arn:aws:iam::{HOME}:role/app",
            },
        ),
    ],
)
def test_an_arn_names_somebody_without_any_policy(text: str, fields: dict[str, str]) -> None:
    assert caller_named(text) == Principal(account=HOME, arn=text, **fields)


def test_a_role_is_asked_for_by_a_session_of_it() -> None:
    role = f"arn:aws-cn:iam::{HOME}:role/team/app"
    assert caller_named(role) == Principal(
        kind="AssumedRole",
        account=HOME,
        arn=f"arn:aws-cn:sts::{HOME}:assumed-role/app/asked",
        user_name="app",
        issuer_arn=role,
    )


def test_a_service_acts_for_an_account() -> None:
    assert caller_named("sqs.amazonaws.com", HOME) == Principal(
        kind="AWSService", account=HOME, arn="", invoked_by="sqs.amazonaws.com"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "ana", HOME, f"arn:aws:iam::{HOME}:user", f"arn:aws:iam::{HOME}:root/x"),
        *(f"arn:aws:iam::{HOME}:group/g", f"arn:aws:iam::{HOME}:user/*", "arn:aws:iam::1:user/a"),
        f"arn:aws:iam::{HOME}:user/a/",
    ],
)
def test_what_names_nobody_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'principal {text!r}: {EXPECTED}')}$"):
        caller_named(text)
