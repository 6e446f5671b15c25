"""What a folder of CloudTrail files comes to: calls to issue, the keys they need, and the rest.

What does not belong here: reading files (replay_reader.py) or records (replay_events.py).
Source: CloudTrail User Guide, "CloudTrail record contents".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from regions.calls import Connection, Principal
from scenarios.result import Skipped


class ReplayError(ValueError):
    """A folder, file or record that cannot be read as CloudTrail logs; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCall:
    """One recorded KMS call, as it can be issued again.

    What a record never holds (plaintexts, ciphertexts) is for the workload to make: a Decrypt
    needs a blob made under ``key_arn`` and the context in ``parameters``.
    """

    time_ns: int  #: eventTime, calendar nanoseconds since 1970-01-01T00:00:00Z
    region: str
    action: str
    parameters: Mapping[str, Any]  #: as the service model names them; KeyId as its caller wrote it
    key_arn: str  #: the key it was resolved to (of ReEncrypt, the source); "" when none is named
    destination_arn: str = ""  #: of ReEncrypt
    created_arn: str = ""  #: of a CreateKey that succeeded: the key's name in the log
    principal: Principal
    source_ip: str
    user_agent: str
    connection: Connection = field(default_factory=Connection)  #: as far as the record tells
    error_code: str  #: what the original call met; "" when it succeeded
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayKey:
    """One key that the calls of a log use."""

    arn: str  #: its name in the log; the replay has its own
    region: str
    account: str
    managed_by: str = ""  #: ``ssm`` for the key behind ``alias/aws/ssm``; "" for a customer's key
    created_by: str = ""  #: event id of the CreateKey in the log; "" when the key was there before
    aliases: tuple[str, ...] = ()  #: names it must have before the first call; sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayActivity:
    """One recorded event that is not a KMS call; trails see it as it was recorded."""

    time_ns: int
    region: str
    account: str
    source: str  #: eventSource, such as ``ssm.amazonaws.com``
    name: str
    event_id: str
    record: Mapping[str, Any]  #: the whole record


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A log folder, ready to be replayed; calls and activity are in order of their time."""

    source: str  #: the folder, as given
    files: int
    records: int
    calls: tuple[ReplayCall, ...]
    keys: tuple[ReplayKey, ...]  #: sorted by ARN
    activity: tuple[ReplayActivity, ...]
    skipped: tuple[Skipped, ...]  #: by falling count

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that a call, a key or an activity names, sorted."""
        calls = {call.region for call in self.calls}
        activity = {event.region for event in self.activity}
        return tuple(sorted(calls | activity | {key.region for key in self.keys}))

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that calls, owns a key or was active, sorted."""
        callers = {call.principal.account for call in self.calls}
        active = {event.account for event in self.activity}
        return tuple(sorted(callers | active | {key.account for key in self.keys}))

    @property
    def start_ns(self) -> int:
        """Calendar time of the first event; 0 when there is none."""
        return min(self._ends(first=True), default=0)

    @property
    def end_ns(self) -> int:
        """Calendar time of the last event; 0 when there is none."""
        return max(self._ends(first=False), default=0)

    @property
    def span_ns(self) -> int:
        """From the first event to the last; 0 when all fall into one second."""
        return self.end_ns - self.start_ns

    @property
    def first_call_ns(self) -> int:
        """Calendar time of the first KMS call; that of the first event when there is none."""
        return self.calls[0].time_ns if self.calls else self.start_ns

    @property
    def last_call_ns(self) -> int:
        """Calendar time of the last KMS call; that of the last event when there is none."""
        return self.calls[-1].time_ns if self.calls else self.end_ns

    def _ends(self, *, first: bool) -> list[int]:
        index = 0 if first else -1
        return [items[index].time_ns for items in (self.calls, self.activity) if items]
