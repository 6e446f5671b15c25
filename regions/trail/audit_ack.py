"""What must be durable before a call is answered: one setting, three choices, each with its price.

What does not belong here: how copies are made (ledger.py).
Source: ARCHITECTURE, "Audit".
"""

from dataclasses import dataclass
from typing import Final, Literal

AuditAck = Literal["quorum", "local", "async"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a choice of audit_ack costs, in words for the documentation."""

    waits_for: str  #: before a call is answered
    refuses: str
    may_lose: str


#: The default comes first.
AUDIT_ACKS: Final[dict[AuditAck, Price]] = {
    "quorum": Price(
        waits_for="a flush in its own AZ and in one more",
        refuses="every call of an AZ that reaches no other recorder of its region",
        may_lose="nothing, unless two AZs lose their disks",
    ),
    "local": Price(
        waits_for="a flush in its own AZ",
        refuses="nothing, as long as the AZ's own disk works",
        may_lose="records of an AZ whose disk never comes back, if not yet published",
    ),
    "async": Price(
        waits_for="nothing",
        refuses="nothing",
        may_lose="records of the last moments before a power cut",
    ),
}
