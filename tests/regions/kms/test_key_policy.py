"""A key policy that is none is refused in the key service's words."""

import json
from typing import Any

import pytest

from regions.errors import MalformedPolicyDocumentException
from regions.kms.key_policy import INVALID_PRINCIPALS, NO_PRINCIPAL, compile_key_policy

ALLOW = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


def document(**changes: Any) -> str:
    statement = {**ALLOW, **changes}
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", ""),
        ("[]", ""),
        ("[" * 100_000, ""),
        ('{"Version":"2012-10-17"}', ""),
        ('{"Version":"2012-10-17","Statement":[]}', ""),
        ('{"Version":"2099-01-01","Statement":[]}', ""),
        (document(Effect="Maybe"), ""),
        (document(Effect=None), ""),
        (document(Action=None), ""),
        (document(NotAction="kms:Sign"), ""),
        (document(Resource=[]), ""),
        (document(Surprise=1), ""),
        (document(Principal=None), NO_PRINCIPAL),
        (document(Principal={"AWS": "ana"}), INVALID_PRINCIPALS),
        (document(Principal={"AWS": "arn:aws:iam::111122223333:group/g"}), INVALID_PRINCIPALS),
        (document(Principal={"Planet": "x"}), INVALID_PRINCIPALS),
        (document(Principal=["*"]), INVALID_PRINCIPALS),
    ],
)
def test_a_broken_key_policy_is_malformed(text: str, message: str) -> None:
    with pytest.raises(
        MalformedPolicyDocumentException, match=f"^MalformedPolicyDocumentException: {message}$"
    ):
        compile_key_policy(text)


def test_a_key_policy_is_compiled_once() -> None:
    assert compile_key_policy(document()) is compile_key_policy(document())
