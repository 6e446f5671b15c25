"""DeleteAlias: take a key's name away; the key stays as it is.

Source: AWS KMS API Reference, DeleteAlias.
"""

from typing import Any

from regions.kms.changes import AliasDeleted
from regions.kms.operation import (
    Operation,
    Turn,
    alias_resource,
    authorize_identity,
    resource,
)
from regions.kms.operations.create_alias import check_alias_name
from regions.names import alias_arn, missing_alias


class DeleteAlias(Operation):
    """Forget a name of the caller's account."""

    action = "DeleteAlias"
    read_only = False
    recorded = "AliasName"

    def check(self, turn: Turn) -> None:
        """Refuse malformed and reserved names."""
        super().check(turn)
        check_alias_name(turn.parameters["AliasName"])

    def resolve(self, turn: Turn) -> None:
        """Find the alias and its key; the record names the alias first."""
        name, account = turn.parameters["AliasName"], turn.principal.account
        alias = turn.keyring.alias(account, name)
        if alias is None:
            raise missing_alias(turn.region, account, name)
        turn.key = turn.keyring.key(alias.key_id)
        turn.resources = (
            alias_resource(turn.region, account, name),
            resource(turn.found, turn.region),
        )

    def authorize(self, turn: Turn) -> None:
        """Both the alias (by identity policy) and its key (by key policy) must allow it."""
        name = turn.parameters["AliasName"]
        arn = alias_arn(turn.region, turn.principal.account, name)
        authorize_identity(turn, self.permission, arn)
        super().authorize(turn)

    def change(self, turn: Turn) -> AliasDeleted:
        """Free the name."""
        return AliasDeleted(account=turn.principal.account, name=turn.parameters["AliasName"])

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
