"""A state machine of Hypothesis that uses a cloud, breaks it, and holds it to its promises.

Subclass it, add rules and invariants of your own, and let its ``TestCase`` be run. Every step has
two choices at most, so that Hypothesis can cut steps out one by one, until what is left is the
least that breaks a promise.
What does not belong here: what is promised (invariants/), and single faults (strategies/).
Source: Hypothesis, "Stateful tests".
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Final

try:
    from hypothesis import (
        HealthCheck,
        Phase,
        currently_in_test_context,
        event,
        settings,
        target,
    )
    from hypothesis import strategies as st
    from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, rule
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "Hypothesis is not installed; expected the extra: pip install 'elevennines[kit]'"
    ) from None

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

from regions.faults import FAULTS
from regions.faults.errand import OperatorError
from regions.topology import Topology, default_azs
from scenarios.budget import judge
from scenarios.kit.cloud import Cloud
from scenarios.kit.fault_table import likely
from scenarios.kit.judgement import PROMISES
from scenarios.kit.roster import Identity
from scenarios.kit.strategies.fault_lines import LASTS, fault_lines
from scenarios.kit.strategies.topologies import CEREMONY_NS
from scenarios.kit.swarm import cut_steps_out_whole
from scenarios.kit.targets import targets
from scenarios.result import Verdict
from sim.plan import FaultLine, Plan, PlanError, When, parse_duration
from sim.units import NS_PER_SECOND, days

Context = Mapping[str, str]

#: One region, whose reads are linearizable: what an answer says is so in every AZ.
ONE_REGION: Final = Topology(
    regions={"us-east-1": default_azs("us-east-1")},
    consistency="linearizable",
    ceremony_ns=CEREMONY_NS,
)
#: How long ``advance`` takes: longer than a fault, long enough to heal, and for a deletion.
DURATIONS: Final = ("10s", "2m", "1d", "8d", "31d")
#: The last two are one to who forgets where a name ends.
CONTEXTS: Final[Sequence[Context]] = ({}, {"a": "bc"}, {"ab": "c"})
#: What ``ScheduleKeyDeletion`` takes, in days; the shortest ends within one of DURATIONS.
WINDOWS: Final = (7, 30)
#: Someone whom no policy lets do anything.
NOBODY: Final = "arn:aws:iam::{account}:user/nobody"
#: How patient clients are, in virtual time: they give up within half a minute.
CONFIG: Final = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)
#: Steps of an example, if nobody says otherwise: most bugs need three in a row, and a step costs
#: a thirtieth of what it takes to open a cloud and to judge it.
STEPS: Final = 30
#: Plans are judged as if the run went on for so long.
_LONG_NS: Final = days(30)


class PromiseBroken(AssertionError):
    """A cloud has broken a promise; each promise has a class of its own, so they are told apart."""

    promise: ClassVar[str]


@cache
def broken(promise: str) -> type[PromiseBroken]:
    """Return the class of the error that says that a promise is broken."""
    name = "".join(word.capitalize() for word in promise.split("-")) + "Broken"
    return type(name, (PromiseBroken,), {"promise": promise, "__module__": __name__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that was made."""

    region: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """An alias that was made, whatever it names by now."""

    region: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Something that was sealed, and can be opened as long as its key lives."""

    region: str
    data: bytes = field(repr=False)
    plaintext: bytes = field(repr=False)
    context: Context


def usual_settings() -> settings:
    """Return the settings of machines: those of the profile, and what suits a simulated cloud.

    An example takes a tenth of a second, which no deadline should judge. To explain a failure
    Hypothesis would trace every line of the cloud, at three times the price of shrinking.
    """
    base = settings.default
    assert base is not None, "Hypothesis has a default profile"
    return settings(
        deadline=None,
        stateful_step_count=STEPS,
        phases=[phase for phase in base.phases if phase is not Phase.explain],
        suppress_health_check=list(HealthCheck),
    )


def _count(text: str) -> None:
    """Count something for ``--hypothesis-show-statistics``; machines are driven by hand as well."""
    if currently_in_test_context():
        event(text)


def _usual(topology: Topology) -> tuple[str, ...]:
    """Return the faults of machines: what an application's own staff does is not among them."""
    names = likely(topology)
    return tuple(name for name in names if not issubclass(FAULTS[name], OperatorError))


