"""Purge of condemned keys whose window has passed.

Source: AWS KMS Developer Guide, "Deleting AWS KMS keys": material, metadata and aliases go.
"""

from typing import Any

from regions.kms.changes import Command, KeyPurged
from regions.kms.job import Job, service_event
from regions.kms.keyring import Keyring


class PurgeDeletedKeys(Job):
    """Remove the key whose day has come; nothing brings it back."""

    name = "purge-deleted-keys"
    irreversible = True

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest deletion date."""
        found = keyring.next_purge()
        return None if found is None else found[0]

    def step(self, keyring: Keyring, now_ns: int) -> None:  # noqa: ARG002 - contract of jobs
        """Ask nothing: tokens are forgotten, not opened."""
        return

    def change(
        self,
        keyring: Keyring,
        now_ns: int,
        reply: Any,  # noqa: ARG002 - no HSM was asked
        event_id: str,
    ) -> Command:
        """Remove the key, with a DeleteKey event."""
        found = keyring.next_purge()
        key = None if found is None else keyring.key(found[1])
        assert key is not None, "a step without an HSM follows due_ns() at once"
        record = service_event("DeleteKey", key, keyring.region, time_ns=now_ns, event_id=event_id)
        return Command(change=KeyPurged(key_id=key.key_id, time_ns=now_ns), record=record)
