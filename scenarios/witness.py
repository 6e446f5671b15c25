"""What callers saw with their own eyes and checkers may hold against the service.

What does not belong here: judging (invariants/). Plaintexts stay inside the simulated callers;
the witness keeps digests.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from regions.calls import Principal


def digest(plaintext: bytes) -> bytes:
    """Return what the witness keeps of a plaintext: 16 bytes of SHA-256."""
    return hashlib.sha256(plaintext).digest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepsake:
    """A key that was acknowledged, with one blob that must open as long as the key lives."""

    region: str
    key_id: str
    principal: Principal
    blob: bytes
    context: dict[str, str]
    plaintext_digest: bytes


@dataclass(slots=True)
class KeyUse:
    """Which key one call was about, and what its answer showed of the key."""

    key_id: str = ""  #: "" while unknown: it was named by alias, by blob, or is still to be made
    state: str = ""  #: KeyState, if the answer showed it
    window_days: int = 0  #: of ScheduleKeyDeletion; 0 when left to the service

    @classmethod
    def of(cls, parameters: Mapping[str, Any], region: str = "") -> "KeyUse":
        """Return what a request tells; ``learn`` adds what its answer tells.

        Args:
          region: that is called; there is no key there that another region's ARN could name.
        """
        days, name = parameters.get("PendingWindowInDays"), parameters.get("KeyId")
        if region and isinstance(name, str) and name.startswith("arn:"):
            name = name if f":{region}:" in name else None
        return cls(_key_id(name), "", days if isinstance(days, int) else 0)

    def learn(self, body: Mapping[str, Any]) -> None:
        """Take over what a good answer says."""
        metadata = body.get("KeyMetadata", body)
        self.key_id = _key_id(metadata.get("KeyId")) or self.key_id
        self.state = metadata.get("KeyState", "")


def _key_id(name: Any) -> str:
    """Return the key id of an id or ARN; "" of an alias or of what is no name at all."""
    if not isinstance(name, str) or "alias/" in name:
        return ""
    return intern(name.rpartition("/")[2])


@dataclass(slots=True)
class Witness:
    """Everything that the callers of one run want remembered."""

    keys: dict[tuple[str, str], int] = field(default_factory=dict)  #: (region, key id) -> when
    keepsakes: list[Keepsake] = field(default_factory=list)
    opened: int = 0  #: how many decryptions were compared with what had been encrypted
    mismatches: list[tuple[int, str]] = field(default_factory=list)
    #: Event ids of recorded activity that was handed to the trails: (region, event id).
    activity: list[tuple[str, str, int]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def key_acknowledged(self, region: str, key_id: str, now_ns: int) -> None:
        """CreateKey was answered with success."""
        self.keys[region, key_id] = now_ns

    def compare(self, now_ns: int, what: str, expected: bytes, plaintext: bytes) -> None:
        """Hold one decryption against the digest of what had been encrypted."""
        self.opened += 1
        if digest(plaintext) != expected:
            self.mismatches.append((now_ns, f"{what} returned other bytes than were encrypted"))
