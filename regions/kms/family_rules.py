"""What happens to one key of a multi-Region family: pure functions from key and change to key.

The primary's region tells each replica's what all share, and repeats it until that region reports
the same version; a replica's region reports until it hears that this is known. Whoever is told
something old learns nothing from it, so messages may be lost, late or doubled.

UpdatePrimaryRegion in steps, each committed before the next is sent: the primary becomes Updating
and says so; the replica becomes Updating and reports that it is ready; the primary gives up its
role, names the other one and says so; that one takes the role and says so. Between the last two
there is no primary key, and never are there two.

What does not belong here: messages and retries (border.py), and how material crosses (hsm/).
Source: AWS KMS Developer Guide, "Multi-Region keys in AWS KMS"; messages as observed from the
service where they were; the steps are chosen.
"""

from typing import Any, Final

from regions.errors import AlreadyExistsException
from regions.hsm import keytoken
from regions.kms.changes import Superseded
from regions.kms.key import Key, KeyState
from regions.kms.material import AWS_KMS, EXTERNAL, Family, Material, MaterialState, Report
from regions.kms.material_changes import (
    FamilyUpdated,
    MaterialArrived,
    PrimaryMoveAsked,
    ReplicaAsked,
    ReplicaReported,
    ReportKept,
)
from regions.kms.ring import Ring, held, share, the_primary
from regions.kms.rotation_rules import put_into_use
from regions.names import key_arn, missing_key
from sim.quick import changed
from sim.units import days

#: What was said longer ago brings no replica into being: one that it brought before may have been
#: purged meanwhile, which takes seven days or more; chosen.
BIRTH_VALID_NS: Final = days(1)


def replicate(ring: Ring, key: Key | None, change: ReplicaAsked) -> Key:
    """Note that a replica is wanted.

    Raises:
      AlreadyExistsException: the family has a key in that region.
    """
    key = held(key, change.key_id)
    family = the_primary(ring.region, key)
    ring.allow("ReplicateKey", key)
    region = change.birth.region
    if region in family.members:
        arn = key_arn(region, key.account, key.key_id)
        raise AlreadyExistsException(f"A multi-Region key with the ARN {arn} already exists")
    births, replicas = (*family.births, change.birth), (*family.replicas, region)
    return share(key, births=births, replicas=replicas)


def move_primary(ring: Ring, key: Key | None, change: PrimaryMoveAsked) -> Key:
    """Begin to make a replica the primary key.

    Raises:
      NotFoundException: the family has no replica in that region.
    """
    key = held(key, change.key_id)
    family = the_primary(ring.region, key)
    ring.allow("UpdatePrimaryRegion", key)
    if change.region not in family.replicas:
        raise missing_key(change.region, key.account, key.key_id)
    if family.moving_to:
        return key  # It is under way already: the matrix allows asking again.
    key = changed(key, state=KeyState.UPDATING.value)
    before = KeyState.ENABLED.value
    return share(key, moving_to=change.region, state_before=before, asked=change.asked)


# ---- what the primary's region hears ----


def take_report(ring: Ring, key: Key | None, change: ReplicaReported) -> Key:
    """Remember how a replica stands, and do what was waiting for that."""
    report = change.report
    if key is None or key.family is None or key.family.primary != ring.region:
        raise Superseded
    family = key.family
    known = family.report(report.region)
    if report.region not in family.replicas:
        raise Superseded
    if change.gone:
        return _without(key, report.region, change.time_ns)
    if known is not None and (known == report or known.version > report.version):
        raise Superseded
    family = changed(
        family,
        reports=(*(one for one in family.reports if one.region != report.region), report),
        births=tuple(one for one in family.births if one.region != report.region),
    )
    key = changed(key, family=family)
    if family.moving_to == report.region and report.version == family.version:
        return _resign(ring, key, family) if report.ready else _stay(key)
    return all_have_it(key, family, change.time_ns)


def _without(key: Key, region: str, time_ns: int) -> Key:
    """Return the primary key after a replica was purged."""
    family = key.family
    assert family is not None, "a replica's region has reported"
    if family.moving_to == region:
        key = _stay(key)
    key = share(
        key,
        replicas=tuple(one for one in family.replicas if one != region),
        reports=tuple(one for one in family.reports if one.region != region),
        births=tuple(one for one in family.births if one.region != region),
    )
    assert key.family is not None, "a family stays one"
    if key.state == KeyState.PENDING_REPLICA_DELETION and not key.family.replicas:
        return changed(
            key,
            state=KeyState.PENDING_DELETION.value,
            deletion_ns=time_ns + days(key.family.window_days),
        )
    return all_have_it(key, key.family, time_ns)


def _stay(key: Key) -> Key:
    """Return the primary key that stays it, for the other one cannot be it."""
    assert key.family is not None, "it was about to move"
    key = changed(key, state=key.family.state_before)
    return share(key, moving_to="", state_before="", asked=None)


def _resign(ring: Ring, key: Key, family: Family) -> Key:
    """Return the key that gives up being the primary one; it says so until it is told."""
    replicas = tuple(ring.region if one == family.moving_to else one for one in family.replicas)
    return share(key, primary=family.moving_to, replicas=replicas, reports=())


