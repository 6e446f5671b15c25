"""A caller as the AWS SDKs make one: attempts with a time limit, retries with backoff, a history.

What does not belong here: what is called and why (the workloads), and when a call is tried again
(scenarios/retry.py).
Source: botocore 1.44.5; AWS SDKs and Tools Reference Guide, "Retry behavior".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from regions.calls import ApiCall, Principal
from regions.clients import CLIENTS, Kind, from_console
from regions.errors import ServiceError, ThrottlingException
from regions.messages import RouteUnknown
from scenarios.options import OptionError, Options, key_of, read
from scenarios.retry import Mode, Retries
from scenarios.witness import Keepsake, KeyUse, Witness, digest
from sim.actor import Actor, Expired
from sim.check.history import OK, TIMEOUT, Call, History
from sim.units import seconds
from sim.wire import Overloaded, Refusal, Unreachable

#: Read timeout of one attempt; chosen: operators of latency-bound services set seconds, not
#: botocore's default minute.
ATTEMPT_TIMEOUT_NS: Final = seconds(3)
FAULT_STATUS: Final = 500
#: What the lack of an answer counts as when a retry is considered.
_NO_ANSWER_STATUS: Final = 503
_SECOND_NS: Final = seconds(1)


class Unavailable(Exception):
    """Every attempt failed that the retry mode allows; the last one says how."""


#: Settings that a caller cannot do without, where its kind has them.
_MORE_THAN_NOTHING: Final = ("attempt_timeout_ns", "think_ns", "keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSettings:
    """How patient a caller is; the settings of every workload begin with these."""

    retry: Mode = "standard"  #: of scenarios/retry.py
    jitter: bool = True  #: False waits the longest delay each time, as naive clients do
    attempt_timeout_ns: int = ATTEMPT_TIMEOUT_NS
    client: Kind = "sdk"  #: of regions/clients.py: what its records tell of how it calls
    #: Of callers by name, such as ``us-east-1/app-0``, the only actions that are done: their
    #: numbers in order, as ``0-3,17``; a shrunk workload. Who is not named does all.
    actions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse actions that are no numbers and ranges, and nothing where something is needed."""
        for name in _MORE_THAN_NOTHING:
            if getattr(self, name, None) == 0:
                raise OptionError((key_of(name),), "expected more than nothing")
        for name, text in self.actions.items():
            if _SPANS.fullmatch(text) is None:
                problem = f"expected numbers and ranges such as '0-3,17', not {text!r}"
                raise OptionError(("actions", name), problem)


#: An empty list is one as well: its caller does nothing.
_SPANS: Final = re.compile(r"((\d+(-\d+)?)(,\d+(-\d+)?)*)?")
_PLAIN: Final = CallerSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """Where a caller stands, who it is, and who watches it."""

    region: str  #: where it stands, and the endpoint it calls unless it says otherwise
    router: str  #: the router at its site
    principal: Principal
    history: History
    witness: Witness
    stop_ns: int  #: world time after which it begins nothing new
    source_ip: str = "198.51.100.17"
    settings: Any = None  #: the workload's own options


def spans(text: str) -> frozenset[int]:
    """Return the numbers of ``0-3,17``; none of an empty text."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        low, _, high = part.partition("-")
        found.extend(range(int(low), int(high or low) + 1))
    return frozenset(found)


def print_spans(numbers: Iterable[int]) -> str:
    """Return numbers as ``spans`` reads them."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(f"{low}" if low == high else f"{low}-{high}" for low, high in found)


