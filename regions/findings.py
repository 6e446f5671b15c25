"""What a check of stored files finds: the words for it, and how files are read for it.

=======  =========================================================================================
state    meaning
=======  =========================================================================================
torn     the end was never completely written; nobody was told of it, so it harms nothing
rotted   stored bytes changed, and a good copy is left: in the file itself, or with other actors
lost     stored bytes changed, and no good copy is left in this folder
=======  =========================================================================================

What does not belong here: how any format is checked (fsck.py, replication/fsck.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

State = Literal["torn", "rotted", "lost"]

#: Actor -> file -> content.
Contents = Mapping[str, Mapping[str, bytes]]


class Stored(Protocol):
    """The files of one actor, to be read."""

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""

    def load(self, file: str) -> bytes:
        """Return a whole file.

        Raises:
          OSError: the host cannot read it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was written."""

    actor: str
    file: str
    state: State
    what: str  #: for people
    copies: int = 0  #: how many good ones are left of what rotted


def damage(actor: str, file: str, what: str, copies: int) -> Finding:
    """Return what was damaged: rotted if good copies are left, else lost."""
    state: State = "rotted" if copies else "lost"
    return Finding(actor=actor, file=file, state=state, what=what, copies=copies)
