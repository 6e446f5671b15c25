"""Care after a start: a member may have promised what its disk has lost without a trace.

A drive that lied about flushes, or lost the last sector of the log, leaves a disk that looks like
an older one: entries that were acknowledged and votes that were cast are gone, and nothing here
tells. But the others are there. So for a while after its start a member helps to elect only who
holds at least what each of them holds, in a term later than any of theirs; and if one of them is
silent, nobody. In this while the others, who have forgotten nothing, find a leader without it.
Beyond this: two members that forget at the same time, or one while another is out of reach for
longer than ``CAUTION_NS``, may lose what was committed; no member can notice that.
What does not belong here: losses that a disk shows by itself (log.py, storage.py).
Source: chosen; the same question as in Liskov and Cowling, "Viewstamped Replication Revisited"
(2012), section 4.3, answered only for as long as it matters.
"""

from typing import Final

from sim.units import seconds

#: How long after its start a member is careful; chosen: six times the longest patience of
#: a follower, so that the others can hold an election.
CAUTION_NS: Final = seconds(3)


class Caution:
    """What the other members have said of their logs and terms since this one started."""

    def __init__(self) -> None:
        self._until_ns = 0
        self._logs: dict[str, tuple[int, int]] = {}  #: name -> term and index of its last entry
        self._term = 0  #: the latest of their terms

    def begin(self, now_ns: int) -> None:
        """This member starts."""
        self._until_ns = now_ns + CAUTION_NS

    def heard(self, name: str, term: int, last: tuple[int, int]) -> None:
        """Another member has said in which term it is and where its log ends."""
        self._logs[name] = last
        self._term = max(self._term, term)

    def allows(
        self, now_ns: int, others: tuple[str, ...], term: int, last: tuple[int, int]
    ) -> bool:
        """Say whether a member with such a log may be elected for a term with this one's help."""
        if now_ns >= self._until_ns:
            return True
        logs = [self._logs.get(name) for name in others]
        return term > self._term and all(log is not None and log <= last for log in logs)
