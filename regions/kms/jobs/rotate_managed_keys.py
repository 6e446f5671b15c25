"""Yearly rotation of the material of AWS managed keys.

Source: AWS KMS Developer Guide, "Rotating AWS KMS keys": AWS managed keys every year.
"""

from typing import Any

from regions.hsm import keytoken
from regions.hsm.commands import GenerateKey
from regions.kms.changes import Command, MaterialRotated
from regions.kms.job import Job, service_event
from regions.kms.keyring import Keyring


class RotateManagedKeys(Job):
    """Give the key that has waited longest new material; what it sealed stays readable."""

    name = "rotate-managed-keys"

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest anniversary."""
        found = keyring.next_rotation()
        return None if found is None else found[0]

    def step(self, keyring: Keyring, now_ns: int) -> GenerateKey:  # noqa: ARG002 - contract
        """Ask for the material."""
        found = keyring.next_rotation()
        assert found is not None, "due_ns() has looked"
        return GenerateKey(key_id=found[1])

    def change(self, keyring: Keyring, now_ns: int, reply: Any, event_id: str) -> Command:
        """Add the material, with a RotateKey event."""
        # The token says itself whose it is; what is due next may have changed meanwhile.
        key = keyring.key(keytoken.key_id(reply.token).decode("ascii"))
        assert key is not None, "AWS managed keys are never purged"
        rotated = MaterialRotated(
            key_id=key.key_id,
            previous_hbk_id=key.current.hbk_id,
            token=reply.token,
            time_ns=now_ns,
        )
        record = service_event("RotateKey", key, keyring.region, time_ns=now_ns, event_id=event_id)
        return Command(change=rotated, record=record)
