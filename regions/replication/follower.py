"""Follow: take a leader's entries, vote, and notice when the leader is gone.

What does not belong here: asking for votes and members without a vote (election.py).
Source: Ongaro (2014), sections 3.5, 3.6, 9.6 (pre-vote), 7.1 (snapshots), 4.2.3 and 6.4.1 (no vote
against a leader whose lease may run).
"""

from typing import ClassVar

from regions.replication import copying
from regions.replication.effects import Send, Shown
from regions.replication.messages import (
    Append,
    Appended,
    AskVote,
    Entry,
    Greet,
    InstallSnapshot,
    Vote,
)
from regions.replication.role import Role


class Follower(Role):
    """The role in which every voting member begins."""

    name: ClassVar[str] = "follower"

    def enter(self) -> None:
        """Wait for a leader, as long as one patience."""
        self.raft.arm_election()

    def wake(self) -> None:
        """Give the leader one patience to show itself."""
        self.raft.asleep = False
        self.raft.heard_ns = self.raft.now_ns
        self.raft.arm_election()

    def on_append(self, sender: str, message: Append) -> None:
        """Take entries if the log agrees before them; say where to try if it does not."""
        raft = self.raft
        if message.term < raft.term:
            raft.send(sender, self._refusal(message, 0))
            return
        if message.term > raft.term or raft.leader != sender:
            raft.follow(message.term, sender)
            raft.role.on_append(sender, message)
            return
        raft.heard_ns = raft.now_ns
        raft.loyal_to, raft.loyal_until_ns = sender, raft.now_ns + raft.options.loyal_ns
        raft.attempts = 0
        if raft.looking:
            raft.looking = False
            raft.out.append(Shown(sender))
        if message.sleep:
            if not self._take(sender, message) or not self._rest():
                self.wake()
            return
        raft.asleep = False
        raft.arm_election()
        self._take(sender, message)

    def _rest(self) -> bool:
        """Fall asleep if nothing is left to do here."""
        raft = self.raft
        if raft.entries.holes or raft.durable < raft.entries.last_index:
            return False
        raft.fall_asleep()
        return True

    def _take(self, sender: str, message: Append) -> bool:
        """Merge an Append into the log; say whether the logs agree now up to its end."""
        raft = self.raft
        entries = raft.entries
        matched = message.previous_index + len(message.entries)
        fresh, rewrite = message.entries, False
        if (
            message.previous_index != entries.last_index
            or message.previous_term != entries.last_term
            or entries.holes
        ):
            hint = self._disagreement(message)
            if hint is not None:
                raft.send(sender, self._refusal(message, hint))
                return False
            fresh, rewrite = self._merge(message)
            if raft.role.name == "retired":
                return False
        if fresh or rewrite:
            entries.extend(fresh)
            raft.regroup()
            answer = self._agreement(message, min(matched, entries.first_hole() - 1))
            raft.save(entries=fresh, rewrite=rewrite, then=Send(sender, answer))
            raft.deliver()
        elif message.round or message.entries:
            raft.send(sender, self._agreement(message, min(matched, raft.durable)))
        if message.commit > raft.commit and matched > raft.commit:
            raft.advance(min(message.commit, matched))
        return True

    def _disagreement(self, message: Append) -> int | None:
        """Return None if the logs agree before the new entries, else where the leader may try."""
        entries, previous = self.raft.entries, message.previous_index
        hole = entries.first_hole()
        if previous < entries.base_index:
            return None  # What a snapshot covers is committed, so it agrees with any leader.
        if previous < hole and entries.term_at(previous) == message.previous_term:
            return None
        hint = min(previous - 1, entries.last_index, hole - 1)
        while hint > entries.base_index and (entries.term_at(hint) or 0) > message.previous_term:
            hint -= 1
        return max(hint, entries.base_index)

    def _merge(self, message: Append) -> tuple[tuple[Entry, ...], bool]:
        """Fill holes and give up what contradicts the leader.

        Returns:
          the entries still to be appended, and whether the log on disk has to be rewritten.
        """
        entries, rewrite = self.raft.entries, False
        for place, entry in enumerate(message.entries):
            if entry.index <= entries.base_index:
                continue
            term = entries.term_at(entry.index)
            if term is None:
                return message.entries[place:], rewrite
            if term != entry.term:
                if entry.index <= self.raft.commit:
                    # Only a forced group contradicts what is committed: this history was given up.
                    self.raft.retire()
                    return (), False
                self.raft.truncate(entry.index - 1)
                return message.entries[place:], True
            if entry.index in entries.holes:
                entries.fill(entry)
                rewrite = True  # The caller looks for another group.
        return (), rewrite

    def _agreement(self, message: Append, index: int) -> Appended:
        raft = self.raft
        return Appended(term=raft.term, ok=True, index=index, round=message.round, voter=raft.voter)

    def _refusal(self, message: Append, hint: int) -> Appended:
        raft = self.raft
        return Appended(term=raft.term, ok=False, index=hint, round=message.round, voter=raft.voter)

    def on_install(self, sender: str, message: InstallSnapshot) -> None:
        """Replace what this member lacks by the leader's snapshot."""
        raft = self.raft
        if message.term < raft.term:
            raft.send(sender, Appended(term=raft.term, ok=False, index=0, voter=raft.voter))
            return
        if message.term > raft.term or raft.leader != sender:
            raft.follow(message.term, sender)
        raft.heard_ns, raft.asleep = raft.now_ns, False
        raft.arm_election()
        index = message.index
        if index <= raft.delivered:
            answer = Appended(
                term=raft.term, ok=True, index=min(index, raft.durable), voter=raft.voter
            )
            raft.send(sender, answer)
            return
        answer = Appended(term=raft.term, ok=True, index=index, voter=raft.voter)
        copying.replace(raft, message, Send(sender, answer))

    def on_ask_vote(self, sender: str, message: AskVote) -> None:
        """Vote once a term, for a log at least as good, and not against a living leader."""
        raft = self.raft
        if raft.asleep:
            self.wake()
            if raft.leader not in ("", sender):
                raft.send(raft.leader, Greet(nonce=raft.nonce))
        if raft.loyal(sender) and message.term > raft.term:
            # Not even the term is adopted: its leader may be reading by its lease just now.
            raft.send(sender, Vote(term=raft.term, granted=False, pre=message.pre))
            return
        if not message.pre and message.term > raft.term:
            raft.follow(message.term, "")
        last = (message.last_term, message.last_index)
        good = raft.voter and raft.up_to_date(message) and raft.may_elect(message.term, last)
        if message.pre:
            granted = good and message.term > raft.term and not raft.leader_alive(sender)
            term = message.term if granted else raft.term
            # Only a member whose right to vote is durable may help a new group to its first term.
            raft.after_disk(sender, Vote(term=term, granted=granted, pre=True))
        else:
            granted = good and message.term == raft.term and raft.vote in ("", sender)
            if granted and not raft.vote:
                raft.vote = sender
                raft.attempts = 0
                raft.save(hard=True)
                raft.arm_election()
            raft.after_disk(sender, Vote(term=raft.term, granted=granted))
        if not granted and raft.attempts and not raft.leader and raft.voter:
            # Somebody else is awake but cannot win: it is worth trying again soon.
            raft.attempts = 0
            raft.arm_election()

    def on_greet(self, sender: str) -> None:
        """Wake; a leader that greets has lost its office."""
        raft = self.raft
        if raft.asleep:
            self.wake()
        if raft.leader == sender:
            raft.set_leader("")

    def on_timer(self) -> None:
        """The leader is gone: stand for election, unless slots or the right are missing here."""
        from regions.replication.election import Candidate  # noqa: PLC0415 - builds on this class

        raft = self.raft
        raft.set_leader("")
        if raft.entries.holes:
            raft.greet()
            raft.fetch_holes()
            raft.try_later()
            return
        if not raft.may_elect(raft.term + 1, (raft.entries.last_term, raft.entries.last_index)):
            raft.greet()
            raft.arm_election()
        elif raft.may_stand:
            raft.become(Candidate(raft))
        elif raft.group.members:
            raft.greet()
            raft.try_later()
