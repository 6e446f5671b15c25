"""Purge of condemned keys whose window has passed.

Source: AWS KMS Developer Guide, "Deleting AWS KMS keys": material, metadata and aliases go.
"""

from regions.kms.changes import KeyPurged
from regions.kms.job import DatedJob
from regions.kms.keyring import Keyring


class PurgeDeletedKeys(DatedJob):
    """Remove the key whose day has come; nothing brings it back."""

    name = "purge-deleted-keys"
    event = "DeleteKey"

    def next(self, keyring: Keyring) -> tuple[int, str] | None:
        """Return the earliest deletion date."""
        return keyring.next_purge()

    def ending(self, key_id: str, now_ns: int) -> KeyPurged:
        """Remove the key."""
        return KeyPurged(key_id=key_id, time_ns=now_ns)
