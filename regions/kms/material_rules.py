"""The table of what each change of a key's material does to the key.

What does not belong here: the rules themselves, and changes of anything else (keyring.py).
"""

from collections.abc import Callable
from typing import Any, Final

from regions.kms.family_rules import (
    keep_arrived,
    keep_report,
    move_primary,
    replicate,
    take_report,
    take_update,
)
from regions.kms.import_rules import delete_material, expire, take_import
from regions.kms.key import Key
from regions.kms.material_changes import (
    FamilyUpdated,
    MaterialArrived,
    MaterialDeleted,
    MaterialExpired,
    MaterialImported,
    MaterialRotated,
    PrimaryMoveAsked,
    ReplicaAsked,
    ReplicaReported,
    ReportKept,
    RotationAsked,
    RotationSet,
)
from regions.kms.ring import Ring
from regions.kms.rotation_rules import ask_rotation, rotate, set_rotation
from sim.wire import Message

Rule = Callable[[Ring, Key | None, Any], Key]

#: Change to what it does. Every one of them names its key as ``key_id``.
MATERIAL_RULES: Final[dict[type[Message], Rule]] = {
    FamilyUpdated: take_update,
    MaterialArrived: keep_arrived,
    MaterialDeleted: delete_material,
    MaterialExpired: expire,
    MaterialImported: take_import,
    MaterialRotated: rotate,
    PrimaryMoveAsked: move_primary,
    ReplicaAsked: replicate,
    ReplicaReported: take_report,
    ReportKept: keep_report,
    RotationAsked: ask_rotation,
    RotationSet: set_rotation,
}
