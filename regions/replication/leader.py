"""Lead: replicate, commit, confirm reads, change the group, notice silence, fall asleep.

What does not belong here: how one becomes a leader (election.py), and what a group is (group.py).
Source: Ongaro (2014), sections 3.5, 3.6.2, 6.4 (reads), 6.4.1 (leases), 6.2 (a leader without
majority steps down), 10.2.1 (the leader writes its disk while the followers write theirs), 4.1–4.2
(single-server changes; catching up in rounds), and Ongaro, "bug in single-server membership
changes", raft-dev, 10 July 2015: no change before an entry of the leader's own term is committed.
"""

from typing import ClassVar

from regions.replication.effects import (
    HEARD_NS,
    INFLIGHT,
    LOST_TICKS,
    SILENT_TICKS,
    SNAPSHOT_TICKS,
    Readable,
    SendSnapshot,
)
from regions.replication.group import Group
from regions.replication.messages import (
    Append,
    Appended,
    AskVote,
    ChangeMembers,
    Entry,
    InstallSnapshot,
    Vote,
)
from regions.replication.raft import Raft
from regions.replication.role import Role


class Progress:
    """What the leader knows of one follower: 0 <= match < next."""

    __slots__ = (
        "heard_ns",
        "inflight",
        "listed",
        "match",
        "next",
        "round_end",
        "round_ns",
        "snapshot",
        "unanswered",
        "voter",
    )

    def __init__(self, following: int, *, listed: bool, now_ns: int) -> None:
        self.next = following  #: the next entry to send
        self.match = 0  #: agreement up to here is durable
        self.inflight = 0  #: Appends with entries that are not answered
        self.unanswered = 0  #: heartbeats since its last answer
        self.heard_ns = -HEARD_NS  #: when that was
        self.snapshot = 0  #: heartbeats to wait for a snapshot that is on its way
        self.voter = True  #: it remembers everything
        self.listed = listed  #: it counts, says the group
        self.round_end = following - 1  #: a learner's round is over when it holds this entry
        self.round_ns = now_ns  #: and that round began then

    def learn(self, message: Appended, base_index: int, now_ns: int) -> None:
        """Take note of an answer: how far it agrees, or where to try next."""
        self.unanswered, self.heard_ns = 0, now_ns
        self.voter = message.voter
        if message.ok:
            if message.index > self.match:
                self.match = message.index
                self.inflight -= self.inflight > 0
                self.next = max(self.next, message.index + 1)
                if self.match >= base_index:
                    self.snapshot = 0
        elif not self.snapshot:
            self.match = min(self.match, message.index)
            self.next = message.index + 1
            self.inflight = 0


