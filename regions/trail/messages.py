"""What recorders and the regional Trail actors say to each other, and how to hand records in.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
Append                AZ asks its recorder           Appended, or AuditRefused
Ride                  AZ sends or asks its recorder  Appended once flushed there
BackUp                recorder to a peer recorder    BackedUp, one way back
Release               recorder to a peer recorder    none
Inherit               recorder to a peer recorder    none
PeersAre              AZ to its recorder             none
RecorderUp            recorder to its AZ             PeersAre, one way back, if AZs have changed
Publish               recorder, replay ask Trail     Published
TrailShadow           Trail to the other regions     ShadowKept, one way back
RegionJoined          Trail to the other regions     RegionWelcomed, one way back
ReadHistory           checkers and downloads         HistoryPage
ReadCalendar          AZ asks the other recorders    CalendarRead
AskDataEvents         S3 asks Trail                  DataEvents, also one way when it changes
====================  =============================  ==============================================

What does not belong here: API calls (calls.py) and the entries of the actors' own files
(ledger.py, archive.py).
Source: ARCHITECTURE, "Audit".
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import Connection, Principal
from regions.trail.record import RECORD_FRAMES, AuditRecord, Resource
from regions.trail.selectors import (
    AdvancedSelector,
    BasicSelector,
    DataResource,
    FieldSelector,
    InsightSelectors,
    Selectors,
)
from regions.trail.trails import Logging, TrailSettings
from sim.wire import Codec, Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Append(Message):
    """Keep this record before the call that it tells of is answered."""

    record: AuditRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended(Message):
    """The record is kept as safely as ``audit_ack`` demands."""


class AuditRefused(Refusal):
    """The record cannot be kept safely enough, so the call must not be answered with success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride(Message):
    """Publish these records too: a majority of AZs holds them in its log already."""

    records: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp(Message):
    """Hold a copy of these records until they are released or 120 s have passed."""

    epoch: int  #: incarnation of the owner, who is the sender
    segment: int  #: what the owner publishes and releases together, 1, 2, ...
    number: int  #: of this batch within the epoch, 1, 2, ...
    data: bytes = field(repr=False)  #: journal entries, each one encoded AuditRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp(Message):
    """The copy of that batch is flushed here."""

    epoch: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Message):
    """The segment is published; its copy may go."""

    epoch: int
    segment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherit(Message):
    """I have started again: publish what you hold for my earlier incarnations."""

    epoch: int  #: the present one


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersAre(Message):
    """The region has other AZs now: these recorders keep copies from here on."""

    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderUp(Message):
    """A recorder has started again and knows only its first peers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Message):
    """Take these records of your region into history and trails, once by event id."""

    records: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Message):
    """All of them are on the Trail actor's disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailShadow(Message):
    """What a trail's home region now says about it; every region keeps the newest version."""

    settings: TrailSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowKept(Message):
    """That version, or a newer one, is on disk here."""

    arn: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionJoined(Message):
    """A region is there, perhaps a new one: tell it of your trails, deliver to its bucket."""

    region: str
    trail: str  #: name of its Trail actor
    bucket: str  #: name of its Bucket actor
    #: ``kms``, ``sns`` ... -> the actor that serves it there; a world may lack some.
    services: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWelcomed(Message):
    """The sender knows that region now and will tell it of every trail."""

    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistory(Message):
    """Download event history, in order of arrival; unlike LookupEvents no call that is recorded."""

    after: int = 0  #: ``next`` of the page before, or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Message):
    """At most 500 records of event history."""

    records: tuple[AuditRecord, ...]
    next: int  #: where to go on
    truncated: bool  #: there is more


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCalendar(Message):
    """What time is it where you are?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRead(Message):
    """The calendar of the recorder's node."""

    calendar_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDataEvents(Message):
    """Does any trail want data events? Tell me when that changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEvents(Message):
    """Whether any trail of the region wants data events now."""

    wanted: bool


#: What a trail's settings are made of: the ids on the wire and on the Trail actor's disk.
SETTINGS_FRAMES: Final[dict[int, type[Any]]] = {
    218: TrailSettings,
    219: Logging,
    220: Selectors,
    240: BasicSelector,
    241: DataResource,
    242: AdvancedSelector,
    243: FieldSelector,
    244: InsightSelectors,
}

#: Wire ids 205–249 and 742–743, beside 200–204 of record.py.
TRAIL_FRAMES: Final[dict[int, type[Any]]] = {
    **RECORD_FRAMES,
    **SETTINGS_FRAMES,
    205: Append,
    206: Appended,
    207: AuditRefused,
    208: Ride,
    209: BackUp,
    210: BackedUp,
    211: Release,
    212: Publish,
    213: Published,
    214: TrailShadow,
    215: ShadowKept,
    216: RegionJoined,
    217: RegionWelcomed,
    221: ReadHistory,
    222: HistoryPage,
    230: ReadCalendar,
    231: CalendarRead,
    232: PeersAre,
    233: Inherit,
    234: RecorderUp,
    742: AskDataEvents,
    743: DataEvents,
}

#: How a record is written to the disks of recorders.
RECORD_CODEC: Final = Codec({1: Principal, 200: Resource, 201: AuditRecord, 740: Connection})