def _regions_of(machine: "CloudMachine") -> st.SearchStrategy[str]:
    return st.sampled_from(tuple(machine.topology.regions))


def _contexts_of(machine: "CloudMachine") -> st.SearchStrategy[Context]:
    return st.sampled_from(tuple(machine.contexts))


def _durations_of(machine: "CloudMachine") -> st.SearchStrategy[str]:
    return st.sampled_from(tuple(machine.durations))


def _faults_of(machine: "CloudMachine") -> st.SearchStrategy[str]:
    return _fault_lines(type(machine))


@cache
def _fault_lines(kind: "type[CloudMachine]") -> st.SearchStrategy[str]:
    names = kind.faults or _usual(kind.topology)
    return fault_lines(kind.topology, faults=names, lasts=kind.lasts)


class CloudMachine(RuleBasedStateMachine):
    """Keys, aliases, sealed things, faults and time; the promises are judged in the end.

    A call that is refused or goes unanswered is no failure by itself: whether it may be so is for
    the promises to say. ``call`` makes calls in this way for further rules.

    A subclass has ``usual_settings``; ``@settings`` on it, or ``TestCase.settings``, has others.
    """

    seed: ClassVar[int] = 1  #: of the cloud; what varies is what Hypothesis draws
    topology: ClassVar[Topology] = ONE_REGION
    promises: ClassVar[Sequence[str]] = PROMISES  #: that are judged when all is over
    faults: ClassVar[Sequence[str]] = ()  #: names, the simplest first; () has all but staff's own
    lasts: ClassVar[Sequence[str]] = LASTS  #: how long faults last, the simplest first
    beyond: ClassVar[bool] = False  #: True: more may fail at once than must be survived
    durations: ClassVar[Sequence[str]] = DURATIONS  #: how long ``advance`` takes
    contexts: ClassVar[Sequence[Context]] = CONTEXTS
    #: Of ``targets``, what Hypothesis shall find more of; () lets it look everywhere alike.
    aims: ClassVar[Sequence[str]] = ()
    config: ClassVar[Config] = CONFIG  #: of every client

    keys = Bundle("key")
    aliases = Bundle("alias")
    blobs = Bundle("blob")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.TestCase.settings = usual_settings()

    def __init__(self) -> None:
        super().__init__()
        cut_steps_out_whole(self)
        self.cloud = Cloud(seed=self.seed, topology=self.topology, promises=self.promises)
        self.plan: list[FaultLine] = []  #: what was broken, with times since the cloud is open
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._made = 0

    # What further rules may use.

    def client(self, service: str, region: str, principal: Identity | None = None) -> Any:
        """Return a client of the cloud, the same one each time.

        Args:
          principal: who calls; by default the account's root.
        """
        arn = "" if principal is None else principal.arn
        found = self._clients.get((service, region, arn))
        if found is None:
            found = self.cloud.boto3_client(
                service, region, principal=principal, config=self.config
            )
            self._clients[service, region, arn] = found
        return found

    def call(
        self,
        region: str,
        method: str,
        *,
        service: str = "kms",
        principal: Identity | None = None,
        **parameters: Any,
    ) -> dict[str, Any] | None:
        """Make a call; return None when it is refused or not answered.

        Args:
          method: of the client, such as ``generate_data_key``.
          principal: who calls; by default the account's root.
        Raises:
          PromiseBroken: a promise has seen itself broken by now; most see it in the end only.
        """
        client = self.client(service, region, principal)
        answer: dict[str, Any] | None = None
        try:
            answer = getattr(client, method)(**parameters)
        except ClientError as error:
            _count(f"{method}: {error.response['Error']['Code']}")
        except (ConnectionError, HTTPClientError) as error:
            _count(f"{method}: {type(error).__name__}")
        # Not an invariant of Hypothesis, which would print a line of its own after every step.
        self._accuse(self.cloud.verdicts_so_far())
        return answer

    def name(self) -> str:
        """Return a text that was not returned before, such as ``thing-1``."""
        self._made += 1
        return f"thing-{self._made}"

    def has_room(self, line: str) -> bool:
        """Say whether a fault, beginning now, leaves this machine's plan within the budget."""
        return self.beyond or not judge(
            Plan((*self.plan, self._from_now(line))), self.topology, self._now_ns + _LONG_NS
        ).beyond

    @property
    def _now_ns(self) -> int:
        """Time since the cloud is open."""
        return self.cloud.world.now_ns - self.cloud.arena.start_ns

    def _from_now(self, line: str) -> FaultLine:
        return replace(FaultLine.parse(line, FAULTS), at=When(ns=self._now_ns))

    def fail(self, promise: str, text: str) -> None:
        """Say that a promise is broken.

        Raises:
          PromiseBroken: always.
        """
        lines = "".join(f"\n  {line}" for line in self.plan)
        happened = f"\nfaults, with their times since the cloud is open:{lines}" if lines else ""
        raise broken(promise)(f"promise {promise} is broken: {text}{happened}")

    # Keys and aliases.

    @rule(target=keys, region=st.runner().flatmap(_regions_of))
    def create_key(self, region: str) -> Any:
        """Make a key."""
        made = self.call(region, "create_key")
        if made is None:
            return multiple()
        return Key(region=region, key_id=made["KeyMetadata"]["KeyId"])

    @rule(target=aliases, key=keys)
    def create_alias(self, key: Key) -> Any:
        """Name a key."""
        name = f"alias/{self.name()}"
        if self.call(key.region, "create_alias", AliasName=name, TargetKeyId=key.key_id) is None:
            return multiple()
        return Alias(region=key.region, name=name)

    @rule(alias=aliases, key=keys)
    def update_alias(self, alias: Alias, key: Key) -> None:
        """Give a name to another key; refused where that is in another region."""
        self.call(alias.region, "update_alias", AliasName=alias.name, TargetKeyId=key.key_id)

    @rule(key=keys)
    def disable_key(self, key: Key) -> None:
        """Disable a key."""
        self.call(key.region, "disable_key", KeyId=key.key_id)

    @rule(key=keys)
    def enable_key(self, key: Key) -> None:
        """Enable a key."""
        self.call(key.region, "enable_key", KeyId=key.key_id)

    @rule(key=keys, days=st.sampled_from(WINDOWS))
    def schedule_key_deletion(self, key: Key, days: int) -> None:
        """Have a key deleted after some days."""
        self.call(
            key.region, "schedule_key_deletion", KeyId=key.key_id, PendingWindowInDays=days
        )

    @rule(key=keys)
    def cancel_key_deletion(self, key: Key) -> None:
        """Save a key."""
        self.call(key.region, "cancel_key_deletion", KeyId=key.key_id)

    # What is sealed.

    def _sealed(self, region: str, method: str, context: Context, **parameters: Any) -> Any:
        answer = self.call(region, method, EncryptionContext=context, **parameters)
        if answer is None:
            return multiple()
        plaintext = parameters.get("Plaintext") or answer["Plaintext"]
        return Blob(
            region=region, data=answer["CiphertextBlob"], plaintext=plaintext, context=context
        )

    @rule(target=blobs, key=keys, context=st.runner().flatmap(_contexts_of))
    def encrypt(self, key: Key, context: Context) -> Any:
        """Seal something that was not sealed before."""
        text = self.name().encode()
        return self._sealed(key.region, "encrypt", context, KeyId=key.key_id, Plaintext=text)

    @rule(target=blobs, alias=aliases)
    def encrypt_by_alias(self, alias: Alias) -> Any:
        """Seal something under whichever key has a name."""
        text = self.name().encode()
        return self._sealed(alias.region, "encrypt", {}, KeyId=alias.name, Plaintext=text)

    @rule(target=blobs, key=keys, context=st.runner().flatmap(_contexts_of))
    def generate_data_key(self, key: Key, context: Context) -> Any:
        """Have a data key made."""
        return self._sealed(
            key.region, "generate_data_key", context, KeyId=key.key_id, KeySpec="AES_256"
        )

    @rule(target=blobs, blob=blobs, key=keys)
    def re_encrypt(self, blob: Blob, key: Key) -> Any:
        """Seal under another key what is sealed; refused where that is in another region."""
        answer = self.call(
            blob.region,
            "re_encrypt",
            CiphertextBlob=blob.data,
            SourceEncryptionContext=blob.context,
            DestinationKeyId=key.key_id,
            DestinationEncryptionContext=blob.context,
        )
        return multiple() if answer is None else replace(blob, data=answer["CiphertextBlob"])

    @rule(blob=blobs)
    def decrypt(self, blob: Blob) -> None:
        """Open something; other bytes than were sealed break a promise at once."""
        opened = self._open(blob, blob.context)
        if opened not in (None, blob.plaintext):
            self.fail("plaintext-fidelity", "Decrypt returned other bytes than were encrypted")

    @rule(blob=blobs)
    def decrypt_under_another_context(self, blob: Blob) -> None:
        """Try to open something under an encryption context that is not its own."""
        others = [context for context in self.contexts if context != blob.context]
        for context in others:
            if self._open(blob, context) is not None:
                text = f"Decrypt took the context {context} for {blob.context}"
                self.fail("refusals", text)

    @rule(blob=blobs)
    def decrypt_as_nobody(self, blob: Blob) -> None:
        """Try to open something without any permission."""
        account = self.client("sts", blob.region).get_caller_identity()["Account"]
        nobody = self.cloud.principal(NOBODY.format(account=account), policies=())
        if self._open(blob, blob.context, nobody) is not None:
            self.fail("refusals", "Decrypt answered somebody who has no permission")

    def _open(
        self, blob: Blob, context: Context, principal: Identity | None = None
    ) -> bytes | None:
        answer = self.call(
            blob.region,
            "decrypt",
            principal=principal,
            CiphertextBlob=blob.data,
            EncryptionContext=context,
        )
        return None if answer is None else answer["Plaintext"]

    # Time and faults.

    @rule(duration=st.runner().flatmap(_durations_of))
    def advance(self, duration: str) -> None:
        """Let time pass."""
        self.cloud.sleep(parse_duration(duration) / NS_PER_SECOND)
        self._accuse(self.cloud.verdicts_so_far())

    @rule(line=st.runner().flatmap(_faults_of))
    def fault(self, line: str) -> None:
        """Let something go wrong from now on; nothing does if the budget has no room for it."""
        if not self.has_room(line):
            return
        parsed = self._from_now(line)
        try:
            self.cloud.fault(line)
        except PlanError:
            return  # Nobody plays that role now.
        self.plan.append(parsed)
        _count(f"fault: {parsed.fault}")

    # The promises.

    def _accuse(self, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            if not verdict.holds:
                self.fail(verdict.name, verdict.detail)

    def judge(self) -> None:
        """Hold the cloud to its promises; some minutes of virtual time pass.

        Raises:
          PromiseBroken: one is broken; the first one, if several are.
        """
        self._accuse(self.cloud.check())

    def teardown(self) -> None:
        """Aim, judge, and close the cloud; who overrides this calls it in the end."""
        try:
            if sys.exc_info()[0] is None:
                met = targets(self.cloud)
                for aim in self.aims:
                    target(met[aim], label=aim)
                self.judge()
        finally:
            self.cloud.close()


CloudMachine.TestCase.settings = usual_settings()
