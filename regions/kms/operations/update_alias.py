"""UpdateAlias: let a name stand for another key of the same account and region.

Source: AWS KMS API Reference, UpdateAlias. The rule that both keys be of one type and usage holds
by itself: there is only one here.
"""

from regions.kms.changes import AliasMoved
from regions.kms.operation import Turn, authorize_on_key
from regions.kms.operations.create_alias import CreateAlias
from regions.names import missing_alias


class UpdateAlias(CreateAlias):
    """Move a name to another key; what it named before keeps no trace of it."""

    action = "UpdateAlias"

    def resolve(self, turn: Turn) -> None:
        """Find the key that the alias is to name, then the alias."""
        super().resolve(turn)
        name, account = turn.parameters["AliasName"], turn.principal.account
        if turn.keyring.alias(account, name) is None:
            raise missing_alias(turn.region, account, name)

    def authorize(self, turn: Turn) -> None:
        """The alias, the key it names and the key it is to name must all allow it."""
        super().authorize(turn)
        alias = turn.keyring.alias(turn.principal.account, turn.parameters["AliasName"])
        named = None if alias is None else turn.keyring.key(alias.key_id)
        if named is not None:
            authorize_on_key(turn, self.permission, named)

    def change(self, turn: Turn) -> AliasMoved:
        """Move the name."""
        return AliasMoved(
            name=turn.parameters["AliasName"],
            key_id=turn.found.key_id,
            time_ns=turn.now_ns,
            limited=turn.limited,
        )
