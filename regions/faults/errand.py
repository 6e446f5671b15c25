"""Somebody of a customer's staff who calls the public API step by step, until all is done.

What does not belong here: which steps make an operator's error (the faults), and judging them.
Every attempt is noted in the trace, so that checkers know these calls besides the workload's.
"""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import FAULT_STATUS, ServiceError
from regions.faults.affliction import DomainFault
from regions.names import RESERVED_ALIAS_PREFIX
from sim.clock import Timer
from sim.options import Option
from sim.units import minutes, seconds
from sim.world import World

#: An attempt without an answer, or one that the service failed, is made again after this; chosen.
AGAIN_NS: Final = seconds(2)
#: The longest pause between two attempts; each is twice the one before; chosen.
AGAIN_MAX_NS: Final = minutes(5)
#: How long an attempt waits; chosen, as an operator's command line does.
PATIENCE_NS: Final = seconds(10)
#: Replicas of a healthy region agree long before this; chosen.
SETTLE_NS: Final = seconds(2)
#: Pauses before each try to undo something that others may be at as well: after half an hour
#: people let it be; chosen.
UNDO_PAUSES_NS: Final = tuple(SETTLE_NS << turn for turn in range(10))
#: The kind of the notes in the trace: ``action``, ``request_id``, whose call it is and about which
#: key, and at the end ``outcome``.
NOTE: Final = "errand"
#: The kind of the note that a fault whose errand is done has changed nothing, and why.
IDLE: Final = "idle"
#: Actions that change nothing begin with these.
_READS: Final = ("Describe", "Get", "List")
#: The account of the scenarios' callers; one of those that AWS uses in its own examples.
ACCOUNT: Final = "111122223333"

#: Parameters that checkers of keys are told.
_TOLD: Final = ("KeyId", "PendingWindowInDays")

_ALLOW_ALL: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One step: call an action until it is answered; the answer or the refusal comes back."""

    action: str
    parameters: dict[str, Any] = field(default_factory=dict)
    service: str = "kms"
    user: str = "administrator"


#: What an action answered: the body, or an error of the request itself.
Answer = dict[str, Any] | ServiceError
#: Yields steps, or pauses in ns.
Steps = Generator[Ask | int, Answer, None]


def undone(undo: Ask, look: Ask, well: Callable[[dict[str, Any]], bool]) -> Steps:
    """Try to undo something until a look at it shows that, or nobody may look, or it is let be."""
    for pause_ns in UNDO_PAUSES_NS:
        yield pause_ns
        yield undo
        answer = yield look
        if isinstance(answer, ServiceError) or well(answer):
            return


def listed_trails() -> Generator[Ask | int, Answer, list[dict[str, Any]]]:
    """Return the trails of the region, shadows included; none if it does not say."""
    answer = yield Ask(action="DescribeTrails", service="cloudtrail")
    return [] if isinstance(answer, ServiceError) else answer["trailList"]


def staff(user: str, account: str = ACCOUNT) -> Principal:
    """Return one of an account's staff, whom identity policies allow everything."""
    letters = user.upper().replace("-", "")
    return Principal(
        kind="IAMUser",
        account=account,
        arn=f"arn:aws:iam::{account}:user/{user}",
        principal_id="AIDA" + letters.ljust(17, "X")[:17],
        user_name=user,
        access_key_id="AKIA" + letters.ljust(16, "X")[:16],
        policies=(_ALLOW_ALL,),
    )


def note_call(world: World, call: ApiCall, outcome: str = "") -> None:
    """Put a call that a fault makes into the trace as it begins, and again with its outcome."""
    about: dict[str, Any] = {
        "action": call.action,
        "request_id": call.request_id,
        "service": call.service,
        "account": call.principal.account,
        **{name: call.parameters[name] for name in _TOLD if name in call.parameters},
    }
    if outcome:
        about["outcome"] = outcome
    world.note(NOTE, call.region, **about)


def outcome_of(answer: object) -> str:
    """Return ``ok``, or the name of the error."""
    return "ok" if isinstance(answer, ApiAnswer) else type(answer).__name__


