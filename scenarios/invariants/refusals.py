"""What must be refused is refused, also when everything has healed.

In every region a key is made for this, and what nobody may get is asked for: a blob under another
encryption context, damaged, in another region; a call of somebody without permission, of another
account, of somebody whom the key policy denies it; the use of a disabled key; a key whose
deletion is long due. An answer that is no refusal breaks the promise; whether the region is there
at all is for liveness to say.
What does not belong here: refusals while calls overlap (key_state_linearizable.py).
Source: AWS KMS Developer Guide, "Key policies", "Encryption context", "Key states", "Deleting
keys" (a key is gone within a day of its deletion date); residency: ARCHITECTURE.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Final, NamedTuple

from regions.calls import Principal
from regions.errors import ServiceError
from scenarios.accounts import ACCOUNT
from scenarios.arena import Arena
from scenarios.invariants.promise import Promise
from scenarios.key_history import GONE, PENDING, deletion_ns, lives
from sim.actor import Expired
from sim.units import days, seconds
from sim.wire import Refusal

#: Chosen: after so long a change is seen in every AZ, of healthy ones milliseconds apart.
_SEEN_NS: Final = seconds(2)
#: AWS KMS Developer Guide: deletion can take up to a day after its date.
_DELETED_NS: Final = days(1)
_FAULT_STATUS: Final = 500
_SECRET: Final = b"what nobody else may see"
_CONTEXT: Final = {"purpose": "refusal"}
#: Pairs that a careless form takes for the same: the border between name and value has moved.
_OTHER_CONTEXT: Final = {"purposere": "fusal"}
_OTHER_ACCOUNT: Final = "444455556666"
_BANNED: Final = f"arn:aws:iam::{ACCOUNT}:user/banned"
_POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": _BANNED},
                "Action": ["kms:Encrypt", "kms:Decrypt"],
                "Resource": "*",
            },
        ],
    }
)


class _Attempt(NamedTuple):
    """A call that must be refused."""

    why: str
    region: str
    action: str
    parameters: dict[str, Any]
    principal: Principal


class Refusals(Promise):
    """No call succeeds that policy, context, key state or residency forbids."""

    name: ClassVar[str] = "refusals"
    compared: ClassVar[str] = "calls that nobody may make, tried in every region when all was calm"

    def examine(self, arena: Arena) -> None:
        """Make a key in every region, and try what must not work."""
        for region in arena.regions:
            key = _key(arena, region)
            if key is None:
                continue
            for attempt in _forbidden(arena, region, *key):
                self._try(arena, attempt)
            if _told(arena, region, "DisableKey", {"KeyId": key[0]}) is not None:
                arena.world.run_for(_SEEN_NS)
                for attempt in _unusable(arena, region, *key):
                    self._try(arena, attempt)
        for attempt in _deleted(arena):
            self._try(arena, attempt)

    def _try(self, arena: Arena, attempt: _Attempt) -> None:
        why, region, action, parameters, principal = attempt
        try:
            arena.api(region, action, parameters, principal)
        except ServiceError as error:
            self.checked += error.status < _FAULT_STATUS
        except (Expired, Refusal):
            return
        else:
            self.checked += 1
            self.fail(arena.world.now_ns, f"{action} in {region} is answered {why}")


def _told(
    arena: Arena, region: str, action: str, parameters: dict[str, Any]
) -> dict[str, Any] | None:
    """Return an answer to the administrator; None if the region gives none."""
    try:
        return arena.api(region, action, parameters)
    except (ServiceError, Expired, Refusal):
        return None


def _key(arena: Arena, region: str) -> tuple[str, bytes] | None:
    """Return a new key's ARN and something sealed under it, once every AZ knows of it."""
    made = _told(arena, region, "CreateKey", {"Policy": _POLICY})
    if made is None:
        return None
    arena.world.run_for(_SEEN_NS)
    key = made["KeyMetadata"]["Arn"]
    parameters = {"KeyId": key, "Plaintext": _SECRET, "EncryptionContext": _CONTEXT}
    sealed = _told(arena, region, "Encrypt", parameters)
    return None if sealed is None else (key, sealed["CiphertextBlob"])


def _forbidden(arena: Arena, region: str, key: str, blob: bytes) -> Iterator[_Attempt]:
    """Yield what must be refused while the key is enabled."""
    admin = arena.administrator()
    sealed = {"CiphertextBlob": blob, "EncryptionContext": _CONTEXT}
    plain = {"KeyId": key, "Plaintext": _SECRET}
    nobody = replace(admin, arn=f"arn:aws:iam::{ACCOUNT}:user/nobody", policies=())
    banned = replace(admin, arn=_BANNED, user_name="banned")
    other = {"CiphertextBlob": blob, "EncryptionContext": _OTHER_CONTEXT}
    damaged = {**sealed, "CiphertextBlob": blob[:-1] + bytes([blob[-1] ^ 1])}
    yield _Attempt("under another encryption context", region, "Decrypt", other, admin)
    yield _Attempt("without context", region, "Decrypt", {"CiphertextBlob": blob}, admin)
    yield _Attempt("for a damaged blob", region, "Decrypt", damaged, admin)
    yield _Attempt("to somebody without permission", region, "Decrypt", sealed, nobody)
    stranger = arena.administrator(_OTHER_ACCOUNT)
    yield _Attempt("to another account", region, "Decrypt", sealed, stranger)
    yield _Attempt("to somebody whom the policy denies it", region, "Encrypt", plain, banned)
    for elsewhere in arena.regions:
        if elsewhere != region:
            text = f"for a key of {region}"
            yield _Attempt(text, elsewhere, "DescribeKey", {"KeyId": key}, admin)
            yield _Attempt(text, elsewhere, "Decrypt", sealed, admin)
            break


def _unusable(arena: Arena, region: str, key: str, blob: bytes) -> Iterator[_Attempt]:
    """Yield what must be refused while the key is disabled."""
    sealed = {"CiphertextBlob": blob, "EncryptionContext": _CONTEXT}
    plain = {"KeyId": key, "Plaintext": _SECRET}
    for action, parameters in (("Decrypt", sealed), ("Encrypt", plain)):
        yield _Attempt("with a disabled key", region, action, parameters, arena.administrator())


def _deleted(arena: Arena) -> Iterator[_Attempt]:
    """Yield looks at keys that must be gone: condemned for certain, and never changed again."""
    for life in lives(arena):
        if not life.changes:
            continue
        *earlier, last = life.changes
        if last.after != PENDING or last.call.indefinite:
            continue
        if any(s.call.indefinite or s.call.end_ns > last.call.begin_ns for s in earlier):
            continue
        if deletion_ns(last.call) + _DELETED_NS <= arena.world.now_ns:
            why = f"a day after the key was {GONE}"
            principal = arena.administrator(last.call.owner)
            yield _Attempt(why, life.region, "DescribeKey", {"KeyId": life.key_id}, principal)
