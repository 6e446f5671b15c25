"""DeleteCustomKeyStore: register a store no more; it must be disconnected and hold no keys.

No store holds keys yet, so CustomKeyStoreHasCMKsException is never answered.
Source: AWS KMS API Reference, DeleteCustomKeyStore.
"""

from regions.kms.key_store import StoreDeleted
from regions.kms.operation import Turn
from regions.kms.store_operation import StoreOperation


class DeleteCustomKeyStore(StoreOperation):
    """Forget the store; its cluster or proxy is left as it is."""

    action = "DeleteCustomKeyStore"

    def change(self, turn: Turn) -> StoreDeleted:
        """Forget it."""
        turn.standing = self.store(turn)
        return StoreDeleted(account=turn.principal.account, store_id=turn.standing.store_id)
