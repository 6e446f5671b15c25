"""What rotation does to one key: pure functions from a key and a change to the key that follows.

What does not belong here: when a rotation is due (key.py) and who performs it (jobs/).
Source: AWS KMS API Reference, EnableKeyRotation and RotateKeyOnDemand; messages as observed from
the service, that of the conflict after its documentation.
"""

from typing import Final

from regions.errors import ConflictException, KMSInvalidStateException, LimitExceededException
from regions.kms.changes import Superseded
from regions.kms.key import Key, rotation_due_ns
from regions.kms.material import (
    AUTOMATIC,
    EXTERNAL,
    ON_DEMAND,
    ON_DEMAND_MAX,
    Material,
    MaterialNote,
    MaterialState,
    Rotation,
)
from regions.kms.material_changes import MaterialRotated, RotationAsked, RotationSet
from regions.kms.ring import Ring, held, share, the_primary
from sim.quick import changed
from sim.units import minutes

#: AWS KMS API Reference, RotateKeyOnDemand, ConflictException.
CONFLICT_NS: Final = minutes(20)
CONFLICT: Final = (
    "An automatic rotation of this key is in progress or begins within the next 20 minutes."
)


def set_rotation(ring: Ring, key: Key | None, change: RotationSet) -> Key:
    """Switch automatic rotation; its period counts from now."""
    key = held(key, change.key_id)
    if key.family is not None:
        the_primary(ring.region, key)
    ring.allow(change.action, key)
    standing = key.rotation or Rotation()
    rotation = changed(
        standing,
        enabled=change.enabled,
        period_days=change.period_days or standing.period_days,
        begun_ns=change.time_ns,
    )
    return share(changed(key, rotation=rotation))


def ask_rotation(ring: Ring, key: Key | None, change: RotationAsked) -> Key:
    """Note that a rotation on demand is to be done.

    Raises:
      LimitExceededException: the key has had as many as it may.
      ConflictException: a rotation is under way or near.
      KMSInvalidStateException: no imported material waits for it.
    """
    key = held(key, change.key_id)
    if key.family is not None:
        the_primary(ring.region, key)
    ring.allow("RotateKeyOnDemand", key)
    arn, rotation = key.arn(ring.region), key.rotation or Rotation()
    if rotation.on_demand >= ON_DEMAND_MAX:
        raise LimitExceededException(
            "The on-demand rotations limit has been reached for the given keyId. No more"
            f" on-demand rotations can be performed for this key: {arn}"
        )
    due_ns = rotation.due_ns
    if rotation.asked_ns or (due_ns is not None and due_ns - change.time_ns < CONFLICT_NS):
        raise ConflictException(CONFLICT)
    if key.origin == EXTERNAL and key.waiting is None:
        raise KMSInvalidStateException(
            f"No available key material pending rotation for the key: {arn}."
        )
    counted = changed(rotation, asked_ns=change.time_ns, on_demand=rotation.on_demand + 1)
    return changed(key, rotation=counted)


def rotate(ring: Ring, key: Key | None, change: MaterialRotated) -> Key:
    """Take new material into use, unless this rotation was done or is not due any more."""
    if key is None or key.current.hbk_id != change.previous_hbk_id:
        raise Superseded
    if change.token and not ring.opens(change.token):
        raise Superseded  # It was under way for days; the job makes another.
    due_ns = rotation_due_ns(key, ring.region)
    if due_ns is None or change.time_ns < due_ns:
        raise Superseded  # Another leader was quicker, and this one saw only its result.
    if change.token:
        fresh = Material(change.token)
        note = fresh.noted(MaterialState.PENDING_ROTATION)
        notes = (*(one.noted(MaterialState.CURRENT) for one in key.annotated), note)
        key = changed(key, tokens=(*key.tokens, change.token), notes=notes)
        if key.family is not None and key.family.replicas:
            return share(key)  # It is not used before it is everywhere.
    pending = key.waiting
    if pending is None:
        raise Superseded
    return share(put_into_use(key, pending, change.time_ns))


def put_into_use(key: Key, pending: Material, time_ns: int) -> Key:
    """Return the key with that material as the current one."""
    rotation, asked = key.rotation, key.rotation is not None and bool(key.rotation.asked_ns)
    cause = ON_DEMAND if asked else AUTOMATIC
    notes: list[MaterialNote] = []
    for one in key.annotated:
        note = one.noted(MaterialState.NON_CURRENT)
        if one.hbk_id == pending.hbk_id:
            current = MaterialState.CURRENT.value
            note = changed(note, state=current, rotated_ns=time_ns, rotation=cause)
        elif note.state == MaterialState.CURRENT:
            note = changed(note, state=MaterialState.NON_CURRENT.value)
        notes.append(note)
    if rotation is not None:
        # A rotation on demand changes nothing of the schedule.
        begun_ns = rotation.begun_ns if asked else time_ns
        rotation = changed(rotation, asked_ns=0, begun_ns=begun_ns)
    return changed(key, notes=tuple(notes), rotation=rotation, rotated_ns=time_ns)
