"""ConnectCustomKeyStore: begin to connect a store to its cluster or proxy.

Success says only that it began; DescribeCustomKeyStores tells how it ended.

Source: AWS KMS API Reference, ConnectCustomKeyStore.
"""

from regions.kms.key_store import StoreTurned
from regions.kms.operation import Turn
from regions.kms.store_operation import StoreOperation


class ConnectCustomKeyStore(StoreOperation):
    """Begin; a job ends it (jobs/settle_key_stores.py)."""

    action = "ConnectCustomKeyStore"

    def change(self, turn: Turn) -> StoreTurned:
        """Turn the store."""
        turn.standing = self.store(turn)
        return StoreTurned(
            account=turn.principal.account,
            store_id=turn.standing.store_id,
            action=self.action,
            time_ns=turn.now_ns,
        )
