"""What an application's clients saw, as the promises' history of calls.

A call is noted in passing, and told to the promises when they are judged: most tests make many
calls, and none of them waits for a history. Of keys only the plain ones are held against the
service: symmetric, made by it, under a policy that lets the account's root in. Whoever gives a key
another policy may lock himself out, and a key of another kind has states of its own.
What does not belong here: judging (invariants/), and how calls travel (port.py).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from regions.calls import ApiAnswer, ApiCall
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
_NOTHING: Final[Mapping[str, Any]] = {}


class Noted:
    """One call as it went by."""

    __slots__ = ("answer", "begin_ns", "call", "caller", "end_ns", "impatient", "refusal")

    def __init__(self, caller: str, call: ApiCall, begin_ns: int) -> None:
        self.caller, self.call, self.begin_ns = caller, call, begin_ns
        self.end_ns = 0  #: 0 while it is under way
        self.answer: Mapping[str, Any] | None = None
        self.refusal: Refusal | None = None
        self.impatient = False  #: its caller did not wait as long as anybody should


def _outcome(noted: Noted) -> tuple[str, bool, bool]:
    """Return how a call ended, whether that is definite, and whether it was served."""
    recorded = is_recorded(noted.call.service, noted.call.action)
    if noted.answer is not None:
        return OK, recorded, True
    if noted.refusal is None:
        return TIMEOUT, False, noted.impatient
    error = noted.refusal
    outcome = getattr(error, "code", type(error).__name__)
    definite = getattr(error, "definite", True) and recorded
    return outcome, definite, getattr(error, "status", _FAULT_STATUS) < _FAULT_STATUS


class Ledger:
    """Notes calls, and enters them into the history of an arena.

    Args:
      home: the region whose trail has the records of services without regions.
    """

    def __init__(self, arena: CloudArena, home: str) -> None:
        self._arena = arena
        self._world = arena.world
        self._home = home
        self._noted: list[Noted] = []
        self._refused_at_edge: list[Call] = []
        self._sealed: dict[tuple[str, bytes], bytes] = {}  #: (region, blob) -> digest of what
        self._learners: dict[str, Callable[[Call, Noted, Mapping[str, Any]], None]] = {
            "CreateKey": self._key_made,
            "Decrypt": self._opened,
            "Encrypt": self._encrypted,
            "GenerateDataKey": self._encrypted,
            "PutKeyPolicy": self._policy_put,
        }

    # In passing.

    def begin(self, caller: str, call: ApiCall) -> Noted:
        """Note a call that is sent now."""
        noted = Noted(caller, call, self._world.now_ns)
        self._noted.append(noted)
        return noted

    def answered(self, noted: Noted, answer: ApiAnswer) -> None:
        """Note a success."""
        noted.end_ns, noted.answer = self._world.now_ns, answer.body

    def refused(self, noted: Noted, error: Refusal) -> None:
        """Note an error that the service has answered with."""
        noted.end_ns, noted.refusal = self._world.now_ns, error

    def unanswered(self, noted: Noted, waited_ns: int) -> None:
        """Note that nobody knows what became of a call."""
        noted.end_ns, noted.impatient = self._world.now_ns, waited_ns < _PATIENT_NS

    def refused_at_edge(self, message: Publish) -> None:
        """Note what no service has heard of, though it is on record."""
        now_ns = self._world.now_ns
        for record in message.records:
            source = record.source.partition(".")[0]
            call = Call("", record.region, source, record.name, record.request_id, now_ns)
            call.end_ns, call.outcome, call.definite = now_ns, record.error_code, False
            self._refused_at_edge.append(call)

    # When it is wanted.

    def tell(self) -> None:
        """Enter everything that was noted into the history, in the order in which it began."""
        history = self._arena.history
        noted, self._noted = self._noted, []
        for each in noted:
            call = history.begin(self._entry(each))
            if each.end_ns:
                self._end(call, each)
        for call in self._refused_at_edge:
            history.begin(call)
        self._refused_at_edge = []

    def _entry(self, noted: Noted) -> Call:
        call = noted.call
        region = call.region if call.region in self._arena.deployment.trails else self._home
        return Call(
            noted.caller,
            self._home if call.service == "iam" else region,
            call.service,
            call.action,
            call.request_id,
            noted.begin_ns,
            call.principal.account,
            detail=KeyUse.of(call.parameters, call.region) if call.service == "kms" else None,
        )

    def untold(self) -> Iterator[Call]:
        """Yield what was noted, has ended, and is not entered yet; it is told all the same."""
        for each in self._noted:
            if each.end_ns:
                call = self._entry(each)
                call.end_ns = each.end_ns
                call.outcome, call.definite, call.served = _outcome(each)
                yield call

    def _end(self, entry: Call, noted: Noted) -> None:
        outcome, definite, served = _outcome(noted)
        if noted.answer is not None and entry.detail is not None:
            entry.detail.learn(noted.answer)
            learner = self._learners.get(entry.action)
            if learner is not None:
                learner(entry, noted, noted.answer)
        use, arena = entry.detail, self._arena
        if use is not None:
            owner = arena.owners.get((entry.place, use.key_id))
            # An id without an account is one of the caller's own.
            if owner is None or owner.account != entry.owner:
                entry.detail = None
        arena.history.end(
            entry, now_ns=noted.end_ns, outcome=outcome, definite=definite, served=served
        )

    # What single actions tell.

    def _key_made(self, entry: Call, noted: Noted, _body: Mapping[str, Any]) -> None:
        for name, value in noted.call.parameters.items():
            allowed = _PLAIN.get(name, frozenset())
            if allowed is not None and value not in allowed:
                return
        arena, key_id = self._arena, entry.detail.key_id
        arena.owners[entry.place, key_id] = root_of(entry.owner, entry.place)
        arena.witness.key_acknowledged(entry.place, key_id, noted.end_ns)

    def _policy_put(self, entry: Call, _noted: Noted, _body: Mapping[str, Any]) -> None:
        """Judge a key no longer whose policy may lock its owner out."""
        key, witness = (entry.place, entry.detail.key_id), self._arena.witness
        self._arena.owners.pop(key, None)
        witness.keys.pop(key, None)
        witness.keepsakes = [k for k in witness.keepsakes if (k.region, k.key_id) != key]

    def _encrypted(self, entry: Call, noted: Noted, body: Mapping[str, Any]) -> None:
        given = noted.call.parameters
        plaintext = given.get("Plaintext") or body.get("Plaintext")
        if not isinstance(plaintext, bytes):
            return
        region, blob, sealed = entry.place, body["CiphertextBlob"], digest(plaintext)
        self._sealed[region, blob] = sealed
        arena, key = self._arena, (region, entry.detail.key_id)
        owner = arena.owners.get(key)
        if owner is None or key in arena.kept:
            return
        arena.kept.add(key)
        arena.witness.keepsakes.append(
            Keepsake(
                region=region,
                key_id=key[1],
                principal=owner,
                blob=blob,
                context=given.get("EncryptionContext") or dict(_NOTHING),
                plaintext_digest=sealed,
            )
        )

    def _opened(self, entry: Call, noted: Noted, body: Mapping[str, Any]) -> None:
        sealed = self._sealed.get((entry.place, noted.call.parameters["CiphertextBlob"]))
        plaintext = body.get("Plaintext")
        if sealed is not None and isinstance(plaintext, bytes):
            what = f"Decrypt {entry.request_id} for {entry.caller}"
            self._arena.witness.compare(noted.end_ns, what, sealed, plaintext)
