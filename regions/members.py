"""Which AZs a region has, as the replicated log says, and what one AZ host does when they change.

The log's own configuration entries are the one source: an AZ belongs to its region from the entry
that makes its node a voter until the entry that lets it go. Every host meets them at the same
place of the log, and tells its recorder, its fleet and its clock; the front asks with its probes.
Actors of one kind are called alike in all AZs of a region, so a place is enough to name them.
What does not belong here: how members are agreed on (replication/), and launching an AZ
(topology.py).
"""

from dataclasses import dataclass

from regions.agreed_time import AgreedTime
from regions.fleet import HsmFleet
from regions.messages import ProbeAnswer
from regions.names import beside, place_of
from regions.replication.group import Group, decode_group
from regions.trail.messages import PeersAre
from sim.actor import Actor


@dataclass(frozen=True, slots=True)
class Members:
    """The AZs of a region."""

    version: int = 0  #: grows with every change; 0: as the topology says
    places: tuple[str, ...] = ()  #: ``REGION/AZ`` of those that belong to it
    gone: tuple[str, ...] = ()  #: of those that once did

    @classmethod
    def of(cls, group: Group) -> "Members":
        """Return the AZs beside the nodes of a group."""
        places, gone = map(place_of, group.voters), map(place_of, group.gone)
        return cls(version=group.version, places=tuple(places), gone=tuple(gone))


class Membership:
    """What one AZ host knows of its region's AZs, and whom it tells.

    Args:
      host: the AZ actor.
      recorder: its name.
    """

    def __init__(self, host: Actor, recorder: str, fleet: HsmFleet, time: AgreedTime) -> None:
        self._host, self._recorder = host, recorder
        self._fleet, self._time = fleet, time
        self._now = Members()
        self.left = False  #: this AZ has left its region for good

    def learn(self, data: bytes) -> None:
        """Take note of the group that the log, or a snapshot, says is in force."""
        found = Members.of(decode_group(data)) if data else Members()
        if found.version > self._now.version:
            self._now = found
            self.left = self.left or place_of(self._host.name) in found.gone
            self._fleet.azs_are(found.places, found.gone)
            self._time.witnesses_are(beside(self._recorder, found.places))
            self.tell_recorder()

    def tell_recorder(self) -> None:
        """Tell the recorder who its peers are; it forgets that with its power."""
        if self._now.version:
            peers = beside(self._recorder, self._now.places)
            self._host.send(self._recorder, PeersAre(peers=peers))

    def retire(self) -> None:
        """Take note that this AZ's node has no part in the log any more."""
        self.left = True

    def answer(self, known: int, *, serving: bool) -> ProbeAnswer:
        """Return the answer to a probe of a front that knows that version of the members."""
        now, host = self._now, self._host
        serves = serving and not self.left
        if now.version <= known:
            return ProbeAnswer(serving=serves, incarnation=host.incarnation)
        azs = tuple(f"{place}/{host.name.rpartition('/')[2]}" for place in now.places)
        return ProbeAnswer(
            serving=serves, incarnation=host.incarnation, version=now.version, azs=azs
        )
