"""Asks every AZ for every acknowledged key, once per run, after every fault has healed.

What does not belong here: what the answers mean (invariants/).
"""

from dataclasses import dataclass, field
from typing import Final

from regions.calls import Principal
from regions.errors import ServiceError
from scenarios.arena import Arena
from scenarios.witness import Keepsake, digest
from sim.actor import Expired
from sim.wire import Refusal

#: Its owner disabled the key or scheduled its deletion: the key is there.
_OWNERS_WILL: Final = ("DisabledException", "KMSInvalidStateException")
_FAULT_STATUS: Final = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """One AZ that does not show a key as it should."""

    time_ns: int
    region: str
    key_id: str
    text: str
    refused: bool  #: the AZ could not serve at all, which tells nothing of the key


@dataclass(slots=True)
class Examination:
    """What all AZs said of all acknowledged keys."""

    asked: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    #: Keys that some AZ described, and the blobs that some AZ opened: (region, key id).
    described: set[tuple[str, str]] = field(default_factory=set)
    opened: set[tuple[str, str]] = field(default_factory=set)


def examine_keys(arena: Arena) -> Examination:
    """Return what every AZ says of every acknowledged key; asks when first called."""
    found = arena.examined
    if not isinstance(found, Examination):
        found = arena.examined = _ask(arena)
    return found


def _ask(arena: Arena) -> Examination:
    found = Examination()
    owners = {keepsake.key_id: keepsake.principal for keepsake in arena.witness.keepsakes}
    for region, key_id in arena.witness.keys:
        for az in arena.deployment.azs[region]:
            found.asked += 1
            _describe(arena, found, region, az, key_id, owners.get(key_id))
    for keepsake in arena.witness.keepsakes:
        for az in arena.deployment.azs[keepsake.region]:
            found.asked += 1
            _open(arena, found, az, keepsake)
    return found


def _describe(
    arena: Arena, found: Examination, region: str, az: str, key_id: str, owner: Principal | None
) -> None:
    try:
        arena.api(region, "DescribeKey", {"KeyId": key_id}, owner, to=az)
    except (ServiceError, Expired, Refusal) as error:
        text = f"{az} does not describe key {key_id}: {_short(error)}"
        found.troubles.append(_trouble(arena, region, key_id, text, error))
    else:
        found.described.add((region, key_id))


def _open(arena: Arena, found: Examination, az: str, keepsake: Keepsake) -> None:
    region, key_id = keepsake.region, keepsake.key_id
    parameters = {"CiphertextBlob": keepsake.blob, "EncryptionContext": keepsake.context}
    try:
        answer = arena.api(region, "Decrypt", parameters, keepsake.principal, to=az)
    except (ServiceError, Expired, Refusal) as error:
        if getattr(error, "code", "") in _OWNERS_WILL:
            found.opened.add((region, key_id))
            return
        text = f"{az} does not open the first blob of {key_id}: {_short(error)}"
        found.troubles.append(_trouble(arena, region, key_id, text, error))
        return
    now_ns, opened = arena.world.now_ns, answer["Plaintext"]
    what = f"Decrypt of the first blob of {key_id} at {az}"
    arena.witness.compare(now_ns, what, keepsake.plaintext_digest, opened)
    if digest(opened) == keepsake.plaintext_digest:
        found.opened.add((region, key_id))
        return
    text = f"{az} opens the first blob of {key_id} to other bytes"
    found.troubles.append(Trouble(now_ns, region, key_id, text, refused=False))


def _trouble(
    arena: Arena, region: str, key_id: str, text: str, error: Exception
) -> Trouble:
    refused = not isinstance(error, ServiceError) or error.status >= _FAULT_STATUS
    return Trouble(arena.world.now_ns, region, key_id, text, refused)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0]
