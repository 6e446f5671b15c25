"""The end of connecting and disconnecting custom key stores.

Connecting fails for as long as there is nothing to connect to (key_store.py).
Source: AWS KMS Developer Guide, "Connecting and disconnecting a CloudHSM key store".
"""

from typing import Any

from regions.kms.changes import Command
from regions.kms.job import Job
from regions.kms.key_store import StoreSettled
from regions.kms.keyring import Keyring


class SettleKeyStores(Job):
    """Bring the store whose time is over to rest."""

    name = "settle-key-stores"

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest end."""
        found = keyring.stores.next_settling()
        return None if found is None else found[0]

    def step(self, keyring: Keyring, now_ns: int) -> None:  # noqa: ARG002 - contract of jobs
        """Ask nothing: no HSM of the region has a part in it."""
        return

    def change(
        self,
        keyring: Keyring,
        now_ns: int,
        reply: Any,  # noqa: ARG002 - no HSM was asked
        event_id: str,  # noqa: ARG002 - callers learn it from DescribeCustomKeyStores
    ) -> Command:
        """Settle it."""
        found = keyring.stores.next_settling()
        assert found is not None, "a step without an HSM follows due_ns() at once"
        return Command(change=StoreSettled(store_id=found[1], time_ns=now_ns), record=None)
