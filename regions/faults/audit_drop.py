"""A stuck log agent whose buffer on the host is bounded.

Model: the recorders of the place publish nothing and hold ``records`` unpublished records. Then a
full buffer refuses the call under ``audit_ack = quorum``, where nothing that was promised may be
lost, and drops its oldest segment under ``local`` and ``async``, noted in the trace as
``audit-lost``. Records that ride in the replicated log are never taken in to be dropped: they
wait. At the end all that is left is published. Pattern: Microsoft, 2 to 19 September 2024 (R23).
Limits: a peer that holds a copy publishes it after two minutes, unless it is stuck too.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.ailments import AUDIT_STUCK
from regions.faults.affliction import Affliction
from sim.options import Option


class AuditDrop(Affliction):
    """The recorders of a place publish nothing, and their buffer is bounded."""

    name: ClassVar[str] = "audit-drop"
    hits: ClassVar[str] = "recorder"
    place: ClassVar[str] = "a region, an AZ or one recorder"
    ailment: ClassVar[str] = AUDIT_STUCK
    options: ClassVar[Mapping[str, Option]] = {
        "records": Option("1000", "number", "that one recorder holds unpublished", least="1"),
    }

    def value(self) -> int:
        """Return how many records the buffer holds."""
        return int(self.number("records"))
