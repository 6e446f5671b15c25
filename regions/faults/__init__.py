"""What can go wrong in this domain, one file each, beside what can go wrong anywhere.

FAULTS is the table that plans of scenarios are read with: the kernel's faults, these, and those
of other packages, which register them as entry points of the group ``nines.faults``.
"""

from collections.abc import Callable, Mapping
from typing import Final

from regions.faults.add_az import AddAz
from regions.faults.affliction import DomainFault
from regions.faults.alias_moved import AliasMoved
from regions.faults.audit_down import AuditDown
from regions.faults.audit_drop import AuditDrop
from regions.faults.auth_down import AuthDown
from regions.faults.bad_config import BadConfig
from regions.faults.bucket_policy_removed import BucketPolicyRemoved
from regions.faults.force_group import ForceGroup
from regions.faults.gray_hsm import GrayHsm
from regions.faults.hsm_restart import HsmRestart
from regions.faults.hsm_tamper import HsmTamper
from regions.faults.launch_region import LaunchRegion
from regions.faults.missed_rotation import MissedRotation
from regions.faults.poison import Poison
from regions.faults.policy_lockout import PolicyLockout
from regions.faults.remove_az import RemoveAz
from regions.faults.replace_az import ReplaceAz
from regions.faults.rolling_upgrade import RollingUpgrade
from regions.faults.stop_logging import StopLogging
from regions.faults.trail_key_disabled import TrailKeyDisabled
from regions.faults.wrong_deletion import WrongDeletion
from sim.faults import FAULTS as KERNEL_FAULTS
from sim.faults import Fault
from sim.registry import Registry, says, subclass

#: The faults that know what a key service is.
DOMAIN_FAULTS: Final[dict[str, type[DomainFault]]] = {
    fault.name: fault
    for fault in (
        AddAz,
        AliasMoved,
        AuditDown,
        AuditDrop,
        AuthDown,
        BadConfig,
        BucketPolicyRemoved,
        ForceGroup,
        GrayHsm,
        HsmRestart,
        HsmTamper,
        LaunchRegion,
        MissedRotation,
        Poison,
        PolicyLockout,
        RemoveAz,
        ReplaceAz,
        RollingUpgrade,
        StopLogging,
        TrailKeyDisabled,
        WrongDeletion,
    )
}


def _accept(name: str, part: object) -> Mapping[str, Callable[[], type[Fault]]]:
    fault = subclass(part, Fault, name, "name", public="sim.Fault")
    for method in ("inject", "heal"):
        if getattr(fault, method) is getattr(Fault, method):
            raise ValueError(f"expected a fault with a method {method!r}")
    if issubclass(fault, DomainFault):
        for said in ("hits", "place"):
            if not says(fault, said):
                raise ValueError(f"expected a regions.DomainFault that says {said!r} in a text")
    return {name: lambda: fault}


FAULTS: Final[Registry[type[Fault]]] = Registry(
    "nines.faults", "fault", {**KERNEL_FAULTS, **DOMAIN_FAULTS}, _accept
)

__all__ = ["DOMAIN_FAULTS", "FAULTS", "Fault"]
