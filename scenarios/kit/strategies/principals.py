"""Who calls: users, roles' sessions and roots, of one account or another, allowed or not.

Source: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User Guide, "IAM
identifiers" (prefixes of unique ids).
"""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from regions.calls import Principal
from scenarios.accounts import ACCOUNT, ALLOW_ALL

#: Kinds of principals that people and their programs are; simplest first.
KINDS: Final = ("IAMUser", "AssumedRole", "Root")
NAMES: Final = ("alice", "bob", "orders", "reports")
OTHER_ACCOUNT: Final = "444455556666"
_TAIL: Final = "EXAMPLE"
_UNIQUE_ID_TAIL: Final = 17  #: characters after the four of the prefix
_ACCESS_KEY_TAIL: Final = 16


def principals(
    *,
    accounts: Sequence[str] = (ACCOUNT, OTHER_ACCOUNT),
    kinds: Sequence[str] = KINDS,
    names: Sequence[str] = NAMES,
    allowed: bool | None = None,
) -> st.SearchStrategy[Principal]:
    """Return principals; the simplest is a user of the first account who may do everything.

    Args:
      accounts: account numbers to choose from, the simplest first.
      kinds: of KINDS.
      names: of users and roles.
      allowed: True: each has all permissions; False: users and roles have none, and there are
        no roots; None: either.
    Raises:
      ValueError: a kind is none, or only roots are left, who are never without permissions.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r}: expected one of {', '.join(KINDS)}")
    fitting = [kind for kind in kinds if allowed is not False or kind != "Root"]
    if not fitting:
        raise ValueError("kinds ('Root',): a root is never without permissions")
    return st.builds(
        principal,
        st.sampled_from(fitting),
        st.sampled_from(accounts),
        st.sampled_from(names),
        allowed=st.sampled_from((True, False)) if allowed is None else st.just(allowed),
    )


def principal(kind: str, account: str, name: str, *, allowed: bool = True) -> Principal:
    """Return a principal as CloudTrail would name it.

    Args:
      kind: of KINDS.
      name: of the user or role; a root has none.
      allowed: whether it may do everything, as far as its own policies go; else it has none.
    """
    letters = name.upper().replace("-", "")
    policies = (ALLOW_ALL,) if allowed else ()
    if kind == "Root":
        return Principal(
            kind=kind,
            account=account,
            arn=f"arn:aws:iam::{account}:root",
            principal_id=account,
            access_key_id=_padded("AKIA", letters, _ACCESS_KEY_TAIL),
        )
    if kind == "IAMUser":
        return Principal(
            kind=kind,
            account=account,
            arn=f"arn:aws:iam::{account}:user/{name}",
            principal_id=_padded("AIDA", letters, _UNIQUE_ID_TAIL),
            user_name=name,
            access_key_id=_padded("AKIA", letters, _ACCESS_KEY_TAIL),
            policies=policies,
        )
    return Principal(
        kind=kind,
        account=account,
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/session",
        principal_id=f"{_padded('AROA', letters, _UNIQUE_ID_TAIL)}:session",
        user_name=name,
        issuer_arn=f"arn:aws:iam::{account}:role/{name}",
        access_key_id=_padded("ASIA", letters, _ACCESS_KEY_TAIL),
        policies=policies,
    )


def _padded(prefix: str, letters: str, size: int) -> str:
    """Return an identifier of the right length that says whose it is, and is an example."""
    return prefix + (letters + "X" * size)[: size - len(_TAIL)] + _TAIL
