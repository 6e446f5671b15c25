"""CreateAlias: give a key a name in its account and region.

Source: AWS KMS API Reference, CreateAlias; messages as observed from the service.
"""

from typing import Any, Final

from regions.errors import (
    InvalidAliasNameException,
    NotAuthorizedException,
    ValidationException,
)
from regions.kms.changes import AliasCreated
from regions.kms.operation import Operation, Turn, alias_resource, authorize_identity
from regions.names import ALIAS_PREFIX, alias_arn, is_reserved_alias
from sim.wire import Message

NO_PREFIX: Final = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)


def check_alias_name(name: str) -> None:
    """Refuse an alias name that no customer's key can have.

    Raises:
      ValidationException: it is malformed.
      NotAuthorizedException: it is kept for AWS managed keys.
      InvalidAliasNameException: there is nothing behind its prefix.
    """
    if not name.startswith(ALIAS_PREFIX):
        raise ValidationException(NO_PREFIX)
    if is_reserved_alias(name):
        raise NotAuthorizedException
    if ":" in name:
        raise ValidationException(f"{name} contains invalid characters for an alias")
    if name == ALIAS_PREFIX:
        raise InvalidAliasNameException(f"Alias name {name} is empty behind its prefix")


class CreateAlias(Operation):
    """Name a key; the name must be free."""

    action = "CreateAlias"
    read_only = False
    key_member = "TargetKeyId"
    recorded = "AliasName TargetKeyId"

    def check(self, turn: Turn) -> None:
        """Refuse malformed and reserved names."""
        super().check(turn)
        name, target = turn.parameters["AliasName"], turn.parameters["TargetKeyId"]
        if target.startswith(ALIAS_PREFIX):
            raise ValidationException("Aliases must refer to keys. Not aliases")
        check_alias_name(name)

    def resolve(self, turn: Turn) -> None:
        """Find the key; the record names the alias first."""
        super().resolve(turn)
        alias = alias_resource(turn.region, turn.principal.account, turn.parameters["AliasName"])
        turn.resources = (alias, *turn.resources)

    def authorize(self, turn: Turn) -> None:
        """Both the alias (by identity policy) and the key (by key policy) must allow it."""
        name = turn.parameters["AliasName"]
        arn = alias_arn(turn.region, turn.principal.account, name)
        authorize_identity(turn, self.permission, arn)
        super().authorize(turn)

    def change(self, turn: Turn) -> Message:
        """Take the name."""
        return AliasCreated(
            name=turn.parameters["AliasName"],
            key_id=turn.found.key_id,
            time_ns=turn.now_ns,
            limited=turn.limited,
        )

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
