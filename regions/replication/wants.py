"""What was asked of a node and has no answer yet: proposals, reads and changes of the group.

A want is tried at the leader: here, or by asking the node that leads, once. What may have reached
a log is never tried twice; what surely has not is tried again until its patience ends.
What does not belong here: how a leader is found (raft.py).
"""

from collections.abc import Callable
from typing import Any, Protocol

from regions.replication.messages import (
    ChangeMembers,
    Committed,
    Entry,
    NotCommitted,
    Propose,
    ReadAt,
    ReadBarrier,
)
from regions.replication.raft import Raft
from sim.wire import Message, Overloaded, Refusal, Unreachable

Answer = Callable[[Message | Refusal], None]


class Want:
    """One proposal, read, or change of the group."""

    __slots__ = ("answer", "born_ns", "data", "may_forward", "place", "sent_to", "tries")

    def __init__(
        self, answer: Answer, data: bytes | ChangeMembers | None, born_ns: int, may_forward: bool
    ) -> None:
        self.answer = answer
        self.data = data  #: None: a read
        self.born_ns = born_ns
        self.may_forward = may_forward  #: False if a node asked: it has looked for the leader
        self.place: tuple[int, int] | None = None  #: (index, term) in this node's log
        self.sent_to = ""  #: the node that was asked
        self.tries = 0


class Shell(Protocol):
    """What wants need of their node."""

    @property
    def now_ns(self) -> int:
        """The node's monotonic clock."""

    def call(
        self, to: str, message: Message, then: Callable[[Any], None], *, timeout_ns: int
    ) -> None:
        """Ask another node."""

    def later(self, duration_ns: int, fn: Callable[..., None], *args: Any) -> None:
        """Call a function after that long, and do what the core wants then."""


