"""Imported material whose validity has ended is forgotten; its key awaits another import.

Source: AWS KMS API Reference, ImportKeyMaterial (ValidTo); AWS KMS Developer Guide, "Logging":
DeleteExpiredKeyMaterial.
"""

from typing import Any

from regions.kms.changes import Command
from regions.kms.job import Job, service_event
from regions.kms.keyring import Keyring
from regions.kms.material_changes import MaterialExpired


class ExpireMaterial(Job):
    """Forget what expires first; its owner may import the same material again."""

    name = "expire-material"
    irreversible = True

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest end of a validity."""
        found = keyring.next_expiry()
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
        """Forget the material, with a DeleteExpiredKeyMaterial event."""
        found = keyring.next_expiry()
        key = None if found is None else keyring.key(found[1])
        assert key is not None, "a step without an HSM follows due_ns() at once"
        record = service_event(
            "DeleteExpiredKeyMaterial", key, keyring.region, time_ns=now_ns, event_id=event_id
        )
        return Command(change=MaterialExpired(key_id=key.key_id, time_ns=now_ns), record=record)
