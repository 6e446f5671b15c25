"""Which audit record a message about a multi-Region family leaves in the region that hears it.

The record rides with the change, and is dropped with it when the change comes too late.
What does not belong here: the change itself (family_rules.py).
Source: AWS KMS Developer Guide, "Logging AWS KMS API calls": a CreateKey event in the region of a
new replica, a RotateKey event in each region, an UpdatePrimaryRegion event in both.
"""

from typing import Final

from regions.kms.changes import Superseded
from regions.kms.job import rotation_event, service_event
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.material_changes import FamilyUpdated, ReplicaReported
from regions.kms.material_rules import MATERIAL_RULES
from regions.trail.record import AuditRecord
from sim.quick import changed

#: Those of them that the service writes as if somebody had called.
_API_CALL: Final = "AwsApiCall"


def says_something(keyring: Keyring, change: FamilyUpdated | ReplicaReported) -> bool:
    """Say whether a change would change anything now; repeats do not, and need no log entry."""
    region = change.source if isinstance(change, FamilyUpdated) else change.report.region
    if region not in keyring.abroad.signers:
        return True
    return _after(keyring, change) is not None


def _after(keyring: Keyring, change: FamilyUpdated | ReplicaReported) -> Key | None:
    try:
        return MATERIAL_RULES[type(change)](keyring, keyring.key(change.key_id), change)
    except Superseded:
        return None


def event_of(
    keyring: Keyring, change: FamilyUpdated | ReplicaReported, *, event_id: str
) -> AuditRecord | None:
    """Return the record of what a change would do to its key now, or None."""
    before, after = keyring.key(change.key_id), _after(keyring, change)
    if after is None:
        return None
    region, time_ns = keyring.region, change.time_ns
    if before is None:
        born = service_event("CreateKey", after, region, time_ns=time_ns, event_id=event_id)
        return changed(born, event_type=_API_CALL, service_event=None)
    assert before.family is not None, "rules of families are about families"
    assert after.family is not None, "a family stays one"
    if before.family.primary != region == after.family.primary:
        moved = service_event(
            "UpdatePrimaryRegion", after, region, time_ns=time_ns, event_id=event_id
        )
        return changed(moved, event_type=_API_CALL, service_event=None)
    if before.current.hbk_id != after.current.hbk_id:
        return rotation_event(
            before, region, after.current.material_id, time_ns=time_ns, event_id=event_id
        )
    return None