class Errand:
    """Walks through steps in one region, one call at a time, from outside every AZ.

    Args:
      region: whose endpoints are called.
      account: the customer.
      purpose: names this errand's stream of chance.
    """

    def __init__(self, world: World, region: str, account: str, purpose: str) -> None:
        self.rng = world.rng("fault", purpose, region)
        self._world, self._region, self._account = world, region, account
        self._steps: list[Steps] = []
        self._timer: Timer | None = None
        self._asking = False

    def begin(self, steps: Steps) -> None:
        """Give up what is not done yet, and take these steps once the last call has ended."""
        self._steps = [steps]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._asking:
            self._advance(None)

    def _advance(self, answer: Answer | None) -> None:
        """Take the next step; None begins."""
        self._timer = None
        if not self._steps:
            return
        steps = self._steps[0]
        try:
            step = next(steps) if answer is None else steps.send(answer)
        except StopIteration:
            self._steps.remove(steps)
            return
        if isinstance(step, int):
            self._timer = self._world.at(self._world.now_ns + step, self._advance, {})
        else:
            self._attempt(steps, step)

    def _attempt(self, steps: Steps, step: Ask, again_ns: int = AGAIN_NS) -> None:
        self._timer = None
        call = ApiCall(
            service=step.service,
            region=self._region,
            action=step.action,
            parameters=step.parameters,
            principal=staff(step.user, self._account),
            source_ip="203.0.113.77",
            user_agent="aws-cli/2.34.0 md/awscrt#0.31.0",
            request_id=self.rng.uuid(),
        )
        note_call(self._world, call)
        self._asking = True

        def then(answer: Any) -> None:
            self._asking = False
            note_call(self._world, call, outcome_of(answer))
            if self._steps != [steps]:
                self._advance(None)  # Others steps have begun meanwhile.
            elif isinstance(answer, ApiAnswer):
                self._advance(answer.body)
            elif isinstance(answer, ServiceError) and answer.status < FAULT_STATUS:
                self._advance(answer)
            else:
                longer_ns = min(2 * again_ns, AGAIN_MAX_NS)
                at_ns = self._world.now_ns + again_ns
                self._timer = self._world.at(at_ns, self._attempt, steps, step, longer_ns)

        self._world.call(f"{self._region}/router", call, then, timeout_ns=PATIENCE_NS)


class OperatorError(DomainFault):
    """Something wrong that a customer's administrator does through the API, and later undoes.

    The steps of both go on until the service has answered them, also after the fault's end. An
    error that finds nothing to do, or is refused, is noted.
    """

    hits: ClassVar[str] = "router"
    place: ClassVar[str] = "a region"
    stops: ClassVar[bool] = True

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._errand: Errand | None = None

    def inject(self, world: World) -> None:
        """Begin to do it."""
        account = self.word("account")
        self._errand = Errand(world, self.target, account, f"{self.name}@{world.now_ns}")
        self._errand.begin(self._told(world, self.err(self._errand)))

    def heal(self, world: World) -> None:  # noqa: ARG002 - the contract of faults
        """Begin to undo it."""
        if self._errand is not None:
            self._errand.begin(self.undo(self._errand))

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is no single region."""
        super().check(target)
        if "/" in target:
            raise ValueError(f"fault {cls.name} wants a region as its target, not {target!r}")

    def _told(self, world: World, steps: Steps) -> Steps:
        """Take some steps, and note it if none of them has changed anything."""
        changed, why = False, "nothing-fits"
        step = next(steps, None)
        while step is not None:
            answer = yield step
            if isinstance(answer, ServiceError):
                why = answer.code
            elif isinstance(step, Ask) and not step.action.startswith(_READS):
                changed = True
            try:
                step = steps.send(answer)
            except StopIteration:
                step = None
        if not changed:
            world.note(IDLE, self.target, fault=self.name, why=why)

    def err(self, errand: Errand) -> Steps:
        """Do it."""
        raise NotImplementedError(self.name, errand)

    def undo(self, errand: Errand) -> Steps:
        """Undo what was done of it."""
        raise NotImplementedError(self.name, errand)


ACCOUNT_OPTION: Final = Option(
    ACCOUNT, "word", "the customer's account, twelve digits", form=r"\d{12}", like="twelve digits"
)
KEY_OPTION: Final = Option("any", "word", "id of the key; any: one that an alias names")


def named_keys(errand: Errand) -> Generator[Ask | int, Answer, list[tuple[str, str]]]:
    """Return the customer's aliases and the keys that they name, in an order of chance."""
    answer = yield Ask(action="ListAliases")
    listed = [] if isinstance(answer, ServiceError) else answer["Aliases"]
    found = [
        (entry["AliasName"], entry["TargetKeyId"])
        for entry in listed
        if not entry["AliasName"].startswith(RESERVED_ALIAS_PREFIX) and "TargetKeyId" in entry
    ]
    errand.rng.shuffle(found)
    return found


def customer_keys(errand: Errand) -> Generator[Ask | int, Answer, list[str]]:
    """Return the customer's own enabled keys, of the first page, in an order of chance."""
    answer = yield Ask(action="ListKeys")
    listed = [] if isinstance(answer, ServiceError) else answer["Keys"]
    found = []
    for entry in listed:
        described = yield Ask(action="DescribeKey", parameters={"KeyId": entry["KeyId"]})
        if not isinstance(described, ServiceError):
            seen = described["KeyMetadata"]
            if seen["KeyManager"] == "CUSTOMER" and seen["Enabled"]:
                found.append(entry["KeyId"])
    errand.rng.shuffle(found)
    return found


def victim(errand: Errand, wanted: str) -> Generator[Ask | int, Answer, str]:
    """Return the key that an operator's error hits; "" when the customer has none."""
    if wanted != KEY_OPTION.default:
        return wanted
    named = yield from named_keys(errand)
    if named:
        return named[0][1]
    keys = yield from customer_keys(errand)
    return keys[0] if keys else ""
