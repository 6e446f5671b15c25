"""What an application's clients saw, as the promises' history of calls.

Of keys only the plain ones are held against the service: symmetric, made by it, under a policy that
lets the account's root in. Whoever gives a key another policy may lock himself out, and a key of
another kind has states of its own.
What does not belong here: judging (invariants/), and how calls travel (port.py).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.live.callers import root_of
from regions.trail.messages import Publish
from scenarios.kit.arena import CloudArena
from scenarios.kit.unrecorded import is_recorded
from scenarios.witness import Keepsake, KeyUse, digest
from sim.check.history import OK, TIMEOUT, Call
from sim.units import seconds
from sim.wire import Refusal

_FAULT_STATUS: Final = 500
#: Who waits less than this has himself to blame for getting no answer; chosen.
_PATIENT_NS: Final = seconds(5)
#: Parameters with which a new key is a plain one, with the values that they may have.
_PLAIN: Final[Mapping[str, frozenset[Any] | None]] = {
    "Description": None,
    "Tags": None,
    "KeyUsage": frozenset({"ENCRYPT_DECRYPT"}),
    "KeySpec": frozenset({"SYMMETRIC_DEFAULT"}),
    "CustomerMasterKeySpec": frozenset({"SYMMETRIC_DEFAULT"}),
    "Origin": frozenset({"AWS_KMS"}),
    "MultiRegion": frozenset({False}),
}
_NOTHING: Final[Mapping[str, str]] = {}


class Ledger:
    """Enters calls into the history of an arena.

    Args:
      home: the region whose trail has the records of services without regions.
    """

    def __init__(self, arena: CloudArena, home: str) -> None:
        self._arena = arena
        self._home = home
        self._sealed: dict[tuple[str, bytes], bytes] = {}  #: (region, blob) -> digest of what
        self._learners: dict[str, Callable[[Call, ApiCall, dict[str, Any]], None]] = {
            "CreateKey": self._key_made,
            "Decrypt": self._opened,
            "Encrypt": self._encrypted,
            "GenerateDataKey": self._encrypted,
            "PutKeyPolicy": self._policy_put,
        }

    def begin(self, caller: str, call: ApiCall) -> Call:
        """Enter a call that is sent now."""
        kms = call.service == "kms"
        entry = Call(
            caller,
            self._home if call.service == "iam" else self._place(call.region),
            call.service,
            call.action,
            call.request_id,
            self._arena.world.now_ns,
            call.principal.account,
            detail=KeyUse.of(call.parameters, call.region) if kms else None,
        )
        return self._arena.history.begin(entry)

    def _place(self, region: str) -> str:
        return region if region in self._arena.deployment.trails else self._home

    def answered(self, entry: Call, call: ApiCall, answer: ApiAnswer) -> None:
        """Enter a success."""
        if entry.detail is not None:
            entry.detail.learn(answer.body)
            learner = self._learners.get(call.action)
            if learner is not None:
                learner(entry, call, answer.body)
        self._end(entry, OK, definite=is_recorded(call.service, call.action))

    def refused(self, entry: Call, error: Refusal) -> None:
        """Enter an error that the service has answered with."""
        outcome = getattr(error, "code", type(error).__name__)
        definite = getattr(error, "definite", True) and is_recorded(entry.service, entry.action)
        served = getattr(error, "status", _FAULT_STATUS) < _FAULT_STATUS
        self._end(entry, outcome, definite=definite, served=served)

    def unanswered(self, entry: Call, waited_ns: int) -> None:
        """Enter that nobody knows what became of a call."""
        self._end(entry, TIMEOUT, definite=False, served=waited_ns < _PATIENT_NS)

    def refused_at_edge(self, message: Publish) -> None:
        """Enter what no service has heard of, though it is on record."""
        now_ns = self._arena.world.now_ns
        for record in message.records:
            source = record.source.partition(".")[0]
            call = Call("", record.region, source, record.name, record.request_id, now_ns)
            self._arena.history.begin(call)
            self._end(call, record.error_code, definite=False)

    def _end(self, entry: Call, outcome: str, *, definite: bool, served: bool = True) -> None:
        use, arena = entry.detail, self._arena
        if use is not None:
            owner = arena.owners.get((entry.place, use.key_id))
            # An id without an account is one of the caller's own.
            if owner is None or owner.account != entry.owner:
                entry.detail = None
        now_ns = arena.world.now_ns
        arena.history.end(entry, now_ns=now_ns, outcome=outcome, definite=definite, served=served)

    # What single actions tell.

    def _key_made(self, entry: Call, call: ApiCall, _body: dict[str, Any]) -> None:
        for name, value in call.parameters.items():
            allowed = _PLAIN.get(name, frozenset())
            if allowed is not None and value not in allowed:
                return
        arena, key_id = self._arena, entry.detail.key_id
        arena.owners[entry.place, key_id] = root_of(call.principal.account, entry.place)
        arena.witness.key_acknowledged(entry.place, key_id, arena.world.now_ns)

    def _policy_put(self, entry: Call, _call: ApiCall, _body: dict[str, Any]) -> None:
        """Judge a key no longer whose policy may lock its owner out."""
        key, witness = (entry.place, entry.detail.key_id), self._arena.witness
        self._arena.owners.pop(key, None)
        witness.keys.pop(key, None)
        witness.keepsakes = [k for k in witness.keepsakes if (k.region, k.key_id) != key]

    def _encrypted(self, entry: Call, call: ApiCall, body: dict[str, Any]) -> None:
        plaintext = call.parameters.get("Plaintext") or body.get("Plaintext")
        if not isinstance(plaintext, bytes):
            return
        region, blob, sealed = entry.place, body["CiphertextBlob"], digest(plaintext)
        self._sealed[region, blob] = sealed
        key = (region, entry.detail.key_id)
        owner: Principal | None = self._arena.owners.get(key)
        if owner is None or key in self._arena.kept:
            return
        self._arena.kept.add(key)
        self._arena.witness.keepsakes.append(
            Keepsake(
                region=region,
                key_id=key[1],
                principal=owner,
                blob=blob,
                context=call.parameters.get("EncryptionContext") or dict(_NOTHING),
                plaintext_digest=sealed,
            )
        )

    def _opened(self, entry: Call, call: ApiCall, body: dict[str, Any]) -> None:
        sealed = self._sealed.get((entry.place, call.parameters["CiphertextBlob"]))
        plaintext = body.get("Plaintext")
        if sealed is not None and isinstance(plaintext, bytes):
            arena = self._arena
            what = f"Decrypt {call.request_id} for {entry.caller}"
            arena.witness.compare(arena.world.now_ns, what, sealed, plaintext)
