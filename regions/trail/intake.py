"""What a region's Trail actor makes of the records that it is handed, before it keeps them.

Services that CloudTrail does not support leave no events. Data events are kept only if a trail
or an event data store wants them: history never shows them. Each account that is concerned gets
its copy. What comes late says so.
What does not belong here: disks and history (archive.py), and which trail wants what (trails.py).
Source: CloudTrail User Guide, "CloudTrail supported services and integrations", "Logging data
events" and "CloudTrail record contents" (addendum).
"""

from collections.abc import Collection, Iterable, Iterator

from regions.lake.messages import DataWish
from regions.trail.copies import copies
from regions.trail.kept import kept
from regions.trail.record import DATA, AuditRecord
from regions.trail.selectors import selected
from regions.trail.trails import TrailSettings, wants
from sim.quick import changed
from sim.units import minutes

DELIVERY_DELAY = "DELIVERY_DELAY"
#: A record that is older when it comes bears that reason; chosen: delivery typically takes at most
#: this long, so such an event surely comes later than anybody is used to.
LATE_NS = minutes(15)


def source_of(service: str) -> str:
    """Return the eventSource of a service, such as ``kms.amazonaws.com`` for ``kms``."""
    return f"{service}.amazonaws.com"


class Intake:
    """Turns what services record into what each account receives.

    Args:
      unsupported: services, as endpoints name them, that leave no events.
    """

    def __init__(self, unsupported: tuple[str, ...] = ()) -> None:
        self._unsupported = frozenset(source_of(service) for service in unsupported)

    def taken(
        self,
        records: Iterable[AuditRecord],
        trails: tuple[TrailSettings, ...],
        now_ns: int,
        wishes: Collection[DataWish] = (),
    ) -> Iterator[AuditRecord]:
        """Yield what is to be kept of some records.

        Args:
          trails: those in this region.
          now_ns: calendar.
          wishes: what event data stores want of data events.
        """
        for record in records:
            if record.source in self._unsupported:
                continue
            late = now_ns - record.time_ns > LATE_NS and not record.raw
            for copy in copies(changed(record, addendum=DELIVERY_DELAY) if late else record):
                if copy.category != DATA or _is_wanted(copy, trails, wishes):
                    yield copy


def _is_wanted(
    record: AuditRecord, trails: tuple[TrailSettings, ...], wishes: Collection[DataWish]
) -> bool:
    facts = kept(0, record, b"")
    return any(wants(settings, facts) for settings in trails) or any(
        wish.account == facts.account and selected(wish.selectors, facts) for wish in wishes
    )
