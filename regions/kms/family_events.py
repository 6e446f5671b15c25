"""Which audit record a message about a multi-Region family leaves in the region that hears it.

The record rides with the change, and is dropped with it when the change comes too late.
What does not belong here: the change itself (family_rules.py).
Source: AWS KMS Developer Guide, "Logging AWS KMS API calls": a CreateKey event in the region of a
new replica, a RotateKey event in each region, an UpdatePrimaryRegion event in both; that of the
second region names who asked and that KMS invoked it, and SynchronizeMultiRegionKey the primary
key. That CreateKey names who asked for the replica is chosen, by analogy.
"""

from typing import Any

from regions.kms.changes import Superseded
from regions.kms.job import EVENT_SOURCE, provider, rotation_event
from regions.kms.key import Key, tagged
from regions.kms.key_records import shown_metadata
from regions.kms.keyring import Keyring
from regions.kms.material import Asked
from regions.kms.material_changes import FamilyUpdated, ReplicaReported
from regions.kms.material_rules import MATERIAL_RULES
from regions.trail.copies import derived
from regions.trail.record import AWS_INTERNAL, AuditRecord, Resource
from sim.quick import changed


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
    asked = change.asked if isinstance(change, FamilyUpdated) else None
    if before is None:
        return changed(
            _called("CreateKey", after, region, time_ns=time_ns, event_id=event_id, asked=asked),
            request_parameters=_creation(after),
            response_elements={"keyMetadata": shown_metadata(after, region)},
            resources=(Resource(arn=after.arn(region), account=after.account),),
        )
    assert before.family is not None, "rules of families are about families"
    assert after.family is not None, "a family stays one"
    if before.family.primary != region == after.family.primary:
        name = "UpdatePrimaryRegion"
        return changed(
            _called(name, after, region, time_ns=time_ns, event_id=event_id, asked=asked),
            request_parameters={"keyId": after.arn(region), "primaryRegion": region},
        )
    if before.current.hbk_id != after.current.hbk_id:
        return rotation_event(
            before, region, after.current.material_id, time_ns=time_ns, event_id=event_id
        )
    return None


def synchronized(key: Key, region: str, *, time_ns: int, event_id: str) -> AuditRecord:
    """Return the record of material that came from another region; it names the primary key."""
    primary = region if key.family is None else key.family.primary
    return changed(
        _called(
            "SynchronizeMultiRegionKey",
            key,
            region,
            time_ns=time_ns,
            event_id=event_id,
            asked=None,
        ),
        resources=(Resource(arn=key.arn(primary), account=key.account),),
    )


def _called(
    name: str, key: Key, region: str, *, time_ns: int, event_id: str, asked: Asked | None
) -> AuditRecord:
    """Return the record of a call that a region makes within KMS, for whoever asked another one."""
    if asked is None:
        caller, address, agent = provider(key.account), AWS_INTERNAL, AWS_INTERNAL
        request_id = derived(event_id, "request")
    else:
        caller = changed(asked.principal, invoked_by=EVENT_SOURCE)
        address, agent, request_id = asked.source_ip, asked.user_agent, asked.request_id
    return AuditRecord(
        event_id=event_id,
        request_id=request_id,
        time_ns=time_ns,
        source=EVENT_SOURCE,
        name=name,
        region=region,
        principal=caller,
        source_ip=address,
        user_agent=agent,
        read_only=False,
        recipient_account=key.account,
        tagged=tagged(region, key),
    )


def _creation(key: Key) -> dict[str, Any]:
    """Return what the replica is made of, as CreateKey would have been asked."""
    seen: dict[str, Any] = {
        "multiRegion": True,
        "keySpec": key.spec,
        "keyUsage": key.usage,
        "customerMasterKeySpec": key.spec,
        "origin": key.origin,
        "description": key.description,
        "bypassPolicyLockoutSafetyCheck": False,
    }
    if key.policy:
        seen["policy"] = key.policy
    if key.tags:
        seen["tags"] = [{"tagKey": name, "tagValue": value} for name, value in key.tags.items()]
    return seen
