"""The consensus core of one member, without clock, dice, network or disk.

Each public method of Raft is one input; what it wants done gathers as values in ``out``. Members
vote, replicate, compact, read and change their group as Raft does; a quiet group falls asleep
without any timer and wakes at the first proposal, read, restart or message. The group in force is
the newest one in the log, committed or not; whoever has left a committed one is told so and ends.
What does not belong here: what each role does (follower.py, election.py, leader.py), how the
effects are performed (node.py). All fields that more than one role changes live in this file.
Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014); recovery of damaged members:
Alagappan et al. (FAST'18).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from regions.replication import copying
from regions.replication.caution import Caution
from regions.replication.effects import (
    PATIENT_AFTER,
    Arm,
    Became,
    Deliver,
    Disarm,
    Effect,
    Led,
    Options,
    RestoreState,
    Save,
    Send,
    Settled,
)
from regions.replication.group import Group
from regions.replication.log import Hard, Snapshot
from regions.replication.messages import (
    Append,
    Appended,
    AskVote,
    ChangeMembers,
    Dismissed,
    Entry,
    Fetch,
    Fetched,
    Greet,
    Greeted,
    InstallSnapshot,
    Vote,
)
from regions.replication.storage import Boot
from sim.wire import Message

if TYPE_CHECKING:
    from regions.replication.role import Role

#: A vote that was cast for nobody knows whom: no one gets it in this term.
LOST_VOTE: Final = "?"


class _Saving:
    """One change that is not durable yet, and what waits for it."""

    __slots__ = ("last", "sends", "term", "token")

    def __init__(self, token: int, last: int, term: int, sends: list[Send]) -> None:
        self.token = token
        self.last = last  #: entries up to here are durable with it
        self.term = term
        self.sends = sends


class Raft:
    """One member.

    Args:
      options: its name, its group, its timing.
      boot: what its disk said.
      nonce: different at each start, so that answers to an earlier life do not count.
    """

    def __init__(self, options: Options, boot: Boot, nonce: int) -> None:
        from regions.replication.election import Learner  # noqa: PLC0415 - roles build on this
        from regions.replication.follower import Follower  # noqa: PLC0415 - the same

        self.options = options
        self.name = options.name
        self.nonce = nonce
        self.blank = boot.blank  #: nothing was ever written here, or the disk was replaced
        self._boot: Boot | None = boot
        self.term = boot.hard.term
        self.vote = boot.hard.vote
        #: It remembers all it ever promised, so it may count where the group counts it.
        self.voter = boot.hard.voter or (options.new and boot.blank)
        self.entries = boot.entries
        self.commit = boot.hard.commit
        self.delivered = boot.snapshot.index if boot.snapshot else 0
        known = boot.snapshot.group if boot.snapshot else Group()
        self.entries.know_group(self.delivered, known if known.voters else Group(options.members))
        self._in_force()
        self.settled = self.entries.group_at(self.delivered)  #: the newest group delivered
        self.durable = self.entries.first_hole() - 1  #: 0 <= durable <= last index
        self.caution = Caution()
        self.leader = ""
        self.asleep = False
        self.attempts = 0  #: fruitless elections or greetings since the last success
        self.now_ns = 0
        self.heard_ns = 0  #: when the leader last showed itself
        self.loyal_to = ""  #: whom this member has answered last as a leader
        self.loyal_until_ns = 0  #: until then it elects nobody else: that leader may have a lease
        self.looking = False  #: somebody waits for a Shown
        self.out: list[Effect] = []
        self._token = 0
        self._saving: deque[_Saving] = deque()
        self._marked = (boot.hard.proof, boot.hard.commit)
        self.role: Role = Follower(self) if self.voter else Learner(self)

    # Inputs.

    def start(self, now_ns: int) -> None:
        """Begin: restore what the disk holds, greet the others."""
        self.now_ns = now_ns
        boot, self._boot = self._boot, None  # A snapshot may be large: nobody needs it twice.
        assert boot is not None, f"{self.name} has started before"
        self.caution.begin(now_ns)
        if self.term:
            self.loyal_until_ns = now_ns + self.options.loyal_ns  # To whom is forgotten.
        if (kept := boot.snapshot) is not None:
            self.out.append(RestoreState(kept.index, kept.data, self.settled))
        self.deliver()
        if boot.findings or (self.options.new and boot.blank):
            self.save(hard=True)
        if self.name in self.settled.gone:
            self.retire()
            return
        self.greet()
        self.fetch_holes()
        self.role.enter()

    def receive(self, now_ns: int, sender: str, message: Message) -> None:
        """Take one message of another node.

        It may belong to a newer group than this member knows of, so strangers are heard; but not
        who has left: such a one is told.
        """
        self.now_ns = now_ns
        if self.settled.gone and sender in self.settled.gone:
            self.send(sender, Dismissed(version=self.settled.version))
            return
        kind = message.__class__
        if kind is Append:
            assert isinstance(message, Append)
            self.role.on_append(sender, message)
        elif kind is Appended:
            assert isinstance(message, Appended)
            self.role.on_appended(sender, message)
        elif self.role.name != "retired":
            self._receive_rare(sender, message)

    def _receive_rare(self, sender: str, message: Message) -> None:
        role = self.role
        if isinstance(message, AskVote):
            role.on_ask_vote(sender, message)
        elif isinstance(message, Vote):
            role.on_vote(sender, message)
        elif isinstance(message, InstallSnapshot):
            role.on_install(sender, message)
        elif isinstance(message, Greet):
            self._greet_back(sender, message)
            if sender in self.others:
                role.on_greet(sender)
        elif isinstance(message, Greeted):
            if message.nonce == self.nonce:
                last = (message.last_term, message.last_index)
                self.caution.heard(sender, message.term, last)
                role.on_greeted(sender, message)
        elif isinstance(message, Dismissed):
            self.retire()
        else:
            self._receive_copies(sender, message)

    def _receive_copies(self, sender: str, message: Message) -> None:
        if isinstance(message, Fetch):
            self._on_fetch(sender, message)
        elif isinstance(message, Fetched):
            self._on_fetched(message)
        else:
            copying.receive(self, sender, message)

    def timer(self, now_ns: int) -> None:
        """The time of the last Arm has come."""
        self.now_ns = now_ns
        self.role.on_timer()

    def disk_done(self, now_ns: int, token: int) -> None:
        """Everything saved up to ``token`` is durable."""
        self.now_ns = now_ns
        saving = self._saving
        while saving and saving[0].token <= token:
            done = saving.popleft()
            self.durable = done.last
            # An answer for an older term would promise entries that may be gone meanwhile.
            if done.term == self.term:
                self.out.extend(done.sends)
        self.role.on_durable(token)

    def propose(self, now_ns: int, data: bytes) -> int | None:
        """Append data to the log and return its index; None if this member does not lead."""
        self.now_ns = now_ns
        return self.role.propose(data)

    def change(self, now_ns: int, wanted: ChangeMembers) -> int | str | None:
        """Append another group to the log.

        Returns:
          the index that has to be committed for the change to hold; None if this member does not
          lead; or a text, if it leads and cannot do that now.
        """
        self.now_ns = now_ns
        return self.role.change(wanted)

    def read(self, now_ns: int, ticket: int) -> bool:
        """Ask for a Readable with this ticket; False if this member does not lead."""
        self.now_ns = now_ns
        return self.role.read(ticket)

    def wake(self, now_ns: int) -> None:
        """Something is about to be asked of the group."""
        self.now_ns = now_ns
        if self.asleep:
            self.role.wake()

    def look_for_leader(self, now_ns: int) -> str:
        """Return the leader if it has shown itself just now; else look for it.

        A sleeping group does not notice that its leader died, and what is sent to the dead has
        an unknown fate. So the leader is greeted first; Shown or Led tell when there is one.
        """
        self.now_ns = now_ns
        if self.leader and not self.asleep and self.leader_alive(""):
            return self.leader
        self.wake(now_ns)
        if self.leader and not self.looking:
            self.send(self.leader, Greet(nonce=self.nonce))
        self.looking = True
        return ""

    def compact(self, upto: int) -> None:
        """Forget entries up to ``upto``, which at least one durable snapshot covers."""
        assert upto <= self.delivered, f"entry {upto} is not delivered"
        if upto > self.entries.base_index:
            self.entries.compact(upto)
            self.save(rewrite=True)

    # The group.

    def _in_force(self) -> None:
        """Count by the newest group of the log."""
        group = self.group = self.entries.group
        self.majority = group.majority
        self.counted = self.name in group.voters  #: its own vote and disk count
        members = group.members or self.options.seeds
        self.others = tuple(sorted(m for m in members if m != self.name))

    def regroup(self) -> None:
        """Count by another group, if one was appended or cut off."""
        if self.entries.group is not self.group:
            self._in_force()
            self.role.on_group()

    @property
    def may_stand(self) -> bool:
        """Whether this member may lead: a removal counts against it only once it is committed.

        A leader that had to leave may be the only one that holds the entry that says so.
        """
        return self.counted or self.name in self.entries.group_at(self.commit).voters

    def in_doubt(self) -> tuple[Group, ...]:
        """Return every group that may decide something: the committed one and those after it."""
        groups = self.entries.groups
        return tuple(
            group
            for place, (_, group) in enumerate(groups)
            if place + 1 == len(groups) or groups[place + 1][0] > self.commit
        )

    def retire(self) -> None:
        """Leave for good."""
        from regions.replication.retired import Retired  # noqa: PLC0415 - roles build on this

        if self.role.__class__ is not Retired:
            self.set_leader("")
            self.fall_asleep()
            self.become(Retired(self))

    # What roles share.

    def send(self, to: str, message: Message) -> None:
        """Send at once."""
        self.out.append(Send(to, message))

    def greet(self) -> None:
        """Ask everyone who is there."""
        for peer in self.others:
            self.send(peer, Greet(nonce=self.nonce))

    def _greet_back(self, sender: str, message: Greet) -> None:
        entries = self.entries
        answer = Greeted(
            nonce=message.nonce,
            term=self.term,
            voter=self.voter,
            last_index=entries.last_index,
            last_term=entries.last_term,
        )
        self.send(sender, answer)

    def may_elect(self, term: int, last: tuple[int, int]) -> bool:
        """Say whether a log is good enough for all that this member may have forgotten."""
        voters = tuple(name for name in self.group.voters if name != self.name)
        return self.caution.allows(self.now_ns, voters, term, last)

    def fetch_holes(self) -> None:
        """Ask everyone for the data of rotted slots."""
        holes = sorted(self.entries.holes.items())[: self.options.batch_entries]
        if holes:
            indices, terms = tuple(i for i, _ in holes), tuple(t for _, t in holes)
            for peer in self.others:
                self.send(peer, Fetch(indices=indices, terms=terms))

    def save(
        self,
        *,
        hard: bool = False,
        entries: tuple[Entry, ...] = (),
        rewrite: bool = False,
        snapshot: Snapshot | None = None,
        then: Send | None = None,
    ) -> int:
        """Make a change durable; ``then`` is sent when it is, if the term is still the same."""
        self._token += 1
        last = self.entries.first_hole() - 1
        sends = [] if then is None else [then]
        self._saving.append(_Saving(self._token, last, self.term, sends))
        state = None
        if hard or (rewrite and self._marked[0] > self.entries.last_index):
            # The proof must never point behind the end of a log that was cut on purpose.
            self._marked = (min(self.durable, last), self.commit)
            proof, commit = self._marked
            state = Hard(
                term=self.term, vote=self.vote, voter=self.voter, proof=proof, commit=commit
            )
        self.out.append(
            Save(token=self._token, hard=state, entries=entries, rewrite=rewrite, snapshot=snapshot)
        )
        return self._token

    def after_disk(self, to: str, message: Message) -> None:
        """Send when everything saved so far is durable."""
        if self._saving:
            self._saving[-1].sends.append(Send(to, message))
        else:
            self.send(to, message)

    def arm(self, low_ns: int, high_ns: int) -> None:
        """Set the one timer."""
        self.out.append(Arm(low_ns, high_ns))

    def arm_election(self) -> None:
        """Set the timer for the patience of a follower."""
        self.out.append(Arm(self.options.election_low_ns, self.options.election_high_ns))

    def arm_backoff(self, attempts: int) -> None:
        """Set the timer for another try, twice as far away after each fruitless one."""
        options = self.options
        if attempts > PATIENT_AFTER:
            self.arm(options.patient_ns // 2, options.patient_ns)
            return
        factor = 1 << min(attempts, 20)
        self.arm(
            min(options.election_low_ns * factor, options.backoff_max_ns // 2),
            min(options.election_high_ns * factor, options.backoff_max_ns),
        )

    def try_later(self) -> None:
        """Count one fruitless try, and set the timer for the next."""
        self.arm_backoff(self.attempts)
        self.attempts += 1

    def become(self, role: Role) -> None:
        """Play another role from now on."""
        self.role = role
        self.out.append(Became(role.name, self.term))
        role.enter()

    def adopt(self, term: int) -> None:
        """Enter a later term, in which this member has not voted."""
        assert term > self.term, f"term {term} is not later than {self.term}"
        self.term, self.vote = term, ""
        self.save(hard=True)

    def set_leader(self, leader: str) -> None:
        """Know another leader, or none."""
        if leader != self.leader:
            self.leader = leader
            self.looking = False
            self.out.append(Led(leader, self.term))

    def follow(self, term: int, leader: str) -> None:
        """Follow a leader, or nobody yet, in this or a later term."""
        from regions.replication.follower import Follower  # noqa: PLC0415 - roles build on this

        if term > self.term:
            self.leader = ""
            self.adopt(term)
        self.asleep = False
        if leader:
            self.heard_ns = self.now_ns
            self.attempts = 0
            self.looking = False
        self.set_leader(leader)
        if self.voter and self.role.__class__ is not Follower:
            self.become(Follower(self))
        else:
            self.role.enter()

    def leader_alive(self, asker: str) -> bool:
        """Say whether a leader other than the asker was heard within the shortest patience."""
        if not self.leader or self.leader == asker:
            return False
        return self.now_ns - self.heard_ns < self.options.election_low_ns

    def loyal(self, asker: str) -> bool:
        """Say whether a leader other than the asker may still count on this member's loyalty."""
        return self.now_ns < self.loyal_until_ns and self.loyal_to != asker

    def up_to_date(self, message: AskVote) -> bool:
        """Say whether a candidate's log holds all that this member has promised to keep."""
        entries = self.entries
        return (message.last_term, message.last_index) >= (entries.last_term, entries.last_index)

    def truncate(self, last: int) -> None:
        """Give up entries after ``last``; the caller saves the log as rewritten."""
        assert last >= self.commit, f"entry {last + 1} is committed and cannot be given up"
        self.entries.truncate(last)
        self.regroup()
        self.durable = min(self.durable, last)
        for saving in self._saving:
            saving.last = min(saving.last, last)

    def advance(self, commit: int) -> None:
        """Know more entries as committed."""
        self.commit = commit
        self.deliver()

    def deliver(self) -> None:
        """Deliver what is committed, up to the first rotted slot."""
        upto = self.commit
        if self.entries.holes:
            upto = min(upto, self.entries.first_hole() - 1)
        if upto > self.delivered:
            self.out.append(Deliver(self.entries.slice(self.delivered + 1, upto)))
            self.delivered = upto
            if self.settled is not self.group:
                self.settle()

    def settle(self) -> None:
        """Act on a group that is committed now."""
        group, before = self.entries.group_at(self.delivered), self.settled
        self.settled = group
        if group.version > before.version:
            self.out.append(Settled(group))
            self.role.on_settled()

    def fall_asleep(self) -> None:
        """Stop the timer, and note on disk what is proven, so that later rot is told from tears."""
        self.asleep = True
        self.out.append(Disarm())
        if self._marked != (self.durable, self.commit):
            self.save(hard=True)

    def _on_fetch(self, sender: str, message: Fetch) -> None:
        entries = self.entries
        wanted = zip(message.indices, message.terms, strict=True)
        found = [e for i, t in wanted if (e := entries.get(i)) is not None and e.term == t]
        if found:
            self.send(sender, Fetched(entries=tuple(found)))

    def _on_fetched(self, message: Fetched) -> None:
        # Equal index and term mean equal data, whoever sends it and whatever its term is now.
        filled = [entry.index for entry in message.entries if self.entries.fill(entry)]
        if filled:
            self.regroup()
            self.save(rewrite=True)
            self.deliver()
            self.fetch_holes()
