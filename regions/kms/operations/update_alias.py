"""UpdateAlias: let a name stand for another key of the same account and region.

Source: AWS KMS API Reference, UpdateAlias.
"""

from regions.errors import ValidationException
from regions.kms.changes import AliasMoved
from regions.kms.key import Key
from regions.kms.key_specs import KEY_SPECS
from regions.kms.operation import Turn, authorize_on_key, resource
from regions.kms.operations.create_alias import CreateAlias
from regions.names import missing_alias


class UpdateAlias(CreateAlias):
    """Move a name to another key; what it named before keeps no trace of it."""

    action = "UpdateAlias"

    def resolve(self, turn: Turn) -> None:
        """Find the key that the alias is to name, then the alias; the key it named comes last."""
        super().resolve(turn)
        name, account = turn.parameters["AliasName"], turn.principal.account
        alias = turn.keyring.alias(account, name)
        if alias is None:
            raise missing_alias(turn.region, account, name)
        named = turn.keyring.key(alias.key_id)
        if named is not None and named is not turn.key:
            turn.resources = (*turn.resources, resource(named, turn.region))

    def authorize(self, turn: Turn) -> None:
        """The alias, the key it names and the key it is to name must all allow it."""
        super().authorize(turn)
        alias = turn.keyring.alias(turn.principal.account, turn.parameters["AliasName"])
        named = None if alias is None else turn.keyring.key(alias.key_id)
        if named is not None:
            authorize_on_key(turn, self.permission, named)

    def allow_in_state(self, turn: Turn) -> None:
        """An alias moves between keys of one type and usage only (text chosen).

        Raises:
          ValidationException: the keys differ in that.
        """
        super().allow_in_state(turn)
        alias = turn.keyring.alias(turn.principal.account, turn.parameters["AliasName"])
        named = None if alias is None else turn.keyring.key(alias.key_id)
        if named is not None and _type(named) != _type(turn.found):
            raise ValidationException(
                "The current and the new KMS key of an alias must be of the same type and usage."
            )

    def change(self, turn: Turn) -> AliasMoved:
        """Move the name."""
        return AliasMoved(
            name=turn.parameters["AliasName"],
            key_id=turn.found.key_id,
            time_ns=turn.now_ns,
            limited=turn.limited,
        )


def _type(key: Key) -> tuple[bool, bool, str]:
    """Tell symmetric, HMAC and asymmetric keys apart, and their usages."""
    return key.is_symmetric, KEY_SPECS[key.spec].is_symmetric, key.usage
