"""What a cloud has recorded of its callers: every record there is, delivered or not.

Records are read where they lie: in the replicated log, in which those of changes ride, and on the
disks of the recorders, one of which has them before a call is answered; and on that of event
history, which has them some seconds later. Nobody is asked, so to look takes no virtual time and
changes nothing.
What does not belong here: what should be there (invariants/audit_complete.py).
Source: CloudTrail User Guide, "CloudTrail record contents"; layouts: regions/trail/ledger.py and
archive.py, regions/replication/log.py.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, overload

from regions import armour
from regions.deployment import Deployment
from regions.kms.changes import LOG_CODEC, Command
from regions.replication.log import Hard, decode_state, scan
from regions.replication.storage import LOG, STATE
from regions.trail.copies import copies
from regions.trail.intake import source_of
from regions.trail.journal import entries
from regions.trail.json_shape import to_json
from regions.trail.messages import RECORD_CODEC
from regions.trail.record import AuditRecord, recipient
from sim.wire import FrameError
from sim.world import SimWorld

#: Of event history, each entry begins with the record's place in the order of arrival.
_SEQUENCE_BYTES: Final = 8
_HISTORY_FILES: Final = "records:"


class AuditRecords(Sequence[dict[str, Any]]):
    """Records in the order of their times, each in CloudTrail's own shape."""

    def __init__(self, records: Iterable[AuditRecord]) -> None:
        self._records = tuple(records)

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """All of them, as they stand in log files."""
        return [to_json(record) for record in self._records]

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Those of calls that were refused or failed: they have an ``errorCode``."""
        return [event for event in self.events if "errorCode" in event]

    @property
    def succeeded(self) -> list[dict[str, Any]]:
        """The others."""
        return [event for event in self.events if "errorCode" not in event]

    @property
    def names(self) -> list[str]:
        """The name of each event, such as ``Encrypt``."""
        return [record.name for record in self._records]

    def named(self, *names: str) -> "AuditRecords":
        """Return the records of these actions."""
        return AuditRecords(record for record in self._records if record.name in names)

    def by(self, arn: str) -> "AuditRecords":
        """Return the records of calls of one principal, of a role in any session."""
        return AuditRecords(
            record
            for record in self._records
            if arn in (record.principal.arn, record.principal.issuer_arn)
        )

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.events)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self.events[index]

    def __repr__(self) -> str:
        shown = ", ".join(f"{record.name} {record.error_code}".rstrip() for record in self._records)
        return f"<{len(self)} audit records: {shown}>"


def read_audit(
    world: SimWorld,
    deployment: Deployment,
    regions: Iterable[str],
    key: str | None = None,
    account: str | None = None,
    unsupported: Iterable[str] = (),
) -> AuditRecords:
    """Return the records of some regions.

    Args:
      key: id, ARN or alias of a KMS key: only the records that are about it.
      account: only what this account receives.
      unsupported: services that leave no events; what was kept for them goes no further.
    """
    silent = {source_of(service) for service in unsupported}
    found: dict[str, AuditRecord] = {}
    for region in regions:
        for record in _recorded(world, deployment, region):
            # Whoever else is concerned gets a copy only where history is kept.
            for copy in copies(record):
                mine = account is None or recipient(copy) == account
                if mine and copy.source not in silent:
                    found.setdefault(copy.event_id, copy)
    records = sorted(found.values(), key=lambda record: (record.time_ns, record.event_id))
    return AuditRecords(records if key is None else _about(records, key))


def _recorded(world: SimWorld, deployment: Deployment, region: str) -> Iterator[AuditRecord]:
    """Yield what one region holds, some of it more than once."""
    trail: Any = world.disk(deployment.trails[region])
    for file in trail.files():
        if file.startswith(_HISTORY_FILES):
            data = armour.unseal(file, trail.peek(file)).data
            yield from _decoded(entry[_SEQUENCE_BYTES:] for entry in entries(data))
    for recorder in deployment.recorders[region]:
        disk: Any = world.disk(recorder)
        for file in disk.files():
            yield from _decoded(entries(disk.peek(file)))
    yield from _riding([world.disk(node) for node in deployment.nodes[region]])


def _riding(nodes: Sequence[Any]) -> Iterator[AuditRecord]:
    """Yield the records of log entries that a majority of a region's nodes has: the committed."""
    copies: Counter[tuple[int, int]] = Counter()
    for disk in nodes:
        hard = decode_state(disk.peek(STATE)).hard or Hard()
        for log_entry in scan(disk.peek(LOG), hard).entries.all():
            copies[log_entry.index, log_entry.term] += 1
            if copies[log_entry.index, log_entry.term] == len(nodes) // 2 + 1 and log_entry.data:
                command = None if log_entry.config else LOG_CODEC.decode(log_entry.data)
                if isinstance(command, Command) and command.record is not None:
                    yield command.record


def _decoded(frames: Iterable[bytes]) -> Iterator[AuditRecord]:
    for frame in frames:
        try:
            record = RECORD_CODEC.decode(frame)
        except FrameError:
            continue  # It has rotted; the promise audit-complete speaks of that.
        if isinstance(record, AuditRecord):
            yield record


def _about(records: Sequence[AuditRecord], key: str) -> Iterator[AuditRecord]:
    """Yield the records that name a key, as resource or as what was asked for."""
    wanted = {_plain(key)}
    if _is_alias(key):
        for record in records:
            named = record.request_parameters or {}
            if _plain(named.get("aliasName", "")) in wanted and "targetKeyId" in named:
                wanted.add(_plain(named["targetKeyId"]))
            elif _plain(named.get("keyId", "")) in wanted:
                wanted.update(_plain(resource.arn) for resource in record.resources)
    for record in records:
        if not wanted.isdisjoint(_names(record)):
            yield record


def _names(record: AuditRecord) -> Iterator[str]:
    yield from (_plain(resource.arn) for resource in record.resources)
    named = record.request_parameters or {}
    yield from (_plain(named.get(member, "")) for member in ("keyId", "aliasName", "targetKeyId"))


def _is_alias(name: str) -> bool:
    return _plain(name).startswith("alias/")


def _plain(name: Any) -> str:
    """Return an id or alias without the ARN around it; what is none is left as it is."""
    if not isinstance(name, str) or not name.startswith("arn:"):
        return str(name)
    tail = name.partition(":key/")[2]
    alias = name.partition(":alias/")[2]
    return tail or (f"alias/{alias}" if alias else name)
