"""DisconnectCustomKeyStore: cut a store off; its keys can no longer be used.

Source: AWS KMS API Reference, DisconnectCustomKeyStore.
"""

from regions.kms.key_store import StoreTurned
from regions.kms.operation import Turn
from regions.kms.store_operation import StoreOperation


class DisconnectCustomKeyStore(StoreOperation):
    """Begin; a job ends it (jobs/settle_key_stores.py)."""

    action = "DisconnectCustomKeyStore"

    def change(self, turn: Turn) -> StoreTurned:
        """Turn the store."""
        turn.standing = self.store(turn)
        return StoreTurned(
            account=turn.principal.account,
            store_id=turn.standing.store_id,
            action=self.action,
            time_ns=turn.now_ns,
        )
