"""Clients for Trio: the names and shapes of boto3, awaited; concurrent calls overlap.

botocore prepares, signs and parses as ever; between that, a request is on its way in virtual time
while other tasks go on. The run's clock must be the cloud: pytest-trio takes it from the test's
fixtures, ``trio.run(main, clock=cloud)`` says it.
What does not belong here: the clock (trio_clock.py), and what serves (port.py).
Source: botocore/client.py, ``_make_api_call``; botocore/endpoint.py, ``_send_request``, whose
loop stands here once more, awaited.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, Final

import trio
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import BotoCoreError

from regions.calls import ApiAnswer, ApiCall
from scenarios.kit import virtual_time
from scenarios.kit.ledger import Ledger
from scenarios.kit.port import Line, NoAnswer, Port, handshake
from scenarios.kit.trio_clock import CloudClock, Waiter
from scenarios.kit.wire import Answer
from sim.actor import Expired
from sim.units import NS_PER_SECOND
from sim.wire import Message, Refusal

#: Of the request that a task is about.
LINE: Final[ContextVar[Line]] = ContextVar("nines-line")
_GOOD: Final = 300

#: Sends a request, and returns what came back.
Send = Callable[[Line, AWSPreparedRequest], Awaitable[Answer]]


class AnotherClock(RuntimeError):
    """The Trio run has another clock than the cloud; the text says how to give it this one."""


class TrioPort(Port):
    """A simulated world as a gateway asks it from a task of the host's run."""

    def __init__(self, clock: CloudClock, ledger: Ledger) -> None:
        super().__init__(clock.world, ledger)
        self._clock = clock

    async def ask(self, to: str, message: Message, *, timeout_ns: int) -> Any:
        """Ask an actor, and let other tasks go on meanwhile; errors as of ``Port.ask``."""
        if message.__class__ is ApiCall:
            return await self._make(LINE.get(), to, message)
        self._note(message)
        return await self._wait(to, message, timeout_ns)

    async def _make(self, line: Line, to: str, call: ApiCall) -> ApiAnswer:
        for wait_ns in handshake(self.world, line, to):
            await trio.sleep(wait_ns / NS_PER_SECOND)
        entry = self.ledger.begin(line.sender, call)
        try:
            answer: ApiAnswer = await self._wait(to, call, line.read_ns, line.sender)
        except Expired as error:
            line.connected.discard(to)
            self.ledger.unanswered(entry, line.read_ns)
            raise NoAnswer(str(error)) from error
        except Refusal as error:
            self.ledger.refused(entry, error)
            raise
        except trio.Cancelled:
            self.ledger.unanswered(entry, 0)
            raise
        self.ledger.answered(entry, answer)
        return answer

    async def _wait(self, to: str, message: Message, timeout_ns: int, sender: str = "host") -> Any:
        waiter = Waiter(self._clock)
        self.world.call(to, message, waiter.then, timeout_ns=timeout_ns, sender=sender)
        return await self._clock.answer(waiter)


class _Prepared(BaseException):
    """A request is ready to be sent: what botocore was about to send goes another way."""

    def __init__(self, model: Any, request: dict[str, Any], context: Any) -> None:
        super().__init__()
        self.model, self.request, self.context = model, request, context


class TrioClient:
    """A client of one service and region; each of its methods is awaited.

    Paginators and waiters are boto3's own: their calls do not overlap with others.
    """

    def __init__(self, clock: CloudClock, client: Any, line: Line, send: Send) -> None:
        self._clock = clock
        self._client = client
        self._line = line
        self._send = send
        self._given: Answer | BotoCoreError | None = None

    def take(self) -> Answer | BotoCoreError | None:
        """Return what came back from the attempt that botocore is about to make, once."""
        found, self._given = self._given, None
        return found

    def __getattr__(self, name: str) -> Any:
        action = self._client.meta.method_to_api_mapping.get(name)
        if action is None:
            return getattr(self._client, name)
        return partial(self._call, name, action)

    def __dir__(self) -> list[str]:
        return dir(self._client)

    async def _call(self, name: str, action: str, /, *args: object, **parameters: Any) -> Any:
        if args:
            raise TypeError(f"{name}() only accepts keyword arguments.")
        if trio.lowlevel.current_clock() is not self._clock:
            raise AnotherClock(
                "this Trio run does not keep the cloud's time; expected trio.run(main, "
                "clock=cloud), or the fixture `cloud` among the arguments of a pytest-trio test"
            )
        prepared = self._prepare(action, parameters)
        client, model = self._client, prepared.model
        try:
            http, parsed = await self._attempts(prepared)
        except Exception as error:
            service = client.meta.service_model.service_id.hyphenize()
            event = f"after-call-error.{service}.{model.name}"
            client.meta.events.emit(event, exception=error, context=prepared.context)
            raise
        return self._conclude(prepared, http, parsed)

    def _prepare(self, action: str, parameters: dict[str, Any]) -> _Prepared:
        """Have botocore check and serialize a call, and stop where it would send it."""
        client = self._client

        def instead(model: Any, request: dict[str, Any], context: Any) -> Any:
            raise _Prepared(model, request, context)

        client._make_request = instead  # noqa: SLF001 - see the module's docstring
        try:
            client._make_api_call(action, parameters)  # noqa: SLF001 - the same
        except _Prepared as prepared:
            return prepared
        finally:
            del client._make_request  # noqa: SLF001 - the same
        raise AssertionError("botocore makes every call by _make_request")

    async def _attempts(self, prepared: _Prepared) -> Any:
        """Send a request until it needs no retry: botocore's loop, awaited."""
        endpoint, context = self._client._endpoint, prepared.request["context"]  # noqa: SLF001
        attempts, found, error = 1, None, None
        while True:
            endpoint._update_retries_context(context, attempts, found)  # noqa: SLF001
            request = endpoint.create_request(prepared.request, prepared.model)
            found, error = await self._attempt(request, prepared.model, context)
            if not await self._again(attempts, prepared, found, error):
                break
            attempts += 1
            request.reset_stream()
        if error is not None:
            raise error
        if "ResponseMetadata" in found[1]:
            found[1]["ResponseMetadata"]["RetryAttempts"] = attempts - 1
        return found

    async def _attempt(self, request: AWSPreparedRequest, model: Any, context: Any) -> Any:
        answer: Answer | BotoCoreError
        try:
            answer = await self._send(self._line, request)
        except BotoCoreError as error:
            answer = error
        self._given = answer  # Taken at the event before-send, in the call below.
        return self._client._endpoint._get_response(request, model, context)  # noqa: SLF001

    async def _again(self, attempts: int, prepared: _Prepared, found: Any, error: Any) -> bool:
        """Ask botocore whether to try again, and sleep in virtual time as it would."""
        naps: list[float] = []
        spend = naps.append
        thread = virtual_time.begin(spend)
        try:
            again = self._client._endpoint._needs_retry(  # noqa: SLF001 - as above
                attempts, prepared.model, prepared.request, found, error
            )
        finally:
            virtual_time.end(thread, spend)
        for seconds in naps:
            await trio.sleep(seconds)
        return bool(again)

    def _conclude(self, prepared: _Prepared, http: Any, parsed: Any) -> Any:
        """Return what was parsed, or raise the error that it says."""
        client, model = self._client, prepared.model
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.emit(
            f"after-call.{service}.{model.name}",
            http_response=http,
            parsed=parsed,
            model=model,
            context=prepared.context,
        )
        if http.status_code < _GOOD:
            return parsed
        code = prepared.context.get("error_code_override") or parsed.get("Error", {}).get("Code")
        raise client.exceptions.from_code(code)(parsed, model.name)
