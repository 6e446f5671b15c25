"""ListAliases: all aliases of the caller's account in this region, or of one key.

Source: AWS KMS API Reference, ListAliases: 50 entries a page by default, 100 at most.
"""

from typing import Any, Final

from regions.kms.changes import Alias
from regions.kms.key import timestamp
from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before, marker, page_length
from regions.names import alias_arn

PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 100


class ListAliases(Operation):
    """Return one page, sorted by name."""

    action = "ListAliases"
    identity_only = True
    recorded = "KeyId Limit Marker"

    def resolve(self, turn: Turn) -> None:
        """Find the key, if only its aliases are wanted."""
        if turn.parameters.get("KeyId") is not None:
            turn.key = self.resolve_key(turn, turn.parameters["KeyId"])

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        last = last_before(self.action, turn.parameters)
        length = page_length(turn.parameters, default=PAGE_DEFAULT, most=PAGE_MAX)
        aliases = self._aliases(turn, last, length + 1)
        more, aliases = len(aliases) > length, aliases[:length]
        body: dict[str, Any] = {
            "Aliases": tuple(
                {
                    "AliasName": alias.name,
                    "AliasArn": alias_arn(turn.region, alias.account, alias.name),
                    "TargetKeyId": alias.key_id,
                    "CreationDate": timestamp(alias.created_ns),
                    "LastUpdatedDate": timestamp(alias.updated_ns),
                }
                for alias in aliases
            ),
            "Truncated": more,
        }
        if more:
            body["NextMarker"] = marker(self.action, aliases[-1].name)
        return body

    def _aliases(self, turn: Turn, last: str, limit: int) -> list[Alias]:
        account, keyring = turn.principal.account, turn.keyring
        if turn.key is None:
            return keyring.aliases_after(account, last, limit)
        names = sorted(name for name in keyring.alias_names(turn.key.key_id) if name > last)
        found = [keyring.alias(account, name) for name in names[:limit]]
        return [alias for alias in found if alias is not None]
