"""What the consensus core wants done: values that a shell performs in their order.

What does not belong here: how they are done (node.py), and when they are wanted (raft.py).
"""

from dataclasses import dataclass, field
from typing import Final

from regions.replication.group import Group
from regions.replication.log import Hard, Snapshot
from regions.replication.messages import Entry
from sim.units import ms, seconds
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One member's place in its group, and the group's timing."""

    name: str
    members: tuple[str, ...]  #: those who founded the group; () if this one joins a group
    seeds: tuple[str, ...] = ()  #: whom one that joins may greet
    new: bool = False  #: one that joins, at its first start: it cannot have forgotten anything
    may_sleep: bool = True  #: False keeps the heartbeats of a quiet group, to compare with
    heartbeat_ns: int = ms(50)  #: chosen: some 50 round trips between zones
    election_low_ns: int = ms(250)  #: chosen: five heartbeats may be lost or late
    election_high_ns: int = ms(500)  #: chosen: twice, so that timers rarely fire together
    #: After a majority has answered a round, counted from its begin; chosen: many reads share one.
    lease_ns: int = ms(100)
    #: Whoever has answered a leader elects nobody else for so long, and after a start nobody;
    #: chosen: longer than a lease even if clocks run a tenth too fast here and too slow there.
    loyal_ns: int = ms(150)
    backoff_max_ns: int = seconds(10)  #: chosen: a fruitless candidate costs little in 40 min
    patient_ns: int = seconds(60)  #: chosen: the pace after a day without success
    batch_entries: int = 256  #: entries of one Append, at most; chosen
    batch_bytes: int = 262_144  #: data bytes of one Append, unless one entry is longer; chosen


#: Heartbeats without an answer after which a leader stops waiting for a follower; chosen.
SILENT_TICKS: Final = 6
#: Who has not answered for so long may be gone, so no change of the group counts on it; chosen:
#: longer than until a refused change is asked for again.
HEARD_NS: Final = seconds(10)
#: Heartbeats without a majority's answers after which a leader gives up; chosen.
LOST_TICKS: Final = 10
#: Appends with entries that may be unanswered by one follower; chosen.
INFLIGHT: Final = 4
#: Heartbeats after which an unanswered snapshot is sent again; chosen.
SNAPSHOT_TICKS: Final = 100
#: Tries at ``backoff_max_ns`` before ``patient_ns`` is used: one day of them.
PATIENT_AFTER: Final = 8_640


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to a member."""

    to: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Make a change durable, then call ``disk_done(token)``; later tokens include earlier ones."""

    token: int
    hard: Hard | None = None
    entries: tuple[Entry, ...] = ()
    rewrite: bool = False  #: the log changed otherwise than by these entries: write all of it
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """Call ``timer()`` once after a time drawn between the two; replaces an earlier Arm."""

    low_ns: int
    high_ns: int


@dataclass(frozen=True, slots=True)
class Disarm:
    """Forget the timer."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """These entries are committed; they follow those delivered before."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RestoreState:
    """A snapshot takes the place of all entries up to its index."""

    index: int
    data: bytes = field(repr=False)
    group: Group


@dataclass(frozen=True, slots=True)
class Readable:
    """These reads are linearizable once everything up to ``index`` is applied."""

    tickets: tuple[int, ...]
    index: int


@dataclass(frozen=True, slots=True)
class SendSnapshot:
    """Send the newest snapshot on disk to a member, as InstallSnapshot of this term."""

    to: str
    term: int


@dataclass(frozen=True, slots=True)
class Led:
    """The leader is this one now; an empty name while none is known."""

    leader: str
    term: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The leader, which was looked for, lives."""

    leader: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Another group is committed: it will hold for ever, or until the next one is."""

    group: Group


@dataclass(frozen=True, slots=True)
class Became:
    """This member plays another role now."""

    role: str
    term: int


Effect = (
    Send
    | Save
    | Arm
    | Disarm
    | Deliver
    | RestoreState
    | Readable
    | SendSnapshot
    | Led
    | Shown
    | Settled
    | Became
)
