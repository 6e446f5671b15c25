"""One member of a region's replicated log: the actor around the consensus core.

It performs what the core wants done, in order, and hands committed entries to the AZ beside it.
What does not belong here: any rule of consensus (raft.py and its roles), waiting proposals
(wants.py), or how the log lies on disk (storage.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.replication.effects import (
    Arm,
    Became,
    Deliver,
    Disarm,
    Effect,
    Led,
    Options,
    Readable,
    RestoreState,
    Save,
    Send,
    SendSnapshot,
    Settled,
    Shown,
)
from regions.replication.forcing import force, standing
from regions.replication.group import decode_group
from regions.replication.log import Snapshot
from regions.replication.messages import (
    Append,
    Appended,
    Applied,
    Apply,
    AskVote,
    Attach,
    Caught,
    ChangeMembers,
    CommittedCopy,
    CopyCommitted,
    Dismissed,
    Fetch,
    Fetched,
    FetchSnapshot,
    Forced,
    ForceGroup,
    Greet,
    Greeted,
    InstallSnapshot,
    LeaderChanged,
    NotCommitted,
    Propose,
    ReadAt,
    ReadBarrier,
    Restore,
    Retired,
    SaveSnapshot,
    SnapshotCopy,
    SnapshotRotted,
    SnapshotSaved,
    Survey,
    Vote,
)
from regions.replication.raft import Raft
from regions.replication.storage import Storage, until_scrub_ns
from regions.replication.wants import Wants
from sim.actor import Actor, Request
from sim.clock import Timer
from sim.units import days, seconds
from sim.wire import Message, Refusal

#: Entries of one Apply when an AZ is fed from the log again; chosen.
_REPLAY_BATCH: Final = 512
#: Between two scrubs; chosen: twice as often as the 14 d of the durability model, and little enough
#: for a quiet decade.
SCRUB_NS: Final = days(7)
#: Between two tries to catch up while no leader is found; chosen: the pace of such candidates.
_CATCH_UP_NS: Final = seconds(10)

_OF_MEMBERS: Final = frozenset(
    {
        Append,
        Appended,
        AskVote,
        CommittedCopy,
        CopyCommitted,
        Dismissed,
        Fetch,
        Fetched,
        Greet,
        Greeted,
        InstallSnapshot,
        Vote,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """One member's place."""

    peers: tuple[str, ...]  #: names of the founders, this one included; or those that it joins
    az: str  #: the AZ actor beside it
    joins: bool = False  #: it came later: others are asked to take it into their group
    may_sleep: bool = True  #: False keeps a quiet group awake, to compare with
    scrub_ns: int = SCRUB_NS  #: between two comparisons of the whole disk with its checksums
    patience_ns: int = seconds(2)  #: after which a proposal is refused; chosen: four elections


