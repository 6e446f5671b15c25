"""What RetireGrant, RevokeGrant and ListGrants share: a grant by its id.

What does not belong here: ids as they are drawn (grant_tokens.py).
Source: AWS KMS API Reference, RevokeGrant: GrantId; the form is that of its example.
"""

import re
from typing import Final

from regions.errors import InvalidGrantIdException
from regions.kms.changes import GrantEnded
from regions.kms.grant import Grant
from regions.kms.operation import Turn
from regions.names import missing_grant

_FORM: Final = re.compile(r"[0-9a-f]{64}")


def check_grant_id(text: str) -> None:
    """Refuse what no grant is called.

    Raises:
      InvalidGrantIdException: it is malformed.
    """
    if _FORM.fullmatch(text) is None:
        raise InvalidGrantIdException(f"Invalid grant id '{text}'")


def standing_grant(turn: Turn, grant_id: str, key_id: str = "") -> Grant:
    """Return a grant that nobody has retired or revoked.

    Args:
      turn: the call.
      grant_id: well-formed.
      key_id: of the key that it must be on; "" for any.

    Raises:
      NotFoundException: there is none.
    """
    grant = turn.keyring.grants.find(grant_id)
    if grant is None or grant.ended_ns or key_id not in ("", grant.key_id):
        raise missing_grant(grant_id)
    return grant


def ending(turn: Turn, grant: Grant) -> GrantEnded:
    """Return the change that ends a grant now."""
    return GrantEnded(key_id=grant.key_id, grant_id=grant.grant_id, time_ns=turn.now_ns)
