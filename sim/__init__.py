"""The kernel: actors, virtual time, named chance and failure, with not one word of any domain.

``SimWorld`` is the way in; ``Actor`` and ``Message`` are what one writes.
"""

from sim.actor import Actor, Expired, Fenced, Request
from sim.clock import Timer, TooManyEvents
from sim.disk import Disk, SimDisk
from sim.network import DROP, PASS, Deliver, Drop, Duplicate, LinkSpec, Partition, Pass, uniform
from sim.rng import Stream, stream
from sim.trace import Event, Trace, first_difference
from sim.units import days, hours, minutes, ms, seconds, us, years
from sim.wire import Codec, FrameError, Message, Overloaded, Refusal, Unreachable
from sim.world import SimWorld

__all__ = [
    "DROP",
    "PASS",
    "Actor",
    "Codec",
    "Deliver",
    "Disk",
    "Drop",
    "Duplicate",
    "Event",
    "Expired",
    "Fenced",
    "FrameError",
    "LinkSpec",
    "Message",
    "Overloaded",
    "Partition",
    "Pass",
    "Refusal",
    "Request",
    "SimDisk",
    "SimWorld",
    "Stream",
    "Timer",
    "TooManyEvents",
    "Trace",
    "Unreachable",
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
