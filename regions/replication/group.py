"""Who belongs to one replicated log: the value that a configuration entry carries.

One change is one member: whatever majorities two neighbouring values have, they overlap.
What does not belong here: when a change may be made (leader.py), and since when one is in force
(entries.py).
Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014), chapter 4.
"""

from dataclasses import dataclass, replace
from typing import Final

#: Between the parts of an encoded group, and between names; neither may stand in a name.
_PART: Final = ";"
_NAME: Final = ","


@dataclass(frozen=True, slots=True)
class Group:
    """The members of one log; an empty value means that they are not known."""

    voters: tuple[str, ...] = ()  #: in the order in which they came
    learners: tuple[str, ...] = ()  #: take entries, count in no majority, and hope to
    gone: tuple[str, ...] = ()  #: were members once; such a name is never used again
    version: int = 0  #: grows by one with every change; 0 as the group was founded

    @property
    def majority(self) -> int:
        """How many voters decide."""
        return len(self.voters) // 2 + 1

    @property
    def members(self) -> tuple[str, ...]:
        """Everybody who is to hold the log."""
        return (*self.voters, *self.learners)

    def changed(self, *, add: str = "", remove: str = "") -> "Group | str":
        """Return this group with one more learner, or after one has left for good.

        Returns:
          the next group; this very one, if it is so already; or a text that says why not.
        """
        name = add or remove
        if name in self.gone:
            return f"{name} was a member once, and a name is not used again" if add else self
        if add:
            if name in self.members:
                return self
            return replace(self, learners=(*self.learners, name), version=self.version + 1)
        if name not in self.members:
            return f"{name} is no member"
        return f"{name} is the only voter" if self.voters == (name,) else self._without(name)

    def promoted(self, name: str) -> "Group":
        """Return this group with a learner as a voter."""
        assert name in self.learners, f"{name} is no learner"
        learners = tuple(learner for learner in self.learners if learner != name)
        voters = (*self.voters, name)
        return replace(self, voters=voters, learners=learners, version=self.version + 1)

    def forced(self, name: str) -> "Group":
        """Return the group in which one member alone decides, and all others learn from it."""
        learners = tuple(sorted(member for member in self.members if member != name))
        return Group(voters=(name,), learners=learners, gone=self.gone, version=self.version + 1)

    def _without(self, name: str) -> "Group":
        return Group(
            voters=tuple(voter for voter in self.voters if voter != name),
            learners=tuple(learner for learner in self.learners if learner != name),
            gone=(*self.gone, name),
            version=self.version + 1,
        )

    def encode(self) -> bytes:
        """Return the group as text: ``version;voters;learners;gone``, names parted by commas."""
        names = (self.voters, self.learners, self.gone)
        return _PART.join([str(self.version), *map(_NAME.join, names)]).encode()


def decode_group(data: bytes) -> Group:
    """Return the group of a configuration entry.

    Raises:
      ValueError: these bytes are none.
    """
    version, *parts = data.decode().split(_PART)
    voters, learners, gone = (tuple(filter(None, part.split(_NAME))) for part in parts)
    return Group(voters=voters, learners=learners, gone=gone, version=int(version))