class Leader(Role):
    """The one member of a term that may append entries of its own."""

    name: ClassVar[str] = "leader"

    def __init__(self, raft: Raft) -> None:
        super().__init__(raft)
        self._peers: dict[str, Progress] = {}
        self._meet_peers()
        self._active = True  #: something was proposed or read since the last heartbeat
        self._probes = 0  #: heartbeats to silent followers while asleep
        self._round = 1
        self._waiting: list[int] = []  #: reads that the next round will confirm
        self._open: tuple[int, ...] = ()  #: reads that the present round confirms
        self._open_index = 0
        self._confirmed: dict[str, bool] = {}
        self._begun_ns = 0  #: when the present round began
        self._leased_until_ns = 0  #: before then no other member can have been elected
        self._own_term = False  #: an entry of this term is committed, so the commit index is true

    def enter(self) -> None:
        """Begin the term with an entry of its own, which commits all that stands before it."""
        self.raft.attempts = 0
        self.raft.set_leader(self.raft.name)
        self._arm()
        self.propose(b"")

    def _arm(self) -> None:
        heartbeat_ns = self.raft.options.heartbeat_ns
        self.raft.arm(heartbeat_ns, heartbeat_ns)

    # Replicating.

    def propose(self, data: bytes) -> int | None:
        """Append data, send it at once, write it meanwhile."""
        return self._append(data, config=False)

    def _append(self, data: bytes, *, config: bool) -> int:
        raft = self.raft
        self._stir()
        entry = Entry(index=raft.entries.last_index + 1, term=raft.term, data=data, config=config)
        raft.entries.append(entry)
        if config:
            raft.regroup()
        raft.save(entries=(entry,))
        for peer, progress in self._peers.items():
            self._feed(peer, progress)
        return entry.index

    def _feed(self, peer: str, progress: Progress) -> None:
        """Send what the follower lacks, as far as the window allows."""
        raft = self.raft
        entries, options = raft.entries, raft.options
        while (
            progress.next <= entries.last_index
            and progress.inflight < INFLIGHT
            and not progress.snapshot
        ):
            previous = progress.next - 1
            if previous < entries.base_index:
                progress.snapshot = SNAPSHOT_TICKS
                raft.out.append(SendSnapshot(peer, raft.term))
                return
            batch = entries.batch(progress.next, options.batch_entries, options.batch_bytes)
            term = entries.term_at(previous)
            assert term is not None, f"entry {previous} is not held"
            raft.send(
                peer,
                Append(
                    term=raft.term,
                    previous_index=previous,
                    previous_term=term,
                    entries=batch,
                    commit=raft.commit,
                ),
            )
            progress.next += len(batch)
            progress.inflight += 1

    def _beat(self, peer: str, progress: Progress, *, answer: bool, sleep: bool = False) -> None:
        """Send an empty Append at the place where the follower should stand."""
        raft = self.raft
        previous = max(progress.next - 1, raft.entries.base_index)
        term = raft.entries.term_at(previous)
        assert term is not None, f"entry {previous} is not held"
        message = Append(
            term=raft.term,
            previous_index=previous,
            previous_term=term,
            commit=raft.commit,
            round=self._round if answer else 0,
            sleep=sleep,
        )
        raft.send(peer, message)

    def on_appended(self, sender: str, message: Appended) -> None:
        """Learn where a follower stands; commit and send on."""
        raft = self.raft
        if message.term != raft.term:
            super().on_appended(sender, message)
            return
        progress = self._peers.get(sender)
        if progress is None:
            return
        was_settled = progress.match == raft.entries.last_index
        progress.learn(message, raft.entries.base_index, raft.now_ns)
        if raft.asleep and not (was_settled and message.ok):
            self._probes = 0
            self.wake()
        if message.round:
            # It followed all answers to earlier Appends, so whatever is missing was lost.
            progress.inflight = 0
            if message.round == self._round and self._open and message.voter:
                self._confirmed[sender] = True
                self._confirm()
        self._commit()
        if raft.role is not self:
            return
        if not progress.listed:
            self._consider(sender, progress)
        if progress.next <= raft.entries.last_index:
            self._feed(sender, progress)

    def on_durable(self, token: int) -> None:  # noqa: ARG002 - any progress may commit
        """The leader's own disk counts as one member's."""
        self._commit()

    def _commit(self) -> None:
        """Commit what a majority holds, if it is of this term (Ongaro, 3.6.2)."""
        raft = self.raft
        held = [p.match if p.voter else 0 for p in self._peers.values() if p.listed]
        if raft.counted:
            held.append(raft.durable)
        held.sort(reverse=True)
        index = held[raft.majority - 1]
        if index <= raft.commit or raft.entries.term_at(index) != raft.term:
            return
        raft.advance(index)
        if raft.role is not self:
            return
        for peer, progress in self._peers.items():
            if progress.next > raft.entries.last_index:
                self._beat(peer, progress, answer=False)
        if not self._own_term:
            self._own_term = True
            self._begin_round()

    # The group.

    def change(self, wanted: ChangeMembers) -> int | str:
        """Append the group as it is wanted: one change at a time, the last one committed."""
        since, group = self.raft.entries.groups[-1]
        changed = group.changed(add=wanted.add, remove=wanted.remove)
        if isinstance(changed, str):
            return changed
        if changed is group:
            return since
        if not self._may_change():
            what = "another change" if self._own_term else "an entry of its own term"
            return f"{what} is not committed yet"
        if not self._works(changed):
            if self.raft.asleep:
                self.wake()
            return "too few of those who would stay have answered lately"
        return self._append(changed.encode(), config=True)

    def _may_change(self) -> bool:
        """Say whether majorities of the group in force and the next one will overlap with all."""
        return self._own_term and self.raft.entries.groups[-1][0] <= self.raft.commit

    def _works(self, group: Group) -> bool:
        """Say whether a majority of a group answers now: a change must not be its own trap.

        Source: etcd's ``strict-reconfig-check``.
        """
        count = int(self.raft.name in group.voters)
        for peer, progress in self._peers.items():
            heard = self.raft.now_ns - progress.heard_ns < HEARD_NS
            answers = heard and progress.voter and progress.unanswered < SILENT_TICKS
            count += peer in group.voters and answers
        return count >= group.majority

    def on_group(self) -> None:
        """Send to who is new at once; to who leaves until that is committed."""
        self._meet_peers()

    def _meet_peers(self) -> None:
        raft = self.raft
        group: Group = raft.group
        for peer in raft.others:
            if peer not in self._peers:
                following = raft.entries.last_index + 1
                self._peers[peer] = Progress(following, listed=False, now_ns=raft.now_ns)
        for peer, progress in self._peers.items():
            progress.listed = peer in group.voters

    def _admitting(self) -> bool:
        """Say whether a learner may still become a voter without anything else happening."""
        learners = (self._peers[name] for name in self.raft.group.learners)
        return any(p.voter and p.unanswered < SILENT_TICKS for p in learners)

    def _consider(self, peer: str, progress: Progress) -> None:
        """Make a learner a voter once a round of catching up was as short as one patience."""
        raft = self.raft
        if progress.match < progress.round_end or peer not in raft.group.learners:
            return
        quick = raft.now_ns - progress.round_ns < raft.options.election_low_ns
        if quick and progress.voter and progress.match and self._may_change():
            group = raft.group.promoted(peer)
            if self._works(group):
                self._append(group.encode(), config=True)
                return
        progress.round_end, progress.round_ns = raft.entries.last_index, raft.now_ns

    def on_settled(self) -> None:
        """Tell everybody, let go of who has left, and go if it is this member itself."""
        raft = self.raft
        for peer in [peer for peer in self._peers if peer not in raft.others]:
            self._beat(peer, self._peers.pop(peer), answer=False)
        if raft.name in raft.settled.gone:
            for peer, progress in self._peers.items():
                self._beat(peer, progress, answer=False)
        super().on_settled()

    # Reading.

    def read(self, ticket: int) -> bool:
        """Allow the read once a majority's answers, maybe of just now, say that nobody else leads.

        Whoever has answered a round is loyal for longer than the lease that it gives.
        """
        self._stir()
        if self.raft.now_ns < self._leased_until_ns:
            self.raft.out.append(Readable((ticket,), self.raft.commit))
            return True
        self._waiting.append(ticket)
        self._begin_round()
        return True

    def _begin_round(self) -> None:
        raft = self.raft
        if self._open or not self._waiting or not self._own_term:
            return
        self._open, self._waiting = tuple(self._waiting), []
        self._open_index = raft.commit
        self._confirmed = {raft.name: True} if raft.counted else {}
        self._round += 1
        self._begun_ns = raft.now_ns
        for peer, progress in self._peers.items():
            self._beat(peer, progress, answer=True)
        self._confirm()

    def _confirm(self) -> None:
        confirmed = [name for name in self.raft.group.voters if name in self._confirmed]
        if len(confirmed) >= self.raft.majority:
            self._leased_until_ns = self._begun_ns + self.raft.options.lease_ns
            self.raft.out.append(Readable(self._open, self._open_index))
            self._open = ()
            self._begin_round()

    # Heartbeats and sleep.

    def on_timer(self) -> None:
        """Beat, or give up, or fall asleep."""
        raft = self.raft
        if raft.asleep:
            self._probe()
            return
        peers = self._peers.values()
        hearing = [p for p in peers if p.listed and p.voter and p.unanswered < LOST_TICKS]
        if len(hearing) + raft.counted < raft.majority:
            raft.follow(raft.term, "")
            return
        for peer in raft.group.learners:
            self._consider(peer, self._peers[peer])
        if self._quiet():
            self._sleep()
            return
        settled = self._settled()
        self._active = False
        self._arm()
        if settled:
            return  # The entries themselves were the heartbeat.
        for peer, progress in self._peers.items():
            progress.unanswered += 1
            progress.snapshot -= progress.snapshot > 0
            self._beat(peer, progress, answer=True)

    def _settled(self) -> bool:
        """Say whether everybody holds and knows everything."""
        last = self.raft.entries.last_index
        return not self._pending() and all(p.match == last for p in self._peers.values())

    def _pending(self) -> bool:
        raft = self.raft
        last = raft.entries.last_index
        return bool(raft.commit < last or raft.durable < last or self._open or self._waiting)

    def _quiet(self) -> bool:
        """Say whether nothing is left to do for anybody who answers."""
        last = self.raft.entries.last_index
        return (
            self.raft.options.may_sleep
            and not self._active
            and not self._pending()
            and not self._admitting()
            and all(p.match == last or p.unanswered >= SILENT_TICKS for p in self._peers.values())
        )

    def _sleep(self) -> None:
        raft = self.raft
        last = raft.entries.last_index
        silent = False
        for peer, progress in self._peers.items():
            if progress.match == last:
                self._beat(peer, progress, answer=False, sleep=True)
            else:
                silent = True
        raft.fall_asleep()
        if silent:
            self._arm_probe()

    def _arm_probe(self) -> None:
        """A silent follower does not tell when its link heals: look after it, ever more rarely."""
        self.raft.arm_backoff(self._probes)
        self._probes += 1

    def _probe(self) -> None:
        last = self.raft.entries.last_index
        for peer, progress in self._peers.items():
            if progress.match != last:
                progress.snapshot -= progress.snapshot > 0
                self._beat(peer, progress, answer=True)
        self._arm_probe()

    def _stir(self) -> None:
        """Note activity; a sleeping leader begins its heartbeats again."""
        self._active = True
        if self.raft.asleep:
            self.raft.asleep = False
            for progress in self._peers.values():
                progress.unanswered = 0
            self._arm()

    def wake(self) -> None:
        """Show everybody that this leader lives."""
        self._stir()
        for peer, progress in self._peers.items():
            self._beat(peer, progress, answer=True)

    # What others want.

    def on_greet(self, sender: str) -> None:
        """A follower starts: nothing is known of its disk any more."""
        progress = self._peers.get(sender)
        if progress is None:
            return  # It was removed: it hears so when that is committed.
        progress.match = progress.inflight = progress.snapshot = progress.unanswered = 0
        progress.next = self.raft.entries.last_index + 1
        self._probes = 0
        if self.raft.asleep:
            self.wake()
        else:
            self._active = True
            self._beat(sender, progress, answer=True)

    def on_ask_vote(self, sender: str, message: AskVote) -> None:
        """Show the asker that there is a leader; a later term ends this one."""
        raft = self.raft
        if message.pre or message.term <= raft.term:
            raft.send(sender, Vote(term=raft.term, granted=False, pre=message.pre))
            if raft.asleep:
                self.wake()
            elif sender in self._peers:
                self._beat(sender, self._peers[sender], answer=True)
            return
        raft.follow(message.term, "")
        raft.role.on_ask_vote(sender, message)

    def on_append(self, sender: str, message: Append) -> None:
        """Give way to the leader of a later term; refuse one of an earlier term."""
        self._meet(sender, message)

    def on_install(self, sender: str, message: InstallSnapshot) -> None:
        """Give way to the leader of a later term; refuse one of an earlier term."""
        self._meet(sender, message)

    def _meet(self, sender: str, message: Append | InstallSnapshot) -> None:
        raft = self.raft
        assert message.term != raft.term, f"{sender} and {raft.name} both lead term {raft.term}"
        if message.term < raft.term:
            raft.send(sender, Appended(term=raft.term, ok=False, index=0))
            return
        raft.follow(message.term, sender)
        if isinstance(message, Append):
            raft.role.on_append(sender, message)
        else:
            raft.role.on_install(sender, message)

    def statistics(self) -> dict[str, int]:
        """Return how far each follower agrees."""
        return {peer: progress.match for peer, progress in self._peers.items()}
