"""A ledger whose publisher may be stuck and whose buffer is bounded: what then is refused or lost.

While the bound lasts nothing is published. Where an answer waits for a second copy (``quorum``) a
full buffer refuses the record, and with it the call: a record that was promised is never dropped.
Where the promise is weaker (``local``, ``async``) the oldest records make room, as an on-host log
agent's cache does. Records that ride in the replicated log are refused, and come again.
What does not belong here: what an unbounded ledger does (ledger.py).
Source: loss of security logs at Microsoft, 2 to 19 September 2024: the log agent was stuck, and
its cache dropped the oldest records.
"""

from typing import Final

from regions.trail.audit_ack import AuditAck
from regions.trail.ledger import Answer, Effect, Ledger, Lost, Remove, Segment, Tell
from regions.trail.messages import AuditRefused
from regions.trail.record import AuditRecord

FULL: Final = "the buffer of unpublished audit records is full"


class BoundedLedger(Ledger):
    """A ledger that can be told to publish nothing and to hold only so many records."""

    def __init__(self, *, epoch: int, peers: tuple[str, ...], audit_ack: AuditAck) -> None:
        super().__init__(epoch=epoch, peers=peers, audit_ack=audit_ack)
        self._records_max: int | None = None

    def bound(self, records_max: int | None, now_ns: int) -> list[Effect]:
        """Publish nothing and hold so many records; None: publish again, whatever there is."""
        self._records_max = records_max
        return self._publish(now_ns)

    @property
    def _full(self) -> bool:
        return self._records_max is not None and self.pending >= self._records_max

    def append(self, record: AuditRecord, answer: Answer, now_ns: int) -> list[Effect]:
        """Keep one record of a call that waits for it, or make room, or refuse."""
        if not self._full or record.event_id in self._known:
            return super().append(record, answer, now_ns)
        if self.audit_ack == "quorum":
            return [Tell(answer, AuditRefused(FULL))]
        return [*self._make_room(), *super().append(record, answer, now_ns)]

    def ride(self, records: tuple[AuditRecord, ...], answer: Answer, now_ns: int) -> list[Effect]:
        """Keep records that a replicated log holds, unless there is no room: they come again."""
        if self._full and any(record.event_id not in self._known for record in records):
            return [Tell(answer, AuditRefused(FULL))]
        return super().ride(records, answer, now_ns)

    def _publish(self, now_ns: int) -> list[Effect]:
        return [] if self._records_max is not None else super()._publish(now_ns)

    def _make_room(self) -> list[Effect]:
        """Forget the oldest records of which nothing is under way."""
        if self._open is not None and self._next is None and not self._closed:
            self._close()
        for place, item in enumerate(self._closed):
            under_way = self._posted and place == 0
            if isinstance(item, Segment) and not item.unsettled and not under_way:
                del self._closed[place]
                for event_id in item.records:
                    self._known.pop(event_id, None)
                return [Lost(tuple(item.records.values())), Remove(item.file)]
        return []  # All of them wait for a flush, which is soon done.
