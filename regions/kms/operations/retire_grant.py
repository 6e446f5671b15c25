"""RetireGrant: whoever a grant itself names for it ends the grant.

Source: AWS KMS API Reference, RetireGrant; AWS KMS Developer Guide, "Retiring and revoking grants":
key policies have no say, and an identity policy that allows kms:RetireGrant is not enough; one that
denies it is heard. The record shows the grant in additionalEventData.
"""

from typing import Any, Final

from regions.errors import ValidationException
from regions.kms.changes import GrantEnded
from regions.kms.condition_keys import condition_context
from regions.kms.grant import Grant, named_as_retirer
from regions.kms.grant_ids import check_grant_id, ending, standing_grant
from regions.kms.grant_tokens import grant_of_token
from regions.kms.operation import Operation, Turn, resource
from regions.policy.document import NEWEST, Document
from regions.policy.evaluate import KEY_POLICY, Access, authorize

#: Stands for the key policy: nothing in it allows or denies anything.
_NO_POLICY: Final = Document(NEWEST, ())


class RetireGrant(Operation):
    """End a grant that a token names, or a key and a grant id."""

    action = "RetireGrant"
    read_only = False
    key_member = "KeyId"
    crosses_accounts = True

    def check(self, turn: Turn) -> None:
        """Demand exactly one of the two ways to name a grant."""
        super().check(turn)
        given = turn.parameters
        token, both = given.get("GrantToken"), (given.get("KeyId"), given.get("GrantId"))
        if (both == (None, None)) == (token is None) or (token is None and None in both):
            raise ValidationException(
                "You must specify either a GrantToken, or a KeyId and a GrantId."
            )
        if token is not None:
            grant_of_token(turn.region, token)
        else:
            check_grant_id(given["GrantId"])

    def resolve(self, turn: Turn) -> None:
        """Find the grant, and its key."""
        given = turn.parameters
        if given.get("GrantToken") is not None:
            grant = standing_grant(turn, grant_of_token(turn.region, given["GrantToken"]))
            turn.key = turn.keyring.key(grant.key_id)
            turn.resources = (resource(turn.found, turn.region),)
        else:
            super().resolve(turn)
            grant = standing_grant(turn, given["GrantId"], turn.found.key_id)
        turn.standing = grant

    def authorize(self, turn: Turn) -> None:
        """Ask the grant whether the caller may, and the caller's own policies whether they deny."""
        grant, principal, key = self._grant(turn), turn.principal, turn.found
        access = Access(
            principal,
            self.permission,
            key.arn(turn.region),
            principal.account,  # Of any account: whom the grant names needs no other leave.
            _NO_POLICY,
            lambda: condition_context(turn, key, ""),
            KEY_POLICY,
            lambda: named_as_retirer(grant, principal, turn.region),
        )
        authorize(access, turn.authority)

    def change(self, turn: Turn) -> GrantEnded:
        """End it."""
        return ending(turn, self._grant(turn))

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}

    def request_parameters(self, turn: Turn) -> None:  # noqa: ARG002 - as real records are
        """Show nothing."""
        return

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"keyId": turn.found.arn(turn.region)}

    def additional(self, turn: Turn) -> dict[str, Any]:
        """Name the grant."""
        return {"grantId": self._grant(turn).grant_id}

    def _grant(self, turn: Turn) -> Grant:
        grant: Grant = turn.standing
        return grant
