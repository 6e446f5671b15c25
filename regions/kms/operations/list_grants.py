"""ListGrants: the grants on one key.

Source: AWS KMS API Reference, ListGrants.
"""

from collections.abc import Iterator
from typing import Any

from regions.errors import ValidationException
from regions.kms.grant import Grant
from regions.kms.grant_ids import check_grant_id
from regions.kms.grant_pages import page
from regions.kms.operation import Operation, Turn


class ListGrants(Operation):
    """Return one page, oldest grants first."""

    action = "ListGrants"
    key_member = "KeyId"
    crosses_accounts = True
    recorded = "KeyId GrantId GranteePrincipal GranteeServicePrincipal Limit Marker"

    def check(self, turn: Turn) -> None:
        """Refuse filters that exclude each other, and a malformed id."""
        super().check(turn)
        given = turn.parameters
        if given.get("GranteePrincipal") and given.get("GranteeServicePrincipal"):
            raise ValidationException(
                "You cannot specify both GranteePrincipal and GranteeServicePrincipal."
            )
        if given.get("GranteeServicePrincipal") and turn.principal.kind != "AWSService":
            raise ValidationException(
                "GranteeServicePrincipal is a filter for service principals only."
            )
        if given.get("GrantId") is not None:
            check_grant_id(given["GrantId"])

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        return page(turn, lambda sequence: self._younger(turn, sequence))

    def _younger(self, turn: Turn, sequence: int) -> Iterator[Grant]:
        given = turn.parameters
        wanted = {
            "grant_id": given.get("GrantId"),
            "grantee": given.get("GranteePrincipal"),
            "grantee_service": given.get("GranteeServicePrincipal"),
        }
        for grant in turn.keyring.grants.on_key_after(turn.found.key_id, sequence):
            if all(value in (None, getattr(grant, name)) for name, value in wanted.items()):
                yield grant