class Node(Actor):
    """A voice in the replicated log, with a disk of its own."""

    kind: ClassVar[str] = "node"
    inline: ClassVar[frozenset[type[Any]]] = _OF_MEMBERS | {
        Applied,
        Attach,
        ChangeMembers,
        FetchSnapshot,
        ForceGroup,
        Propose,
        ReadBarrier,
        SaveSnapshot,
        SnapshotCopy,
        Survey,
    }
    asks: ClassVar[tuple[str, ...]] = ("node",)

    def __init__(self, config: NodeConfig) -> None:
        self._config = config
        self._timer: Timer | None = None
        self._timer_ns = 0  #: when ``_timer`` fires
        self._due_ns: int | None = None  #: when the core wants to be called, maybe later
        self._performing = False
        self._do: dict[type[Effect], Callable[[Any], None]] = {
            Arm: self._arm,
            Became: self._became,
            Deliver: self._deliver,
            Disarm: self._disarm,
            Led: self._led,
            Readable: self._readable,
            RestoreState: self._restore,
            Save: self._save,
            Send: self._send,
            SendSnapshot: self._send_snapshot,
            Settled: self._settled,
            Shown: self._shown,
        }
        self._az_applied = 0
        self._catching: int | None = None  #: to be delivered before the AZ is up to date
        self._behind: Timer | None = None  #: fires when catching up is tried again
        self._replay_from: int | None = None  #: the AZ waits for a snapshot that rotted here

    def start(self) -> None:
        """Read the disk, take part again, and find out how far the others are."""
        config = self._config
        self._rng = self.rng("election")
        self._storage = Storage(self.disk, self._on_disk)
        boot = self._storage.boot()
        for finding in boot.findings:
            self.note("disk", found=finding)
        options = Options(
            name=self.name,
            members=() if config.joins else config.peers,
            seeds=config.peers,
            # A disk that is blank later has lost what was on it.
            new=config.joins and self.newborn,
            may_sleep=config.may_sleep,
        )
        self._raft = Raft(options, boot, self.rng("nonce").randrange(1 << 53))
        self._wants = Wants(self, self._raft, config.patience_ns, options.heartbeat_ns)
        self._raft.start(self.now_ns)
        self._perform()
        self._storage.cleanse()
        self._catch_up()
        self._scrub_later()

    def receive(self, request: Request) -> None:
        """Handle one message; all of them are cheap."""
        body = request.body
        kind = body.__class__
        if kind in _OF_MEMBERS:
            self._raft.receive(self.now_ns, request.sender, body)
        elif kind is Propose:
            if self.disk.short:
                # What room is left belongs to the audit of reads and to what is under way.
                request.refuse(NotCommitted(True, "the disk has little room left"))
                return
            self._wants.add(request.reply, body.data, may_forward=self._local(request))
        elif kind is ReadBarrier:
            self._wants.add(request.reply, None, may_forward=self._local(request))
        elif kind is ChangeMembers:
            self._wants.add(request.reply, body, may_forward=self._local(request))
        elif kind is SaveSnapshot:
            self._save_snapshot(request)
        elif kind is Attach:
            self._attach(body.applied)
        elif kind is Applied:
            self._az_applied = body.index
        elif kind is FetchSnapshot:
            self._copy_snapshot(request.sender)
        else:
            self._in_need(request)
        self._perform()

    def _local(self, request: Request) -> bool:
        """Say whether no other node asks, which would have looked for the leader itself."""
        return request.sender not in self._raft.others

    # Performing what the core wants.

    def _perform(self) -> None:
        if self._performing:
            return  # An effect called back into the node: the loop below sees what it added.
        raft, do = self._raft, self._do
        self._performing = True
        while raft.out:
            effects, raft.out = raft.out, []
            for effect in effects:
                do[effect.__class__](effect)
        self._performing = False
        if self._catching is not None and raft.delivered >= self._catching:
            index, self._catching = self._catching, None
            # What must be forgotten is erased before the AZ serves.
            self._storage.settle(lambda: self.send(self._config.az, Caught(index=index)))

    def _save(self, effect: Save) -> None:
        self._storage.persist(
            effect.token,
            hard=effect.hard,
            entries=effect.entries,
            rewrite=effect.rewrite,
            snapshot=effect.snapshot,
        )

    def _send(self, effect: Send) -> None:
        self.send(effect.to, effect.message)

    def _deliver(self, effect: Deliver) -> None:
        self.send(self._config.az, Apply(entries=effect.entries))
        self._wants.committed(effect.entries)

    def _restore(self, effect: RestoreState) -> None:
        group = effect.group.encode()
        self.send(self._config.az, Restore(index=effect.index, data=effect.data, group=group))
        self._wants.restored(effect.index)

    def _readable(self, effect: Readable) -> None:
        self._wants.readable(effect.tickets, effect.index)

    def _led(self, effect: Led) -> None:
        self.note("leader", leader=effect.leader, term=effect.term)
        self.send(self._config.az, LeaderChanged(leader=effect.leader, term=effect.term))
        self._wants.led_by(effect.leader)
        if effect.leader and self._behind is not None:
            self._catch_up()

    def _shown(self, effect: Shown) -> None:
        self._wants.led_by(effect.leader)

    def _settled(self, effect: Settled) -> None:
        group = effect.group
        voters, learners = ",".join(group.voters), ",".join(group.learners)
        self.note("members", version=group.version, voters=voters, learners=learners)

    def _became(self, effect: Became) -> None:
        self.note("role", role=effect.role, term=effect.term)
        if effect.role == "retired":
            self.send(self._config.az, Retired())

    def _disarm(self, _: Disarm) -> None:
        self._due_ns = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, effect: Arm) -> None:
        span = effect.high_ns - effect.low_ns
        wait_ns = effect.low_ns + (int(self._rng.random() * span) if span else 0)
        self._due_ns = due_ns = self.now_ns + wait_ns
        if self._timer is not None:
            if self._timer_ns <= due_ns:
                return  # It fires early and looks again: cheaper than a new one for each message.
            self._timer.cancel()
        self._timer, self._timer_ns = self.after(wait_ns, self._fire), due_ns

    def _on_disk(self, token: int) -> None:
        self._raft.disk_done(self.now_ns, token)
        self._perform()

    def _fire(self) -> None:
        self._timer = None
        due_ns, now = self._due_ns, self.now_ns
        if due_ns is None:
            return
        if now < due_ns:
            self._timer, self._timer_ns = self.after(due_ns - now, self._fire), due_ns
            return
        self._due_ns = None
        self._raft.timer(now)
        self._perform()

    def later(self, duration_ns: int, fn: Callable[..., None], *args: Any) -> None:
        """Call a function after that long, and do what the core wants then."""
        self.after(duration_ns, self._run_later, fn, args)

    def _run_later(self, fn: Callable[..., None], args: tuple[Any, ...]) -> None:
        fn(*args)
        self._perform()

    # The AZ beside it.

    def _attach(self, applied: int) -> None:
        """Feed an AZ that has started: state, entries, leader, and when it may serve."""
        raft = self._raft
        if raft.role.name == "retired":
            self.send(self._config.az, Retired())
            return
        start = applied
        if applied < raft.entries.base_index or applied == 0:
            snapshot = self._storage.newest_snapshot()
            if snapshot is not None and snapshot.index > applied:
                group = self._group_of(snapshot)
                restore = Restore(index=snapshot.index, data=snapshot.data, group=group)
                self.send(self._config.az, restore)
                start = snapshot.index
        self._replay_from = None
        if start < raft.entries.base_index:
            self._replay_from = applied
            self._fetch_snapshot()
            return
        for first in range(start + 1, raft.delivered + 1, _REPLAY_BATCH):
            last = min(first + _REPLAY_BATCH - 1, raft.delivered)
            self.send(self._config.az, Apply(entries=raft.entries.slice(first, last)))
        self.send(self._config.az, LeaderChanged(leader=raft.leader, term=raft.term))
        self._catch_up()

    def _catch_up(self) -> None:
        """Read like any client, and tell the AZ when all that was acknowledged is delivered."""
        if self._behind is not None:
            self._behind.cancel()
            self._behind = None

        def then(answer: Message | Refusal) -> None:
            if isinstance(answer, ReadAt):
                self._catching = max(self._catching or 0, answer.index)
                self._perform()
            elif self._behind is None:
                # A new leader is the usual reason to try again; the timer is for lost messages.
                self._behind = self.after(_CATCH_UP_NS, self._catch_up)

        self._wants.add(then, None, may_forward=True)
        self._perform()

    def _save_snapshot(self, request: Request) -> None:
        index, data = request.body.index, request.body.data
        raft, storage = self._raft, self._storage
        if storage.snapshots and index <= storage.snapshots[-1] and not request.body.alone:
            request.reply(SnapshotSaved(index=index))
            return
        term = raft.entries.term_at(index) if index <= raft.delivered else None
        if term is None:
            request.refuse(NotCommitted(True, f"entry {index} is not known here"))
            return

        alone = request.body.alone

        def saved() -> None:
            if alone or len(storage.snapshots) > 1:
                raft.compact(min(storage.snapshots[0], raft.delivered))
                self._perform()
            if alone:
                storage.settle(lambda: request.reply(SnapshotSaved(index=index)))
            else:
                request.reply(SnapshotSaved(index=index))

        group = raft.entries.group_at(index)
        snapshot = Snapshot(index=index, term=term, data=data, group=group)
        storage.save_snapshot(snapshot, saved, alone=alone)

    # Snapshots of and for other members.

    def _group_of(self, snapshot: Snapshot) -> bytes:
        """Return the group that a snapshot stands for; the first format does not say it."""
        group = snapshot.group
        return (group if group.voters else self._raft.entries.group_at(snapshot.index)).encode()

    def _send_snapshot(self, effect: SendSnapshot) -> None:
        found = self._storage.newest_snapshot()
        if found is None:
            self._renew_snapshot()  # The core asks for it again after a while.
        else:
            message = InstallSnapshot(
                term=effect.term,
                index=found.index,
                last_term=found.term,
                data=found.data,
                group=self._group_of(found),
            )
            self.send(effect.to, message)

    def _copy_snapshot(self, to: str) -> None:
        found = self._storage.newest_snapshot()
        if found is None:
            self._renew_snapshot()
        else:
            message = SnapshotCopy(
                index=found.index,
                last_term=found.term,
                data=found.data,
                group=self._group_of(found),
            )
            self.send(to, message)

    def _renew_snapshot(self) -> None:
        """Have the AZ save what it has, if the log does not go back to its beginning."""
        if self._lacks_snapshot():
            self.send(self._config.az, SnapshotRotted())

    def _fetch_snapshot(self) -> None:
        for peer in self._raft.others:
            self.send(peer, FetchSnapshot())

    def _take_copy(self, copy: SnapshotCopy) -> None:
        """Keep a peer's snapshot in place of a rotted one; committed state is the same anywhere."""
        raft, storage = self._raft, self._storage
        known = copy.index <= raft.delivered  # Else it is true, but this member cannot know yet.
        same = known and raft.entries.term_at(copy.index) == copy.last_term
        if not same or not self._lacks_snapshot():
            return

        def saved() -> None:
            self.note("disk", repaired=f"snapshot {copy.index}")
            if self._replay_from is not None:
                self._attach(self._replay_from)
                self._perform()

        snapshot = Snapshot(
            index=copy.index,
            term=copy.last_term,
            data=copy.data,
            group=decode_group(copy.group),
        )
        storage.save_snapshot(snapshot, saved)

    def _lacks_snapshot(self) -> bool:
        base = self._raft.entries.base_index
        return base > 0 and not any(index >= base for index in self._storage.snapshots)

    def _scrub_later(self) -> None:
        """Scrub at times that no restart moves, and no two nodes at once."""
        wait_ns = until_scrub_ns(self.name, self.calendar_ns, self._config.scrub_ns)
        self.after(wait_ns, self._scrub)

    def _scrub(self) -> None:
        """Compare the disk with its checksums, mend it from memory or from the others."""
        self._scrub_later()
        found = self._storage.scrub()
        for what, bad in (("log", found.log), ("term and vote", found.state)):
            if bad:
                self.note("disk", found=f"{what} rotted", mended="from memory")
        for index in found.snapshots:
            self.note("disk", found=f"snapshot {index} rotted")
        if self._lacks_snapshot():
            self._renew_snapshot()
            self._fetch_snapshot()
        self._perform()

    def _in_need(self, request: Request) -> None:
        """Take a copy of a lost snapshot, or answer people after the loss of a majority."""
        raft, body = self._raft, request.body
        if isinstance(body, SnapshotCopy):
            self._take_copy(body)
            return
        if isinstance(body, Survey):
            request.reply(standing(raft))
            return
        found = force(raft, self.now_ns, body.term)
        if isinstance(found, str):
            request.refuse(NotCommitted(True, found))
        else:
            self.note("forced", index=found, term=body.term)
            request.reply(Forced(index=found))

    def statistics(self) -> dict[str, Any]:
        """Return where this member stands."""
        raft = self._raft
        return {
            "role": raft.role.name,
            "term": raft.term,
            "leader": raft.leader,
            "last_index": raft.entries.last_index,
            "commit": raft.commit,
            "delivered": raft.delivered,
            "az_applied": self._az_applied,
            "log_entries": len(raft.entries),
            "waiting": len(self._wants),
            "asleep": raft.asleep,
        }
