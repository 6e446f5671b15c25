"""Loss of the audit plane: recorders keep nothing.

Model: the recorders of the place refuse to keep records, their own AZ's and copies for others.
What they hold they still publish. A call that cannot be recorded as ``audit_ack`` demands is
answered with KMSInternalException, whatever it did, so no promise about records breaks; with one
AZ's recorder out, callers find the other AZs by retrying. Records that ride in the replicated log
wait there. Limits: the trail service itself is not hit; power-off and partition do that.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.ailments import AUDIT_DOWN
from regions.faults.affliction import Affliction
from sim.options import Option


class AuditDown(Affliction):
    """The recorders of a place refuse to keep records: no call there can be answered well."""

    name: ClassVar[str] = "audit-down"
    hits: ClassVar[str] = "recorder"
    place: ClassVar[str] = "a region, an AZ or one recorder"
    ailment: ClassVar[str] = AUDIT_DOWN
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("100%", "share", "of the appends that are refused, by chance"),
    }

    def value(self) -> float:
        """Return the share that is refused."""
        return self.share("share")
