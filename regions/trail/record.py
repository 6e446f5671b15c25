"""One audit record: what the service remembers of one call.

What does not belong here: how a record reads as JSON (json_shape.py), where records are kept
(recorder.py, history.py), or which trail wants them (trails.py).
Source: CloudTrail User Guide, "CloudTrail record contents"; facts of KMS records, KMS Developer
Guide, "Logging AWS KMS API calls".
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from regions.calls import Connection, Principal
from sim.wire import SINCE, Message

MANAGEMENT: Final = "Management"
DATA: Final = "Data"
#: An event that the service made by itself, not a call. Source: User Guide, AWS service events.
SERVICE_EVENT: Final = "AwsServiceEvent"
#: Who acts where the provider does, and how records name a service that calls another for a user.
AWS_INTERNAL: Final = "AWS Internal"
#: Pairs of names and values.
Tags = tuple[tuple[str, str], ...]
#: Distinct seconds whose text is remembered; chosen.
SECONDS_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Message):
    """One thing that a call acted upon."""

    arn: str
    account: str
    kind: str = "AWS::KMS::Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord(Message):
    """What one answered call leaves behind; never a plaintext, a blob, a signature or a token."""

    event_id: str  #: UUID; unique per logical event
    request_id: str  #: UUID; equals the caller's x-amzn-RequestId; "" for service events
    time_ns: int  #: calendar nanoseconds since 1970-01-01T00:00:00Z at completion
    source: str  #: such as ``kms.amazonaws.com``
    name: str  #: such as ``Encrypt``
    region: str
    principal: Principal
    source_ip: str
    user_agent: str
    request_parameters: dict[str, Any] | None = None  #: lower-camel, as CloudTrail shows them
    response_elements: dict[str, Any] | None = None
    resources: tuple[Resource, ...] = ()
    error_code: str = ""
    error_message: str = ""
    read_only: bool = True
    event_type: str = "AwsApiCall"
    additional: dict[str, Any] | None = None  #: additionalEventData
    service_event: dict[str, Any] | None = None  #: serviceEventDetails
    recipient_account: str = ""
    category: str = "Management"  #: eventCategory; only Management events are in event history
    raw: str = ""  #: of recorded activity (activity.py), its JSON object as it was; else empty
    #: UUID that the copies for several accounts have in common (copies.py); "" if there is one.
    shared_event_id: str = field(default="", metadata={SINCE: 2})
    addendum: str = field(default="", metadata={SINCE: 2})  #: its reason; "": nothing is amiss
    connection: Connection | None = field(default=None, metadata={SINCE: 2})  #: as of ApiCall
    #: ARN and tags of each resource that the call was about and that had some then; only enriched
    #: events (enrichment.py) show them.
    tagged: tuple[tuple[str, Tags], ...] = field(default=(), metadata={SINCE: 2})


def recipient(record: AuditRecord) -> str:
    """Return the account that receives this record: twelve digits."""
    return record.recipient_account or record.principal.account


@lru_cache(maxsize=SECONDS_REMEMBERED)
def timestamp(second: int) -> str:
    """Return seconds since 1970 as ``2026-01-01T00:00:00Z``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


#: Wire ids 200–204.
RECORD_FRAMES: Final[dict[int, type[Any]]] = {200: Resource, 201: AuditRecord}
