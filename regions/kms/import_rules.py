"""What importing, deleting and expiring of material do to one key: pure functions.

A key whose current or earlier material is missing awaits its import; material that only waits for
a rotation may be missing, and is forgotten when it is deleted.
What does not belong here: unwrapping (hsm/importing.py), and when material expires (jobs/).
Source: AWS KMS API Reference, ImportKeyMaterial, DeleteImportedKeyMaterial; AWS KMS Developer
Guide, "Importing key material"; the text about pending rotation as observed, others chosen.
"""

from typing import Final

from regions.errors import (
    IncorrectKeyMaterialException,
    KMSInvalidStateException,
    NotFoundException,
)
from regions.hsm import keytoken
from regions.kms.changes import Superseded
from regions.kms.family_rules import all_have_it
from regions.kms.key import Key, KeyState
from regions.kms.material import NEW_MATERIAL, Material, MaterialNote, MaterialState
from regions.kms.material_changes import MaterialDeleted, MaterialExpired, MaterialImported
from regions.kms.ring import Ring, held, share, the_primary
from sim.quick import changed

INCORRECT: Final = "The key material is not the one that was imported into this key before."
KNOWN: Final = "The key material was imported into this key before, so it is not new."
UNKNOWN_ID: Final = "The key has no key material with the given KeyMaterialId."
#: Material of these states is not needed for what the key does now.
_WAITING: Final = (MaterialState.PENDING_ROTATION, MaterialState.PENDING_REPLICAS)


def take_import(ring: Ring, key: Key | None, change: MaterialImported) -> Key:
    """Keep imported material.

    Raises:
      IncorrectKeyMaterialException: it is not what the key may have.
      KMSInvalidStateException: other new material waits for a rotation.
    """
    key = held(key, change.key_id)
    ring.allow("ImportKeyMaterial", key)
    hbk_id = keytoken.hbk_id(change.token)
    known = {one.hbk_id: one for one in key.materials}
    note = _imported(ring, key, known.get(hbk_id), change)
    kept = Material(change.token, note)
    if hbk_id in known:
        materials = tuple(kept if one.hbk_id == hbk_id else one for one in key.materials)
    else:
        materials = (*key.materials, kept)
    return _told(ring, _with(key, materials), change.time_ns)


def _imported(
    ring: Ring, key: Key, known: Material | None, change: MaterialImported
) -> MaterialNote:
    """Return the note of imported material, old or new."""
    hbk_id = keytoken.hbk_id(change.token)
    new = change.import_type == NEW_MATERIAL or not (change.import_type or key.materials)
    if change.material_id and change.material_id != hbk_id.hex():
        raise IncorrectKeyMaterialException(INCORRECT)
    if known is not None:
        if change.import_type == NEW_MATERIAL:
            raise IncorrectKeyMaterialException(KNOWN)
        standing = known.noted(MaterialState.CURRENT)
        described = standing.description if change.description is None else change.description
        return changed(standing, valid_to_ns=change.valid_to_ns, description=described)
    if not new or (key.materials and not key.is_symmetric):
        raise IncorrectKeyMaterialException(INCORRECT)
    if key.family is not None:
        the_primary(ring.region, key)
    state = MaterialState.CURRENT
    if key.materials:
        _refuse_second(key, hbk_id)
        waits = key.leads_replicas(ring.region)
        state = MaterialState.PENDING_REPLICAS if waits else MaterialState.PENDING_ROTATION
    return MaterialNote(
        hbk_id=hbk_id,
        state=state.value,
        valid_to_ns=change.valid_to_ns,
        description=change.description or "",
    )


def _refuse_second(key: Key, hbk_id: bytes) -> None:
    for one in key.materials:
        if one.noted(MaterialState.CURRENT).state in _WAITING:
            raise KMSInvalidStateException(
                f"New key material (id: {hbk_id.hex()}) cannot be imported into KMS key"
                f" {key.key_id}, because another key material (id: {one.material_id}) is"
                " pending rotation."
            )


def _with(key: Key, materials: tuple[Material, ...]) -> Key:
    """Return a key with these materials, in the state that follows from them."""
    key = changed(
        key,
        tokens=tuple(one.token for one in materials),
        notes=tuple(one.noted(MaterialState.CURRENT) for one in materials),
    )
    whole = is_whole(key)
    if key.state == KeyState.PENDING_IMPORT and whole:
        return changed(key, state=KeyState.ENABLED.value)
    if key.state in (KeyState.ENABLED, KeyState.DISABLED) and not whole:
        return changed(key, state=KeyState.PENDING_IMPORT.value)
    return key


def is_whole(key: Key) -> bool:
    """Say whether all material is there that the key needs, and any at all."""
    states = [(one.token, one.noted(MaterialState.CURRENT).state) for one in key.materials]
    return bool(states) and all(token or state in _WAITING for token, state in states)


def _told(ring: Ring, key: Key, time_ns: int) -> Key:
    """Return a key whose relatives are to know what changed."""
    family = key.family
    if family is None:
        return key
    if family.primary == ring.region:
        key = share(key)
        assert key.family is not None, "a family stays one"
        return all_have_it(key, key.family, time_ns)
    return changed(key, family=changed(family, untold=True))


def delete_material(ring: Ring, key: Key | None, change: MaterialDeleted) -> Key:
    """Forget imported material at once; without an id the current one.

    Raises:
      NotFoundException: the key has no such material.
    """
    key = held(key, change.key_id)
    ring.allow("DeleteImportedKeyMaterial", key)
    found = named(key, change.material_id)
    if found is None and change.material_id:
        raise NotFoundException(UNKNOWN_ID)
    if found is None or not found.token:
        return key  # As asking again: nothing is there.
    return _told(ring, _without(ring, key, found), change.time_ns)


def named(key: Key, material_id: str) -> Material | None:
    """Return the material of an id, the current one without; None if there is none."""
    if not material_id:
        return key.current if key.current.token else None
    return next((one for one in key.materials if one.material_id == material_id), None)


def _without(ring: Ring, key: Key, found: Material) -> Key:
    """Return a key without the bytes of one material."""
    note = found.noted(MaterialState.CURRENT)
    own = key.family is None or key.family.primary == ring.region
    if note.state in _WAITING and own:  # It was never used, and may be replaced by another.
        return _with(key, tuple(one for one in key.materials if one.hbk_id != found.hbk_id))
    gone = Material(b"", changed(note, valid_to_ns=0))
    return _with(key, tuple(gone if one.hbk_id == found.hbk_id else one for one in key.materials))


def expire(ring: Ring, key: Key | None, change: MaterialExpired) -> Key:
    """Forget the material whose day has come, if it was not imported anew meanwhile."""
    found = None if key is None else next_expiry(key)
    if key is None or found is None or change.time_ns < found[0]:
        raise Superseded
    return _told(ring, _without(ring, key, found[1]), change.time_ns)


def next_expiry(key: Key) -> tuple[int, Material] | None:
    """Return when which material of a key expires next; None: none does."""
    dated = [
        (one.note.valid_to_ns, one)
        for one in key.materials
        if one.token and one.note is not None and one.note.valid_to_ns
    ]
    return min(dated, key=lambda pair: pair[0], default=None)
