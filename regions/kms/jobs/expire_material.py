"""Imported material whose validity has ended is forgotten; its key awaits another import.

Source: AWS KMS API Reference, ImportKeyMaterial (ValidTo); AWS KMS Developer Guide, "Logging":
DeleteExpiredKeyMaterial.
"""

from regions.kms.job import DatedJob
from regions.kms.keyring import Keyring
from regions.kms.material_changes import MaterialExpired


class ExpireMaterial(DatedJob):
    """Forget what expires first; its owner may import the same material again."""

    name = "expire-material"
    event = "DeleteExpiredKeyMaterial"

    def next(self, keyring: Keyring) -> tuple[int, str] | None:
        """Return the earliest end of a validity."""
        return keyring.next_expiry()

    def ending(self, key_id: str, now_ns: int) -> MaterialExpired:
        """Forget the material."""
        return MaterialExpired(key_id=key_id, time_ns=now_ns)
