"""One record as event history holds it.

What does not belong here: how many are held (event_store.py) and for how long (history.py).
"""

from dataclasses import dataclass
from sys import intern

from regions.trail.messages import RECORD_CODEC
from regions.trail.record import AuditRecord, recipient
from sim.quick import hastened
from sim.units import NS_PER_SECOND


@hastened
@dataclass(frozen=True, slots=True)
class Kept:
    """One record as history holds it: what is searched or selected by, and its whole frame."""

    sequence: int  #: order of arrival in this region, 0, 1, ...
    time_ns: int
    event_id: str
    account: str
    source: str
    name: str
    read_only: bool
    management: bool
    category: str
    event_type: str
    error_code: str
    username: str
    principal_arn: str
    invoked_by: str
    access_key_id: str
    resources: tuple[tuple[str, str], ...]  #: (type, ARN)
    frame: bytes  #: the AuditRecord
    console: bool = False  #: the call came with a session of the management console

    @property
    def record(self) -> AuditRecord:
        """The whole record."""
        record: AuditRecord = RECORD_CODEC.decode(self.frame)
        return record

    @property
    def second(self) -> int:
        """Its eventTime: seconds since 1970."""
        return self.time_ns // NS_PER_SECOND


def username(record: AuditRecord) -> str:
    """Return what event history shows as user name; a role shows its session's name."""
    principal = record.principal
    if principal.kind == "AssumedRole":
        return principal.arn.rpartition("/")[2]
    return "root" if principal.kind == "Root" else principal.user_name


def kept(sequence: int, record: AuditRecord, frame: bytes) -> Kept:
    """Return the compact form of a record; names that repeat are shared."""
    return Kept(
        sequence=sequence,
        time_ns=record.time_ns,
        event_id=record.event_id,
        account=intern(recipient(record)),
        source=intern(record.source),
        name=intern(record.name),
        read_only=record.read_only,
        management=record.category == "Management",
        category=intern(record.category),
        event_type=intern(record.event_type),
        error_code=intern(record.error_code),
        username=intern(username(record)),
        principal_arn=intern(record.principal.arn),
        invoked_by=intern(record.principal.invoked_by),
        access_key_id=intern(record.principal.access_key_id),
        resources=tuple((intern(r.kind), intern(r.arn)) for r in record.resources),
        frame=frame,
        console=record.connection is not None and record.connection.console,
    )
