"""Signs of misuse that records show, one file each; DETECTIONS is the table.

A detection sees every record once, in any order, and says at the end what it found. Thresholds
are chosen; each stands beside its reason.
"""

from typing import Final

from scenarios.audit.detections.alias_moved import AliasMoved
from scenarios.audit.detections.bulk_decrypt import BulkDecrypt
from scenarios.audit.detections.cross_account import CrossAccount
from scenarios.audit.detections.denied_again import DeniedAgain
from scenarios.audit.detections.detection import Detection
from scenarios.audit.detections.foreign_grant import ForeignGrant
from scenarios.audit.detections.idle_region import IdleRegion
from scenarios.audit.detections.key_deletion import KeyDeletion
from scenarios.audit.detections.key_disabled import KeyDisabled
from scenarios.audit.detections.keys_enumerated import KeysEnumerated
from scenarios.audit.detections.log_bucket_changed import LogBucketChanged
from scenarios.audit.detections.new_address import NewAddress
from scenarios.audit.detections.policy_widened import PolicyWidened
from scenarios.audit.detections.root_used import RootUsed
from scenarios.audit.detections.rotation_off import RotationOff
from scenarios.audit.detections.trail_blinded import TrailBlinded

#: Name -> class, the gravest first.
DETECTIONS: Final[dict[str, type[Detection]]] = {
    found.name: found
    for found in (
        TrailBlinded,
        LogBucketChanged,
        KeyDeletion,
        PolicyWidened,
        ForeignGrant,
        BulkDecrypt,
        DeniedAgain,
        RootUsed,
        KeyDisabled,
        AliasMoved,
        CrossAccount,
        IdleRegion,
        NewAddress,
        KeysEnumerated,
        RotationOff,
    )
}
