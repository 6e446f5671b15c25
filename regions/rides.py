"""Records that ride in the replicated log, on their way from one AZ's replica to its recorder.

The log keeps such a record until the recorder has it, so nothing is in a hurry: records gather and
share one flush. A snapshot takes the place of entries, so it waits for their records.
What does not belong here: what applies the entries (az.py), and how records are kept (trail/).
Source: chosen; ARCHITECTURE, "Audit": a mutation's record rides in its own log entry.
"""

from collections.abc import Callable
from typing import Final

from regions.replication.messages import SaveSnapshot, SnapshotSaved
from regions.trail.messages import Ride
from regions.trail.record import AuditRecord
from sim.actor import Actor
from sim.units import ms, seconds

#: How long records gather; chosen: far below the minutes until a trail delivers them.
GATHER_NS: Final = ms(20)
#: They are offered to the recorder again after this, and after twice as long each time that it
#: refuses them, up to the second figure; chosen.
_RETRY_NS: Final = seconds(5)
_RETRY_MAX_NS: Final = seconds(60)
_TIMEOUT_NS: Final = seconds(5)


class Rides:
    """What one AZ's recorder does not have yet, and the snapshot that waits for it.

    Args:
      host: the AZ.
      recorder: name of its recorder.
      node: name of the node whose log the records ride in.
      handed_over: called when some are the recorder's.
    """

    def __init__(
        self, host: Actor, recorder: str, node: str, handed_over: Callable[[], None]
    ) -> None:
        self._host, self._recorder, self._node = host, recorder, node
        self._handed_over = handed_over
        self._records: list[AuditRecord] = []
        self._riding = False  #: some are offered, or soon will be
        self._again_ns = _RETRY_NS
        #: A snapshot that waits until so many records are the recorder's: index, data, records.
        self._snapshot: tuple[int, bytes, int] | None = None
        self._kept: Callable[[bool], None] | None = None

    @property
    def saving(self) -> bool:
        """Whether a snapshot waits."""
        return self._snapshot is not None

    def add(self, record: AuditRecord) -> None:
        """Take the record of an entry that was applied."""
        self._records.append(record)

    def begin(self) -> None:
        """Have what was added offered soon."""
        if self._records and not self._riding:
            self._riding = True
            self._host.after(GATHER_NS, self._offer)

    def save(self, index: int, data: bytes, kept: Callable[[bool], None] | None = None) -> None:
        """Have a snapshot kept once the records of all entries that it replaces are.

        Args:
          index: of the last entry that it covers.
          data: the snapshot.
          kept: called when that has been done, and all that is older erased; with False if it
            was not to be done. None: older ones are kept for some time.
        """
        self._snapshot, self._kept = (index, data, len(self._records)), kept
        self._save_after(0)

    def forget_snapshot(self) -> None:
        """A newer one came from elsewhere."""
        self._snapshot = None

    def _offer(self) -> None:
        records = tuple(self._records)

        def then(answer: object) -> None:
            if isinstance(answer, Exception):
                self._host.after(self._again_ns, self._offer)
                self._again_ns = min(2 * self._again_ns, _RETRY_MAX_NS)
                return
            self._riding, self._again_ns = False, _RETRY_NS
            del self._records[: len(records)]
            self._save_after(len(records))
            self._handed_over()

        self._host.call(self._recorder, Ride(records=records), then, timeout_ns=_TIMEOUT_NS)

    def _save_after(self, handed_over: int) -> None:
        if self._snapshot is None:
            return
        index, data, lacking = self._snapshot
        if lacking > handed_over:
            self._snapshot = (index, data, lacking - handed_over)
            return
        self._snapshot, kept = None, self._kept

        def then(answer: object) -> None:
            if isinstance(answer, SnapshotSaved):
                self._host.note("snapshot", index=index)
            if kept is not None:
                kept(isinstance(answer, SnapshotSaved))

        save = SaveSnapshot(index=index, data=data, alone=kept is not None)
        self._host.call(self._node, save, then)
