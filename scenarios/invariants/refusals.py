"""What must be refused is refused, also when everything has healed.

In every region a key is made for this, and what nobody may get is asked for: a blob under another
encryption context, damaged, in another region; a call of somebody without permission, of another
account, of somebody whom the key policy denies it; of somebody beyond what a grant allows him, or
five minutes after it was revoked; the use of a disabled key; a key whose deletion is long due. An
answer that is no refusal breaks the promise; whether the region is there at all is for liveness to
say.
What does not belong here: refusals while calls overlap (key_state_linearizable.py).
Source: AWS KMS Developer Guide, "Key policies", "Encryption context", "Key states", "Deleting
keys" (a key is gone within a day of its deletion date), "Grants"; residency: ARCHITECTURE.
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
from sim.units import days, minutes, seconds
from sim.wire import Refusal

#: Chosen: after so long a change is seen in every AZ, of healthy ones milliseconds apart.
_SEEN_NS: Final = seconds(2)
#: AWS KMS Developer Guide: deletion can take up to a day after its date.
_DELETED_NS: Final = days(1)
#: AWS KMS Developer Guide, "Eventual consistency (for grants)": usually less than five minutes.
_GRANT_SEEN_NS: Final = minutes(5)
_FAULT_STATUS: Final = 500
_SECRET: Final = b"what nobody else may see"
_CONTEXT: Final = {"purpose": "refusal"}
#: Pairs that a careless form takes for the same: the border between name and value has moved.
_OTHER_CONTEXT: Final = {"purposere": "fusal"}
_OTHER_ACCOUNT: Final = "444455556666"
_LENT: Final = f"arn:aws:iam::{ACCOUNT}:user/lent"
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
        keys = [(region, key) for region in arena.regions if (key := _key(arena, region))]
        late = []
        for region, key in keys:
            for attempt in _forbidden(arena, region, *key):
                self._try(arena, attempt)
            late += self._try_grant(arena, region, *key)
        if late:
            arena.world.run_for(_GRANT_SEEN_NS)
        for attempt in late:
            self._try(arena, attempt)
        for region, key in keys:
            if _told(arena, region, "DisableKey", {"KeyId": key[0]}) is not None:
                arena.world.run_for(_SEEN_NS)
                for attempt in _unusable(arena, region, *key):
                    self._try(arena, attempt)
        for attempt in _deleted(arena):
            self._try(arena, attempt)

    def _try_grant(self, arena: Arena, region: str, key: str, blob: bytes) -> list[_Attempt]:
        """Give a grant, try more than it allows, and revoke it; return what to try later."""
        grant = _grant(arena, region, key)
        if grant is None:
            return []
        for attempt in _beyond(arena, region, key, blob, grant):
            self._try(arena, attempt)
        revoked = {"KeyId": key, "GrantId": grant["GrantId"]}
        gone = _told(arena, region, "RevokeGrant", revoked)
        return [] if gone is None else [_late(arena, region, key, grant)]

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


def _grant(arena: Arena, region: str, key: str) -> dict[str, Any] | None:
    """Return the id and a token of a new grant: it lets one person encrypt under one context."""
    parameters = {
        "KeyId": key,
        "GranteePrincipal": _LENT,
        "Operations": ["Encrypt"],
        "Constraints": {"EncryptionContextSubset": _CONTEXT},
    }
    return _told(arena, region, "CreateGrant", parameters)


def _holder(arena: Arena) -> Principal:
    """Return who holds the grant, and has no other leave."""
    return replace(arena.administrator(), arn=_LENT, user_name="lent", policies=())


def _beyond(
    arena: Arena, region: str, key: str, blob: bytes, grant: dict[str, Any]
) -> Iterator[_Attempt]:
    """Yield what a grant does not allow, though a token brings it along."""
    lent = _holder(arena)
    thief = replace(lent, arn=f"arn:aws:iam::{ACCOUNT}:user/thief", user_name="thief")
    token = {"GrantTokens": [grant["GrantToken"]]}
    sealed = {"CiphertextBlob": blob, "EncryptionContext": _CONTEXT, **token}
    plain = {"KeyId": key, "Plaintext": _SECRET, **token}
    other = {**plain, "EncryptionContext": _OTHER_CONTEXT}
    own = {**plain, "EncryptionContext": _CONTEXT}
    yield _Attempt("to somebody whose grant is for Encrypt", region, "Decrypt", sealed, lent)
    yield _Attempt("under a context that the grant excludes", region, "Encrypt", other, lent)
    yield _Attempt("to somebody with another's grant token", region, "Encrypt", own, thief)


def _late(arena: Arena, region: str, key: str, grant: dict[str, Any]) -> _Attempt:
    """Return what a grant allowed, for when it is revoked."""
    own = {
        "KeyId": key,
        "Plaintext": _SECRET,
        "EncryptionContext": _CONTEXT,
        "GrantTokens": [grant["GrantToken"]],
    }
    why = "five minutes after its grant was revoked"
    return _Attempt(why, region, "Encrypt", own, _holder(arena))


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
