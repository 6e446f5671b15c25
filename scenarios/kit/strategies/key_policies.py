"""Key policies as JSON text: such as CreateKey accepts, and such as are no policy.

Source: AWS KMS Developer Guide, "Default key policy" and "Key policies"; IAM User Guide, "IAM JSON
policy elements reference".
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from scenarios.accounts import ACCOUNT
from scenarios.kit.strategies.encryption_contexts import encryption_contexts

Entry = dict[str, Any]

STATEMENTS_MAX: Final = 3  #: beside the one that keeps the account in charge
#: What statements speak of; the first is the simplest. None of them lets a denial lock out whoever
#: makes the key, since kms:PutKeyPolicy is not among them.
ACTIONS: Final = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
)
NAMES: Final = ("alice", "bob", "orders")


def key_policies(
    *, account: str = ACCOUNT, users: Sequence[str] = NAMES, flawed: bool = False
) -> st.SearchStrategy[str]:
    """Return key policies; the simplest is the one that a key has by default.

    Args:
      account: owns the key; one statement of each policy lets its administrators do everything.
      users: of the account, whom the other statements name.
      flawed: each policy has one flaw, and CreateKey and PutKeyPolicy refuse it.
    """
    documents = st.lists(_statements(account, users), max_size=STATEMENTS_MAX).map(
        lambda others: {"Version": "2012-10-17", "Statement": [_in_charge(account), *others]}
    )
    if flawed:
        return st.builds(lambda document, flaw: flaw(document), documents, _FLAWS)
    return documents.map(json.dumps)


def _in_charge(account: str) -> Entry:
    """Return the statement of the default key policy."""
    return {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def _statements(account: str, users: Sequence[str]) -> st.SearchStrategy[Entry]:
    arns = st.sampled_from([f"arn:aws:iam::{account}:user/{name}" for name in users])
    people = st.one_of(arns, st.lists(arns, min_size=1, max_size=2, unique=True))
    actions = st.sampled_from(ACTIONS)
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(("Allow", "Deny")),
            "Principal": people.map(lambda who: {"AWS": who}),
            "Action": st.one_of(actions, st.lists(actions, min_size=1, max_size=3, unique=True)),
            "Resource": st.just("*"),
        },
        optional={"Condition": _conditions(account)},
    )


def _conditions(account: str) -> st.SearchStrategy[Entry]:
    """Return condition blocks of the keys that a key policy is likely to use."""
    pairs = encryption_contexts(min_pairs=1, max_pairs=1).map(lambda one: next(iter(one.items())))
    return st.one_of(
        pairs.map(lambda pair: {"StringEquals": {f"kms:EncryptionContext:{pair[0]}": pair[1]}}),
        pairs.map(
            lambda pair: {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": [pair[0]]}}
        ),
        st.just({"StringEquals": {"kms:CallerAccount": account}}),
        st.just({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}),
        st.booleans().map(lambda yes: {"Bool": {"aws:SecureTransport": str(yes).lower()}}),
    )


# What is wrong with a policy.


def _last(change: Callable[[Entry], None]) -> Callable[[Entry], str]:
    """Return what changes the last statement of a document, and prints the document."""

    def flaw(document: Entry) -> str:
        change(document["Statement"][-1])
        return json.dumps(document)

    return flaw


_FLAWS: Final = st.sampled_from(
    [
        lambda _: "{}",
        lambda document: json.dumps(document | {"Statement": []}),
        lambda document: json.dumps(document | {"Version": "2012-10-18"}),
        lambda document: json.dumps(document | {"Owner": "nobody"}),
        lambda document: json.dumps(document)[:-1],
        _last(lambda one: one.pop("Effect")),
        _last(lambda one: one.pop("Action")),
        _last(lambda one: one.pop("Principal")),
        _last(lambda one: one.update(Effect="Maybe")),
        _last(lambda one: one.update(Principal={"AWS": "arn:aws:iam::1:user/alice"})),
        _last(lambda one: one.update(Condition={"StringSounds": {"kms:KeySpec": "like"}})),
    ]
)
