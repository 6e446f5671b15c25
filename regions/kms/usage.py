"""When each key was last of use: what every AZ saw itself, and what the region agreed on.

An AZ notes the successful cryptographic calls that it answered, and from time to time has its notes
made part of the replicated state (regions/usage.py). An answer shows the later of the two, so a use
is seen at once in the AZ that served it, and everywhere once it was agreed on.
What does not belong here: the record of a use, which is complete and final at once (trail/).
Source: AWS KMS API Reference, GetKeyLastUsage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from regions.trail.record import AuditRecord
from sim.wire import Message

#: KeyLastUsageTrackingOperation: what counts as a use.
TRACKED: Final = frozenset(
    (
        *("Decapsulate", "Decrypt", "DeriveSharedSecret", "Encapsulate", "Encrypt"),
        *("GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"),
        *("GenerateDataKeyWithoutPlaintext", "GenerateMac", "ReEncrypt", "Sign", "Verify"),
        "VerifyMac",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse(Message):
    """One successful use of a key."""

    key_id: str
    action: str
    time_ns: int  #: calendar
    event_id: str  #: of its audit record
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageNoted(Message):
    """What one AZ has seen since it said so last; earlier uses than those known change nothing."""

    uses: tuple[KeyUse, ...]


#: Wire ids 672–679.
USAGE_FRAMES: Final[dict[int, type[Any]]] = {672: KeyUse, 673: UsageNoted}


class LastUses:
    """The last use of each key of a region, as one replica knows it; yields what is agreed on."""

    def __init__(self) -> None:
        self._agreed: dict[str, KeyUse] = {}
        self._fresh: dict[str, AuditRecord] = {}  # key id to the last record of a use of it

    def __iter__(self) -> Iterator[KeyUse]:
        return iter(self._agreed.values())

    def note(self, record: AuditRecord) -> bool:
        """Remember a call of this replica's host if it was a use; tell whether it was."""
        if record.name not in TRACKED or record.error_code:
            return False
        for one in record.resources:
            self._fresh[one.arn[one.arn.rfind("/") + 1 :]] = record
        return True

    def noted(self, limit: int) -> tuple[KeyUse, ...]:
        """Return at most ``limit`` uses that have not been agreed on."""
        pairs = zip(range(limit), self._fresh.items(), strict=False)
        return tuple(_use(key_id, record) for _, (key_id, record) in pairs)

    def last(self, key_id: str) -> KeyUse | None:
        """Return the last use of a key that is known here, or None."""
        known, record = self._agreed.get(key_id), self._fresh.get(key_id)
        if record is None or (known is not None and known.time_ns >= record.time_ns):
            return known
        return _use(key_id, record)

    def agree(self, use: KeyUse) -> None:
        """Take over a use that the region has agreed on, unless a later one is known."""
        known = self._agreed.get(use.key_id)
        if known is None or known.time_ns < use.time_ns:
            self._agreed[use.key_id] = use
        fresh = self._fresh.get(use.key_id)
        if fresh is not None and fresh.time_ns <= use.time_ns:
            del self._fresh[use.key_id]

    def drop(self, key_id: str) -> None:
        """Forget a key."""
        self._agreed.pop(key_id, None)
        self._fresh.pop(key_id, None)

    def forget_agreed(self) -> None:
        """Forget what was agreed on, before a snapshot takes its place."""
        self._agreed.clear()


def _use(key_id: str, record: AuditRecord) -> KeyUse:
    return KeyUse(
        key_id=key_id,
        action=record.name,
        time_ns=record.time_ns,
        event_id=record.event_id,
        request_id=record.request_id,
    )