class SdkClient(Actor):
    """The base of simulated applications, of which each stands in one region and calls from there.

    A subclass has a ``label``, which its callers are named after, and ``Settings``, a frozen
    dataclass derived from ``CallerSettings`` whose fields a scenario file may set. It overrides
    ``start``, spawns there what it does all day, and calls with ``await self.api(...)``. It
    begins nothing new once ``open_for_business()`` is false, asks ``self.wanted()`` before each
    action, so that a shrunk run can leave it out, sleeps with ``self.sleep`` and draws from
    ``self.rng(...)``, never from elsewhere. The history of calls keeps itself; ``key_made``,
    ``must_open`` and ``opened`` tell the promises what else it was told.
    """

    kind: ClassVar[str] = "client"
    #: What a scenario file may set: a frozen dataclass; None when no file can hire such callers.
    Settings: ClassVar[type[Any] | None] = None
    #: Callers are named after it, and numbered per region.
    label: ClassVar[str] = "app"
    asks: ClassVar[tuple[str, ...]] = ("router", "trail")
    config: ClientConfig
    _retries: Retries | None = None
    _actions_met: int = 0
    _signed_in_ns: int = 0  #: calendar time of the first call, if it comes by the console
    _kept: Callable[[int], bool] | None = None

    @classmethod
    def settings(cls, options: Mapping[str, Any]) -> Any:
        """Return the settings that a scenario file's options stand for.

        Raises:
          OptionError: a key is unknown, or its value is none; the error knows which.
        """
        assert cls.Settings is not None, f"{cls.__name__} takes no options"
        return read(cls.Settings, Options(options))

    @classmethod
    def equip(cls, settings: Any, stranger: Principal) -> Any:
        """Return settings together with people whom no file can hold.

        Args:
          stranger: someone without permission.
        """
        del stranger
        return settings

    @property
    def manners(self) -> CallerSettings:
        """How patient this caller is."""
        settings = self.config.settings
        return settings if isinstance(settings, CallerSettings) else _PLAIN

    def wanted(self) -> bool:
        """Count one action, and say whether it is among those that this caller does."""
        number, self._actions_met = self._actions_met, self._actions_met + 1
        if self._kept is None:
            region, _, rest = self.name.partition("/")
            text = self.manners.actions.get(f"{region}/{rest.rpartition('/')[2]}")
            self._kept = (lambda _: True) if text is None else spans(text).__contains__
        return self._kept(number)

    @property
    def world_ns(self) -> int:
        """World time, by which histories and the witness go."""
        return self.kernel.clock.now_ns

    def open_for_business(self) -> bool:
        """Say whether new work is begun."""
        return self.world_ns < self.config.stop_ns

    # What promises hold the world to.

    def key_made(self, key_id: str) -> None:
        """Say that CreateKey was answered: the key must be there in the end."""
        self.config.witness.key_acknowledged(self.config.region, key_id, self.world_ns)

    def must_open(
        self, key_id: str, blob: bytes, plaintext: bytes, context: Mapping[str, str] | None = None
    ) -> None:
        """Keep one blob that must open, as long as its key lives; one for each key will do."""
        self.config.witness.keepsakes.append(
            Keepsake(
                region=self.config.region,
                key_id=key_id,
                principal=self.config.principal,
                blob=blob,
                context=dict(context or {}),
                plaintext_digest=digest(plaintext),
            )
        )

    def opened(self, what: str, expected: bytes, plaintext: bytes) -> None:
        """Hold a decryption, such as ``Decrypt for order 7``, against what had been encrypted."""
        self.config.witness.compare(self.world_ns, what, digest(expected), plaintext)

    @property
    def retries(self) -> Retries:
        """What this caller remembers of its attempts."""
        if self._retries is None:
            self._retries = Retries(self.manners.retry, self._now_s)
        return self._retries

    @property
    def _now_s(self) -> float:
        return self.now_ns / _SECOND_NS

    async def api(
        self,
        action: str,
        parameters: dict[str, Any],
        *,
        principal: Principal | None = None,
        service: str = "kms",
        region: str = "",
        user_agent: str = "",
        source_ip: str = "",
        detail: Any = None,
    ) -> dict[str, Any]:
        """Call one API action with retries and return the body of its answer.

        Raises:
          ServiceError: the service refused, and a retry would not help.
          Unavailable: every attempt failed.
        """
        retries, attempt, paid = self.retries, 0, 0
        client = CLIENTS[self.manners.client]
        while True:
            attempt += 1
            await self._until_allowed(retries)
            call = ApiCall(
                service=service,
                region=region or self.config.region,
                action=action,
                parameters=parameters,
                principal=principal or self.config.principal,
                source_ip=source_ip or self.config.source_ip,
                user_agent=user_agent or client.user_agent,
                request_id=self.rng("request-id").uuid(),
            )
            if client.console and not user_agent:
                self._signed_in_ns = self._signed_in_ns or self.calendar_ns
                call = from_console(call, self._signed_in_ns)
            code, status, failure = "", _NO_ANSWER_STATUS, Exception()
            try:
                body = await self._attempt(call, detail)
            except ServiceError as error:
                code, status, failure = error.code, error.status, error
            except Overloaded as error:  # A full queue: the service says to slow down.
                code, failure = ThrottlingException.code, error
            except (Expired, Refusal) as error:
                failure = error
            else:
                retries.succeeded(paid, self._now_s)
                return body
            why = retries.failed(code, status, self._now_s)
            if not why and isinstance(failure, ServiceError):
                raise failure
            cost = retries.pay(attempt, why)
            if cost is None:
                raise Unavailable(f"{action}: {failure}") from failure
            paid = cost
            await self._back_off(retries.ceiling(attempt, why))

    async def _until_allowed(self, retries: Retries) -> None:
        """Wait until the rate limiter, if there is one, lets a call go."""
        while wait := retries.wait(self._now_s):
            await self.sleep(int(wait * _SECOND_NS) + 1)  # Rounded up, so that it passes.

    async def _back_off(self, ceiling: float) -> None:
        share = self.rng("backoff").random() if self.manners.jitter else 1
        await self.sleep(int(share * ceiling * _SECOND_NS))

    async def _attempt(self, message: ApiCall, detail: Any) -> dict[str, Any]:
        history = self.config.history
        call = history.begin(
            Call(
                caller=self.name,
                place=message.region,
                service=message.service,
                action=message.action,
                request_id=message.request_id,
                begin_ns=self.kernel.clock.now_ns,
                owner=message.principal.account,
                detail=detail or KeyUse.of(message.parameters, message.region),
            )
        )
        outcome, definite, served = OK, True, True
        timeout_ns = self.manners.attempt_timeout_ns
        try:
            answer = await self.ask(self.config.router, message, timeout_ns=timeout_ns)
        except ServiceError as error:
            outcome, definite = error.code, error.definite
            served = error.status < FAULT_STATUS
            raise
        except (Overloaded, Unreachable, RouteUnknown) as error:
            outcome, served = type(error).__name__, False
            raise
        except Expired:
            outcome, definite, served = TIMEOUT, False, False
            raise
        else:
            body: dict[str, Any] = answer.body
            if isinstance(call.detail, KeyUse):
                call.detail.learn(body)
            return body
        finally:
            if not self.fenced:
                history.end(
                    call,
                    now_ns=self.kernel.clock.now_ns,
                    outcome=outcome,
                    definite=definite,
                    served=served,
                )
