"""Ways to go wrong, one file each; FAULTS is the table."""

from typing import Final

from sim.faults.crash import Crash
from sim.faults.crash_loop import CrashLoop
from sim.faults.fault import Fault
from sim.faults.partition import Partition
from sim.faults.pause import Pause
from sim.faults.power_off import PowerOff

FAULTS: Final[dict[str, type[Fault]]] = {
    fault.name: fault for fault in (Crash, CrashLoop, Partition, Pause, PowerOff)
}

__all__ = ["FAULTS", "Fault"]
