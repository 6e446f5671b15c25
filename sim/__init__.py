"""The kernel: actors, virtual time, named chance and failure, with not one word of any domain.

``SimWorld`` is the way in; ``Actor`` and ``Message`` are what one writes. A ``Fault`` is one way to
go wrong, an ``Invariant`` one promise; both are bases for your own.
"""

from sim.actor import Actor, Expired, Fenced, Request
from sim.check.history import Call, History
from sim.check.invariant import Invariant, Violation
from sim.clock import Timer, TooManyEvents
from sim.disk import Disk, SimDisk
from sim.faults.fault import Fault
from sim.network import DROP, PASS, Deliver, Drop, Duplicate, LinkSpec, Partition, Pass, uniform
from sim.options import Option
from sim.plan import FaultLine, Plan, PlanError
from sim.rng import Stream, stream
from sim.trace import Event, Trace, first_difference
from sim.units import days, hours, minutes, ms, seconds, us, years
from sim.wire import Codec, FrameError, Message, Overloaded, Refusal, Unreachable
from sim.world import SimWorld, World

__all__ = [
    "DROP",
    "PASS",
    "Actor",
    "Call",
    "Codec",
    "Deliver",
    "Disk",
    "Drop",
    "Duplicate",
    "Event",
    "Expired",
    "Fault",
    "FaultLine",
    "Fenced",
    "FrameError",
    "History",
    "Invariant",
    "LinkSpec",
    "Message",
    "Option",
    "Overloaded",
    "Partition",
    "Pass",
    "Plan",
    "PlanError",
    "Refusal",
    "Request",
    "SimDisk",
    "SimWorld",
    "Stream",
    "Timer",
    "TooManyEvents",
    "Trace",
    "Unreachable",
    "Violation",
    "World",
    "days",
    "first_difference",
    "hours",
    "minutes",
    "ms",
    "seconds",
    "stream",
    "uniform",
    "us",
    "years",
]