def all_have_it(key: Key, family: Family, time_ns: int) -> Key:
    """Go on with new material once it is in every region of the family."""
    for one in key.materials:
        state = None if one.note is None else one.note.state
        everywhere = all(_holds(family, region, one.hbk_id) for region in family.replicas)
        if state == MaterialState.PENDING_ROTATION and key.origin == AWS_KMS and everywhere:
            return share(put_into_use(key, one, time_ns))
        if state == MaterialState.PENDING_REPLICAS and everywhere:
            return share(_noted(key, one, MaterialState.PENDING_ROTATION))
    return key


def _holds(family: Family, region: str, hbk_id: bytes) -> bool:
    report = family.report(region)
    return report is not None and hbk_id in report.held


def _noted(key: Key, material: Material, state: MaterialState) -> Key:
    notes = tuple(
        changed(note, state=state.value) if note.hbk_id == material.hbk_id else note
        for note in key.notes
    )
    return changed(key, notes=notes)


# ---- what a replica's region hears ----


def take_update(ring: Ring, key: Key | None, change: FamilyUpdated) -> Key:
    """Take over what the family shares; make the replica if it is to be made."""
    told = change.key
    assert isinstance(told, Key), "an update carries a key"
    assert told.family is not None, "an update is about a family"
    if key is None:
        return _born(ring, told, told.family, change)
    own = key.family
    if own is None or told.account != key.account:
        raise Superseded
    if told.family.version <= own.version:
        if own.primary == ring.region or own.untold:
            raise Superseded
        return changed(key, family=changed(own, untold=True))  # The report was lost.
    tokens = {one.hbk_id: one for one in key.materials}
    lasting = tuple(_kept(note, tokens.get(note.hbk_id)) for note in told.notes)
    family = changed(told.family, births=(), reports=(), untold=True, state_before=own.state_before)
    key = changed(
        key,
        tokens=tuple(one.token for one in lasting),
        notes=tuple(one.noted(MaterialState.CURRENT) for one in lasting),
        rotation=told.rotation,
        rotated_ns=told.rotated_ns,
        family=family,
    )
    return _moved(ring, key, told.family)


def _kept(note: Any, own: Material | None) -> Material:
    """Return one material of the primary's list, with what is this region's own of it."""
    if own is None:
        return Material(b"", changed(note, valid_to_ns=0))
    mine = own.noted(MaterialState.CURRENT)
    return Material(own.token, changed(note, valid_to_ns=mine.valid_to_ns))


def _born(ring: Ring, told: Key, family: Family, change: FamilyUpdated) -> Key:
    late = change.time_ns - change.told_ns > BIRTH_VALID_NS
    if not change.birth or late or ring.region not in family.replicas:
        raise Superseded
    external = told.origin == EXTERNAL
    return changed(
        told,
        created_ns=change.time_ns,
        state=(KeyState.PENDING_IMPORT if external else KeyState.CREATING).value,
        tokens=(b"",) * len(told.notes),
        notes=tuple(changed(note, valid_to_ns=0) for note in told.notes),
        deletion_ns=0,
        family=changed(family, births=(), reports=(), untold=True, state_before=""),
    )


def _moved(ring: Ring, key: Key, told: Family) -> Key:
    """Take part in a change of the primary key."""
    own = key.family
    assert own is not None, "it was told of its family"
    moves_here = told.moving_to == ring.region
    if moves_here and told.primary != ring.region:
        if key.state != KeyState.ENABLED:
            return key  # Its report says that it is not ready.
        family = changed(own, state_before=key.state)
        return changed(key, state=KeyState.UPDATING.value, family=family)
    if key.state == KeyState.UPDATING:
        key = changed(key, state=own.state_before)
    family = changed(own, state_before="")
    if moves_here:
        family = changed(
            family, version=told.version + 1, moving_to="", births=told.births, untold=False
        )
    return changed(key, family=family)


def report_of(key: Key, region: str) -> Report:
    """Return what a replica's region reports of it."""
    assert key.family is not None, f"{key.key_id} has no relatives"
    return Report(
        region=region,
        version=key.family.version,
        held=tuple(one.hbk_id for one in key.materials if one.token),
        ready=key.state == KeyState.UPDATING,
    )


def keep_report(ring: Ring, key: Key | None, change: ReportKept) -> Key:
    """Be done with a report, unless there is something new to tell."""
    if key is None or key.family is None or report_of(key, ring.region) != change.report:
        raise Superseded
    return changed(key, family=changed(key.family, untold=False))


def keep_arrived(ring: Ring, key: Key | None, change: MaterialArrived) -> Key:
    """Keep material that came from another region; with all of it the replica is whole."""
    hbk_id = keytoken.hbk_id(change.token)
    if key is None or key.family is None or not ring.opens(change.token):
        raise Superseded
    missing = any(one.hbk_id == hbk_id and not one.token for one in key.materials)
    if not missing:
        raise Superseded
    tokens = tuple(change.token if one.hbk_id == hbk_id else one.token for one in key.materials)
    state = key.state
    if state == KeyState.CREATING and all(tokens):
        state = KeyState.ENABLED.value
    return changed(key, tokens=tokens, state=state, family=changed(key.family, untold=True))
