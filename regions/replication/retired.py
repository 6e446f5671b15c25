"""Be gone: a member that has left the group for good says nothing more.

What does not belong here: how it learns that it has left (raft.py).
Source: Ongaro (2014), section 4.2.3: removed servers must not disrupt the others.
"""

from typing import ClassVar

from regions.replication.messages import Appended, Vote
from regions.replication.role import Role


class Retired(Role):
    """The role that has no end: no timer, no vote, no answer."""

    name: ClassVar[str] = "retired"

    def on_appended(self, sender: str, message: Appended) -> None:
        """Leave it to those who are left."""

    def on_vote(self, sender: str, message: Vote) -> None:
        """Leave it to those who are left."""

    def on_settled(self) -> None:
        """Nothing can bring it back."""
