"""Stand for election; and find one's way back to a vote after losing one's memory.

What does not belong here: granting votes (follower.py).
Source: Ongaro (2014), sections 3.4, 9.6; members without memory: Alagappan et al. (FAST'18) and
Liskov and Cowling, "Viewstamped Replication Revisited" (2012), section 4.3.
"""

from typing import ClassVar

from regions.replication import copying
from regions.replication.follower import Follower
from regions.replication.messages import (
    Append,
    AskVote,
    Greet,
    Greeted,
    InstallSnapshot,
    Vote,
)
from regions.replication.raft import LOST_VOTE, Raft


class Candidate(Follower):
    """A member that asks for votes: first whether it would get them, then for the votes."""

    name: ClassVar[str] = "candidate"

    def __init__(self, raft: Raft) -> None:
        super().__init__(raft)
        self._begin()

    def _begin(self) -> None:
        self._pre = True
        self._granted: dict[str, bool] = {self.raft.name: True}
        self._token = 0  #: the save of the own vote; no vote is asked for before it is durable

    def enter(self) -> None:
        """Ask whether an election could be won."""
        self._begin()
        self.raft.try_later()
        self._ask(self.raft.term + 1)
        self._count()

    def _ask(self, term: int) -> None:
        # Who is not counted may vote all the same: only the candidate's own group matters.
        raft = self.raft
        question = AskVote(
            term=term,
            last_index=raft.entries.last_index,
            last_term=raft.entries.last_term,
            pre=self._pre,
        )
        for peer in raft.others:
            if peer in raft.group.voters:
                raft.send(peer, question)

    def _count(self) -> None:
        from regions.replication.leader import Leader  # noqa: PLC0415 - a leader steps down to this

        raft = self.raft
        granted = [name for name in raft.group.voters if name in self._granted]
        if len(granted) < raft.majority:
            return
        if not self._pre:
            raft.become(Leader(raft))
            return
        self._pre = False
        self._granted = {}
        raft.term += 1
        raft.vote = raft.name
        self._token = raft.save(hard=True)

    def on_durable(self, token: int) -> None:
        """The own vote counts now, and others may be asked for theirs."""
        if self._token and token >= self._token:
            self._token = 0
            self._granted[self.raft.name] = True
            self._ask(self.raft.term)
            self._count()

    def on_vote(self, sender: str, message: Vote) -> None:
        """Count a vote of the present round."""
        raft = self.raft
        if not message.granted:
            super().on_vote(sender, message)
        elif message.pre == self._pre and message.term == raft.term + self._pre:
            self._granted[sender] = True
            self._count()

    def on_timer(self) -> None:
        """Nobody won: try again, later each time."""
        self.enter()


class Learner(Follower):
    """A member that may not vote: it is new, its disk was wiped, or its term or vote is lost.

    It may have voted in any term that a living member knows of, and acknowledged any entry that a
    leader of those terms committed. So it takes entries but counts in no majority, until
    1. every other member has told it its term after this start, so many of them voters that any
       majority that ever elected a leader has one among them; the highest term is its own now,
       and its vote in that term counts as cast;
    2. it durably holds the log of a leader of that or a later term, up to an entry of the leader's
       own term that is committed: this log holds everything that was committed before the loss.
    Members are those of the committed group and of every group after it: somebody whose removal is
    not committed may still hold this member's vote. A group that its founders remember nothing of
    is new: they vote at once.
    """

    name: ClassVar[str] = "learner"

    def __init__(self, raft: Raft) -> None:
        super().__init__(raft)
        self._terms: dict[str, int] = {}  #: what each member said last
        self._voters: dict[str, bool] = {}  #: which of them remember everything

    def enter(self) -> None:
        """Ask again in a while, as long as there is something to learn."""
        self.raft.try_later()
        self._learn_term()

    def wake(self) -> None:
        """A learner never sleeps."""

    def _rest(self) -> bool:
        return True

    def on_append(self, sender: str, message: Append) -> None:
        """Take entries as a follower does, and see whether that was enough."""
        attempts = self.raft.attempts
        super().on_append(sender, message)
        if not self.raft.voter:
            # Hearing a leader is no success yet: the greetings go on, ever more slowly.
            self.raft.attempts = max(attempts, self.raft.attempts)
            self._try_promotion()

    def on_install(self, sender: str, message: InstallSnapshot) -> None:
        """Take a snapshot as a follower does, or from whoever has one while nobody leads."""
        if message.term == copying.NO_LEADER:
            copying.install(self.raft, sender, message)
            return
        super().on_install(sender, message)
        self._try_promotion()

    def on_ask_vote(self, sender: str, message: AskVote) -> None:
        """A vote may have been given already: none is given now."""

    def on_greet(self, sender: str) -> None:
        """Another start may be what this member waits for."""
        if self.raft.leader == sender:
            self.raft.set_leader("")

    def on_greeted(self, sender: str, message: Greeted) -> None:
        """Remember a member's term, and whether it can be relied on."""
        self._terms[sender] = message.term
        if message.voter:
            self._voters[sender] = True
        else:
            self._voters.pop(sender, None)
        self._learn_term()

    def _learn_term(self) -> bool:
        """Be in the latest term that matters, with the vote cast; False while that is not known."""
        raft = self.raft
        groups = raft.in_doubt()
        others = [name for group in groups for name in group.voters if name != raft.name]
        if not groups[-1].voters or not all(name in self._terms for name in others):
            return False
        highest = max(self._terms.values(), default=0)
        untouched = raft.blank and raft.entries.last_index == 0 and raft.term == 0
        if highest == 0 and untouched and raft.name in raft.options.members:
            self._promote()
            return False
        for group in groups:
            remembering = [name for name in group.voters if name in self._voters]
            if len(remembering) < len(group.voters) - group.majority + 1:
                return False
        if highest > raft.term:
            raft.leader = ""
            raft.adopt(highest)
        if highest == raft.term and raft.vote != LOST_VOTE:
            raft.vote = LOST_VOTE
            raft.save(hard=True)
        return True

    def _try_promotion(self) -> None:
        raft = self.raft
        if (
            raft.voter is False
            and raft.leader
            and not raft.entries.holes
            and raft.entries.term_at(raft.commit) == raft.term
            and raft.durable >= raft.commit
            and self._learn_term()
            and raft.entries.term_at(raft.commit) == raft.term
        ):
            self._promote()

    def _promote(self) -> None:
        raft = self.raft
        raft.voter = True
        raft.attempts = 0
        raft.save(hard=True)
        if raft.leader and not raft.counted:
            raft.send(raft.leader, Greet(nonce=raft.nonce))  # It may admit this one now.
        raft.become(Follower(raft))

    def on_durable(self, token: int) -> None:  # noqa: ARG002 - any progress will do
        """What is durable now may be enough."""
        self._try_promotion()

    def on_timer(self) -> None:
        """Ask those who have not answered, and let the leader know of us."""
        self.raft.greet()
        self.raft.fetch_holes()
        copying.ask(self.raft)
        self.raft.try_later()
