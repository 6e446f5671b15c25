"""Rotation of keys whose day has come: customers' by period or on demand, AWS managed ones yearly.

Source: AWS KMS Developer Guide, "Rotating AWS KMS keys".
"""

from typing import Any

from regions.hsm import keytoken
from regions.hsm.commands import GenerateKey
from regions.kms.changes import Command
from regions.kms.job import Job, rotation_event
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.material import Material
from regions.kms.material_changes import MaterialRotated


class RotateKeys(Job):
    """Give the key that has waited longest new material; what it sealed stays readable."""

    name = "rotate-keys"

    def due_ns(self, keyring: Keyring) -> int | None:
        """Return the earliest date."""
        found = keyring.next_rotation()
        return None if found is None else found[0]

    def step(self, keyring: Keyring, now_ns: int) -> GenerateKey | None:  # noqa: ARG002 - contract
        """Ask for the material, unless its owner has imported it already."""
        key = _next(keyring)
        return None if key.waiting is not None else GenerateKey(key_id=key.key_id)

    def change(self, keyring: Keyring, now_ns: int, reply: Any, event_id: str) -> Command:
        """Take the material into use, with a RotateKey event; with replicas, spread it first."""
        token = b""
        key: Key | None = _next(keyring)
        if reply is not None:
            # The token says itself whose it is; what is due next may have changed meanwhile.
            token = reply.token
            key = keyring.key(keytoken.key_id(token).decode("ascii"))
        assert key is not None, "a key is purged only long after it was condemned"
        rotated = MaterialRotated(
            key_id=key.key_id,
            previous_hbk_id=key.current.hbk_id,
            token=token,
            time_ns=now_ns,
        )
        material = Material(token) if token else key.waiting or Material(b"")
        fresh = material.material_id
        if token and key.leads_replicas(keyring.region):
            return Command(change=rotated, record=None)  # Its event comes when it is everywhere.
        record = rotation_event(key, keyring.region, fresh, time_ns=now_ns, event_id=event_id)
        return Command(change=rotated, record=record)


def _next(keyring: Keyring) -> Key:
    found = keyring.next_rotation()
    key = None if found is None else keyring.key(found[1])
    assert key is not None, "due_ns() has looked"
    return key
