"""What every role of a member answers to; most inputs mean nothing to most roles.

What does not belong here: any behaviour of a particular role.
"""

from typing import ClassVar

from regions.replication.messages import (
    Append,
    Appended,
    AskVote,
    ChangeMembers,
    Greeted,
    InstallSnapshot,
    Vote,
)
from regions.replication.raft import Raft


class Role:
    """One way to behave; a member has exactly one at any time."""

    name: ClassVar[str]

    def __init__(self, raft: Raft) -> None:
        self.raft = raft

    def enter(self) -> None:
        """Begin, or begin again."""

    def wake(self) -> None:
        """Leave the sleep of a quiet group."""

    def on_append(self, sender: str, message: Append) -> None:
        """A leader speaks."""

    def on_install(self, sender: str, message: InstallSnapshot) -> None:
        """A leader sends a snapshot."""

    def on_appended(self, sender: str, message: Appended) -> None:  # noqa: ARG002 - roles use it
        """A follower answers; by default only a later term matters."""
        if message.term > self.raft.term:
            self.raft.follow(message.term, "")

    def on_ask_vote(self, sender: str, message: AskVote) -> None:
        """A candidate asks."""

    def on_vote(self, sender: str, message: Vote) -> None:  # noqa: ARG002 - roles use it
        """A voter answers; by default only a later term matters."""
        if not message.granted and message.term > self.raft.term:
            self.raft.follow(message.term, "")

    def on_greet(self, sender: str) -> None:
        """A member has started or lost track."""

    def on_greeted(self, sender: str, message: Greeted) -> None:
        """A member answers a greeting."""

    def on_timer(self) -> None:
        """The timer fires."""

    def on_durable(self, token: int) -> None:
        """Changes up to ``token`` are on disk."""

    def on_group(self) -> None:
        """The log's newest group is another one."""

    def on_settled(self) -> None:
        """Another group is committed; by default one that is not in it any more leaves."""
        if self.raft.name in self.raft.settled.gone:
            self.raft.retire()

    def change(self, wanted: ChangeMembers) -> int | str | None:  # noqa: ARG002 - a leader uses it
        """Append another group if this role may."""
        return None

    def propose(self, data: bytes) -> int | None:  # noqa: ARG002 - only a leader uses it
        """Append data if this role may."""
        return None

    def read(self, ticket: int) -> bool:  # noqa: ARG002 - only a leader uses it
        """Begin a read if this role may."""
        return False
