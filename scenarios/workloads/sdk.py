"""A caller as the AWS SDKs make one: attempts with a time limit, retries with backoff, a history.

What does not belong here: what is called and why (the workloads).
Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode: three attempts, delay
``random * min(2**retry, 20 s)``; botocore retries HTTP 5xx and throttling.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.calls import ApiCall, Principal
from regions.errors import ServiceError
from regions.messages import RouteUnknown
from scenarios.witness import Witness
from sim.actor import Actor, Expired
from sim.check.history import OK, TIMEOUT, Call, History
from sim.units import seconds
from sim.wire import Overloaded, Refusal, Unreachable

ATTEMPTS: Final = 3
#: Read timeout of one attempt; chosen: operators of latency-bound services set seconds, not
#: botocore's default minute.
ATTEMPT_TIMEOUT_NS: Final = seconds(3)
BACKOFF_MAX_NS: Final = seconds(20)
FAULT_STATUS: Final = 500
USER_AGENT: Final = "Boto3/1.44.5 md/Botocore#1.44.5 lang/python#3.11"


class Unavailable(Exception):
    """All attempts failed by timeout or a failure of the service itself; the last one says how."""


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


class SdkClient(Actor):
    """The base of simulated applications."""

    kind: ClassVar[str] = "client"
    asks: ClassVar[tuple[str, ...]] = ("router", "trail")
    config: ClientConfig

    async def api(
        self,
        action: str,
        parameters: dict[str, Any],
        *,
        principal: Principal | None = None,
        service: str = "kms",
        region: str = "",
        user_agent: str = USER_AGENT,
        source_ip: str = "",
        detail: Any = None,
    ) -> dict[str, Any]:
        """Call one API action with retries and return the body of its answer.

        Raises:
          ServiceError: the service refused, and a retry would not help.
          Unavailable: every attempt failed.
        """
        last: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                ceiling = min(seconds(2**attempt), BACKOFF_MAX_NS)
                await self.sleep(int(self.rng("backoff").random() * ceiling))
            call = ApiCall(
                service=service,
                region=region or self.config.region,
                action=action,
                parameters=parameters,
                principal=principal or self.config.principal,
                source_ip=source_ip or self.config.source_ip,
                user_agent=user_agent,
                request_id=self.rng("request-id").uuid(),
            )
            try:
                return await self._attempt(call, detail)
            except ServiceError as error:
                if error.status < FAULT_STATUS and error.code != "ThrottlingException":
                    raise
                last = error
            except (Expired, Refusal) as error:
                last = error
        raise Unavailable(f"{action}: {last}") from last

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
                detail=detail,
            )
        )
        outcome, definite, served = OK, True, True
        try:
            answer = await self.ask(self.config.router, message, timeout_ns=ATTEMPT_TIMEOUT_NS)
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
