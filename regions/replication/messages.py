"""What the members of one replicated log say to each other and to their availability zone.

What does not belong here: what an entry's data means (kms/changes.py), how it lies on disk
(log.py).
Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014), figure 3.1, sections 3.10, 6.4,
9.6; Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage" (FAST'18).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import SINCE, Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Message):
    """One slot of the log; the same index and term mean the same data on every member."""

    index: int  #: from 1, without gaps
    term: int
    data: bytes = field(repr=False)  #: opaque; empty for the entry with which a leader begins
    config: bool = False  #: ``data`` is the group from here on (group.py), and not the AZ's


# ── between members ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class AskVote(Message):
    """A candidate asks for a vote, or with ``pre`` whether it would get one."""

    term: int  #: the term to be led; a ``pre`` question changes no one's term
    last_index: int
    last_term: int
    pre: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote(Message):
    """The answer to AskVote; a granted one is durable before it is sent."""

    term: int  #: the term asked for when granted, else the voter's own
    granted: bool
    pre: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Append(Message):
    """The leader's entries after one that both should hold; empty ones only say that it lives."""

    term: int
    previous_index: int
    previous_term: int
    entries: tuple[Entry, ...] = ()
    commit: int
    round: int = 0  #: 0 asks for no answer to an empty, matching Append; else it is echoed
    sleep: bool = False  #: all is quiet: stop the election timer until something happens


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended(Message):
    """How far a follower's durable log agrees with its leader's."""

    term: int
    ok: bool
    index: int  #: if ok, agreement up to here is durable; else a place to try next
    round: int = 0
    voter: bool = True  #: False while this member may not count in any majority


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSnapshot(Message):
    """State in place of entries that the leader no longer holds; answered with Appended."""

    term: int
    index: int
    last_term: int
    data: bytes = field(repr=False)
    group: bytes  #: the group after ``index``, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Greet(Message):
    """I have just started, or lost track: who is there? Wakes the group."""

    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted(Message):
    """The answer to Greet, with everything a member without memory needs to be safe."""

    nonce: int
    term: int
    voter: bool
    last_index: int = 0  #: where its log ends
    last_term: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Message):
    """Ask a peer for the contents of slots that rotted on this disk."""

    indices: tuple[int, ...]
    terms: tuple[int, ...]  #: same length; a slot of another term is another entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(Message):
    """Those of the wanted slots that the peer holds in good health."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSnapshot(Message):
    """Ask a peer for its newest snapshot, because the own one rotted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCopy(Message):
    """A peer's newest snapshot."""

    index: int
    last_term: int
    data: bytes = field(repr=False)
    group: bytes  #: the group after ``index``, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCommitted(Message):
    """Ask a member for what is committed after an index, by one that finds no leader to follow.

    Answered with CommittedCopy, or with an InstallSnapshot of term 0 if the log begins later.
    """

    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedCopy(Message):
    """Entries that are committed, so that they are the same anywhere, from whoever they come."""

    entries: tuple[Entry, ...]
    commit: int  #: of the sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed(Message):
    """Whoever hears this has left the group for good, whether it knew or not."""

    version: int  #: of the committed group that lists it as gone


# ── between a node and the AZ beside it ──────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(Message):
    """Ask any node to have data replicated; answered with Committed or refused NotCommitted."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed(Message):
    """The data is durable in a majority of the members, at this place of the log for ever."""

    index: int
    term: int  #: 0 for a change of the group that was made so long ago that nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMembers(Message):
    """Ask any node for one change of the group; answered as Propose is.

    A node that is added takes entries from then on; it becomes a voter, without being asked
    again, when it has caught up. What is so already is answered as if it had just been done.
    """

    add: str = ""  #: the node of a new AZ; a name that was a member once is refused
    remove: str = ""  #: or this one leaves for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Message):
    """Ask a node where it stands; answered with Standing, whether there is a leader or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Message):
    """What people need to know before they force a group."""

    term: int
    last_term: int
    last_index: int
    whole: bool  #: no slot has rotted here
    voter: bool  #: it remembers all that it ever promised
    voters: tuple[str, ...]  #: who decides, as far as it knows
    leader: str  #: whom it follows, or itself; empty if nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceGroup(Message):
    """Make this node the only voter of its log, and its leader; answered with Forced.

    For people alone, and only when a majority of the voters has lost its disks for good: whatever
    was acknowledged without this node is given up. The other members are learners from then on
    and become voters again when they have caught up. Refused with NotCommitted.
    """

    term: int  #: later than any that a member is known to be in


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced(Message):
    """The node leads; the entry at this index says so."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBarrier(Message):
    """Ask any node how far to apply before a read is linearizable; answered with ReadAt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAt(Message):
    """Everything acknowledged before the ReadBarrier was asked lies at or below this index."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSnapshot(Message):
    """The AZ's state after applying ``index``; answered with SnapshotSaved once it is durable."""

    index: int
    data: bytes = field(repr=False)
    #: What is older holds something that must be forgotten: the answer waits until it is erased.
    alone: bool = field(default=False, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSaved(Message):
    """The snapshot is durable; entries before the previous one are forgotten."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRotted(Message):
    """No snapshot of this node can be read any more: the AZ, which has it all, saves one anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Message):
    """Replace the AZ's state by this one, unless the AZ has applied ``index`` already."""

    index: int
    data: bytes = field(repr=False)
    group: bytes = b""  #: the group after ``index``, encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(Message):
    """Committed entries in order; those the AZ has applied already are to be skipped."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderChanged(Message):
    """The leader as this node knows it; an empty name while there is none."""

    leader: str
    term: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught(Message):
    """This node has delivered all that its leader had committed; the AZ may serve after it."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach(Message):
    """The AZ has (re)started and wants everything after ``applied``, beginning with Restore."""

    applied: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied(Message):
    """How far the AZ has applied; kept for statistics."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired(Message):
    """This node has left the group for good: the AZ beside it has no log any more."""


class NotCommitted(Refusal):
    """The proposal or read was not done; args are (definite: bool, reason: str).

    ``definite`` means that the data is in no log and never will be: a retry is safe. Otherwise it
    may still be committed later.
    """

    @property
    def definite(self) -> bool:
        """Whether the data surely will never be committed."""
        return bool(self.args[0])


#: Wire ids 100–149.
REPLICATION_FRAMES: Final[dict[int, type[Any]]] = {
    100: Entry,
    101: AskVote,
    102: Vote,
    103: Append,
    104: Appended,
    105: InstallSnapshot,
    106: Greet,
    107: Greeted,
    108: Fetch,
    109: Fetched,
    110: FetchSnapshot,
    111: SnapshotCopy,
    112: Dismissed,
    113: CopyCommitted,
    114: CommittedCopy,
    120: Propose,
    121: Committed,
    122: ReadBarrier,
    123: ReadAt,
    124: SaveSnapshot,
    125: SnapshotSaved,
    126: Restore,
    127: Apply,
    128: LeaderChanged,
    129: Caught,
    130: Attach,
    131: Applied,
    132: ChangeMembers,
    133: Retired,
    134: Survey,
    135: Standing,
    136: ForceGroup,
    137: Forced,
    138: SnapshotRotted,
    140: NotCommitted,
}