class Wants:
    """All wants of one node, oldest first.

    Args:
      node: its shell.
      raft: its core; the shell performs what the core wants done.
      patience_ns: after which a want is refused.
      retry_ns: until a want is tried again that reached no leader.
    """

    def __init__(self, node: Shell, raft: Raft, patience_ns: int, retry_ns: int) -> None:
        self._node = node
        self._raft = raft
        self._patience_ns = patience_ns
        self._retry_ns = retry_ns
        self._all: dict[int, Want] = {}
        self._by_index: dict[int, int] = {}
        self._next = 0
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._all)

    def add(self, answer: Answer, data: bytes | ChangeMembers | None, *, may_forward: bool) -> None:
        """Take a proposal, a change of the group, or a read if there is no data."""
        self._next += 1
        self._all[self._next] = Want(answer, data, self._node.now_ns, may_forward)
        if not self._sweeping:
            self._sweeping = True
            self._node.later(self._patience_ns, self._sweep)
        self._try(self._next)

    def _try(self, ticket: int) -> None:
        want, raft, now = self._all.get(ticket), self._raft, self._node.now_ns
        if want is None or want.place is not None or want.sent_to:
            return
        if want.data is None:
            if raft.read(now, ticket):
                want.sent_to = raft.name
                return
        elif isinstance(want.data, ChangeMembers):
            if self._try_change(ticket, want, want.data):
                return
        elif (index := raft.propose(now, want.data)) is not None:
            want.place = (index, raft.term)
            self._by_index[index] = ticket
            return
        if not want.may_forward:
            self._refuse(ticket, definite=True, reason=f"{raft.name} does not lead")
            return
        if leader := raft.look_for_leader(now):
            self._forward(ticket, want, leader)

    def _try_change(self, ticket: int, want: Want, wanted: ChangeMembers) -> bool:
        """Have a leading core change the group; False if this one does not lead."""
        raft = self._raft
        index = raft.change(self._node.now_ns, wanted)
        if index is None:
            return False
        if isinstance(index, str):
            self._refuse(ticket, definite=True, reason=index)
        elif index <= raft.commit:
            del self._all[ticket]
            want.answer(Committed(index=index, term=raft.entries.term_at(index) or 0))
        elif index in self._by_index:
            self._refuse(ticket, definite=True, reason="the same change is under way")
        else:
            want.place = (index, raft.entries.term_at(index) or 0)
            self._by_index[index] = ticket
        return True

    def _forward(self, ticket: int, want: Want, leader: str) -> None:
        want.sent_to = leader
        want.tries += 1
        message: Message
        if isinstance(want.data, ChangeMembers):
            message = want.data
        else:
            message = ReadBarrier() if want.data is None else Propose(data=want.data)
        tries = want.tries

        def then(answer: object) -> None:
            if self._all.get(ticket) is want and want.tries == tries:
                self._answered(ticket, want, answer)

        self._node.call(leader, message, then, timeout_ns=self._patience_ns)

    def _answered(self, ticket: int, want: Want, answer: object) -> None:
        if isinstance(answer, Committed | ReadAt):
            del self._all[ticket]
            want.answer(answer)
            return
        untouched = (isinstance(answer, NotCommitted) and answer.definite) or isinstance(
            answer, Overloaded | Unreachable
        )
        self._missed(ticket, want, untouched=untouched, reason=f"no answer from {want.sent_to}")

    def _missed(self, ticket: int, want: Want, *, untouched: bool, reason: str) -> None:
        if untouched or want.data is None:
            want.sent_to = ""
            want.tries += 1
            self._node.later(self._retry_ns, self._try, ticket)
        else:
            self._refuse(ticket, definite=False, reason=reason)

    def _refuse(self, ticket: int, *, definite: bool, reason: str) -> None:
        want = self._all.pop(ticket)
        if want.place is not None:
            self._by_index.pop(want.place[0], None)
        want.answer(NotCommitted(definite, reason))

    # What the core tells.

    def committed(self, entries: tuple[Entry, ...]) -> None:
        """Answer the proposals whose places are filled for ever."""
        if not self._by_index:
            return
        for entry in entries:
            ticket = self._by_index.pop(entry.index, None)
            if ticket is None:
                continue
            want = self._all.pop(ticket)
            if want.place == (entry.index, entry.term):
                want.answer(Committed(index=entry.index, term=entry.term))
            else:
                want.answer(NotCommitted(True, "another leader's entry took its place"))

    def restored(self, index: int) -> None:
        """Give up proposals whose places a snapshot covers: nobody knows what became of them."""
        for place in [p for p in self._by_index if p <= index]:
            reason = f"entry {place} lies in a snapshot"
            self._refuse(self._by_index[place], definite=False, reason=reason)

    def readable(self, tickets: tuple[int, ...], index: int) -> None:
        """Answer reads."""
        for ticket in tickets:
            want = self._all.pop(ticket, None)
            if want is not None:
                want.answer(ReadAt(index=index))

    def led_by(self, leader: str) -> None:
        """Look again at what waited for, or was sent to, another leader."""
        for ticket, want in list(self._all.items()):
            if want.place is not None or want.sent_to == leader != "":
                continue
            if not want.sent_to or want.sent_to == self._raft.name:
                want.sent_to = ""
                if leader or not want.may_forward:
                    self._node.later(0, self._try, ticket)
            elif leader:
                reason = f"{want.sent_to} leads no longer"
                self._missed(ticket, want, untouched=False, reason=reason)

    def _sweep(self) -> None:
        """Refuse what is older than its patience; nothing lasts for ever in here."""
        self._sweeping = False
        now = self._node.now_ns
        for ticket, want in list(self._all.items()):
            if now - want.born_ns >= self._patience_ns:
                touched = want.place is not None or (want.sent_to and want.data is not None)
                self._refuse(ticket, definite=not touched, reason="no majority in time")
        if self._all:
            self._sweeping = True
            oldest = next(iter(self._all.values()))
            self._node.later(oldest.born_ns + self._patience_ns - now, self._sweep)
