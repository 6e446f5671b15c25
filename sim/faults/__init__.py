"""Ways to go wrong, one file each; FAULTS is the table."""

from typing import Final

from sim.faults.clock_drift import ClockDrift
from sim.faults.clock_offset import ClockOffset
from sim.faults.clock_step import ClockStep
from sim.faults.clog import Clog
from sim.faults.corrupt import Corrupt
from sim.faults.crash import Crash
from sim.faults.crash_loop import CrashLoop
from sim.faults.delay import Delay
from sim.faults.disk_eio import DiskEio
from sim.faults.disk_full import DiskFull
from sim.faults.disk_gray import DiskGray
from sim.faults.disk_latent import DiskLatent
from sim.faults.disk_lossy import DiskLossy
from sim.faults.disk_lying import DiskLying
from sim.faults.disk_misdirected import DiskMisdirected
from sim.faults.disk_rot import DiskRot
from sim.faults.disk_slow import DiskSlow
from sim.faults.disk_torn import DiskTorn
from sim.faults.duplicate import Duplicate
from sim.faults.fault import Fault
from sim.faults.flapping import Flapping
from sim.faults.gray_link import GrayLink
from sim.faults.packet_loss import PacketLoss
from sim.faults.partition import Partition
from sim.faults.pause import Pause
from sim.faults.power_off import PowerOff
from sim.faults.region_loss import RegionLoss
from sim.faults.reorder import Reorder
from sim.faults.restart import Restart
from sim.faults.site_loss import SiteLoss
from sim.faults.swizzle_clog import SwizzleClog
from sim.faults.time_service_lost import TimeServiceLost

FAULTS: Final[dict[str, type[Fault]]] = {
    fault.name: fault
    for fault in (
        ClockDrift,
        ClockOffset,
        ClockStep,
        Clog,
        Corrupt,
        Crash,
        CrashLoop,
        Delay,
        DiskEio,
        DiskFull,
        DiskGray,
        DiskLatent,
        DiskLossy,
        DiskLying,
        DiskMisdirected,
        DiskRot,
        DiskSlow,
        DiskTorn,
        Duplicate,
        Flapping,
        GrayLink,
        PacketLoss,
        Partition,
        Pause,
        PowerOff,
        RegionLoss,
        Reorder,
        Restart,
        SiteLoss,
        SwizzleClog,
        TimeServiceLost,
    )
}

__all__ = ["FAULTS", "Fault"]
