"""Grants, as CreateGrant takes them: who gets which operations of a key, under which contexts.

Source: AWS KMS API Reference, CreateGrant (names and operations come from the service's model);
AWS KMS Developer Guide, "Grants in AWS KMS": constraints hold up to eight pairs of at most 384
characters together, and are for operations of symmetric keys only.
"""

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from regions.api.models import model_of
from scenarios.accounts import ACCOUNT
from scenarios.kit.model_values import shape_values
from scenarios.kit.strategies.encryption_contexts import encryption_contexts

#: Operations of a grant that a symmetric key has, as the service model orders them.
SYMMETRIC: Final = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
)
NAMES: Final = ("alice", "bob", "orders")
CONSTRAINT_CHARACTERS_MAX: Final = 384
_OPERATIONS_MAX: Final = 4


def grants(
    *,
    keys: Sequence[str] = (),
    account: str = ACCOUNT,
    users: Sequence[str] = NAMES,
    operations: Sequence[str] = SYMMETRIC,
) -> st.SearchStrategy[dict[str, Any]]:
    """Return parameters of CreateGrant; the simplest lets one user decrypt.

    Args:
      keys: ids or ARNs of which KeyId is one; without any, the caller adds KeyId.
      account: of grantees and retiring principals.
      users: their names.
      operations: to choose from, the simplest first.
    Raises:
      ValueError: an operation is none that the service's model knows for grants.
    """
    known = model_of("kms")["shapes"]["GrantOperation"]["enum"]
    for operation in operations:
        if operation not in known:
            raise ValueError(f"operation {operation!r}: expected one of {', '.join(known)}")
    people = st.sampled_from([f"arn:aws:iam::{account}:user/{name}" for name in users])
    required: dict[str, st.SearchStrategy[Any]] = {
        "GranteePrincipal": people,
        "Operations": st.lists(
            st.sampled_from(operations), min_size=1, max_size=_OPERATIONS_MAX, unique=True
        ),
    }
    if keys:
        required["KeyId"] = st.sampled_from(keys)
    optional = {
        "RetiringPrincipal": people,
        "Name": shape_values("kms", "GrantNameType"),
        "Constraints": _constraints(),
    }
    return st.fixed_dictionaries(required, optional=optional)


def _constraints() -> st.SearchStrategy[dict[str, dict[str, str]]]:
    kinds = st.sampled_from(("EncryptionContextSubset", "EncryptionContextEquals"))
    contexts = encryption_contexts(min_pairs=1).filter(_short)
    return st.builds(lambda kind, context: {kind: context}, kinds, contexts)


def _short(context: dict[str, str]) -> bool:
    return sum(len(text) for pair in context.items() for text in pair) <= CONSTRAINT_CHARACTERS_MAX
