"""From an HTTP request to the actor that serves it, and back: route, caller, call, answer.

One gateway serves all services and regions of a live world. Every answer carries a request id of
its own, which is the request id of the call's audit record. What is refused here, before any
service hears of it, is recorded here too.
What does not belong here: sockets (api/http/), the pure parts of the wire (api/), and policies.
Source: AWS General Reference, "Common errors"; CloudTrail User Guide, "CloudTrail record contents".
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from regions.api.canonical import query_pairs
from regions.api.checksums import HEADER_PREFIX
from regions.api.edge_errors import EdgeError
from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols import PROTOCOLS, Protocol, protocol_of
from regions.api.route import Route, route
from regions.api.s3_edge_errors import InternalError, SlowDown
from regions.api.s3_payload import read_payload
from regions.api.sigv4 import is_signed, scope_of, verify
from regions.api.sigv4_values import Verified
from regions.calls import ApiAnswer, ApiCall, Connection, Principal, as_recorded
from regions.endpoints import Endpoints, endpoint_of
from regions.errors import (
    InternalFailure,
    KMSInternalException,
    ServiceError,
    ServiceUnavailableException,
    ThrottlingException,
)
from regions.live.asking import Asking
from regions.live.callers import ANONYMOUS, DEFAULT_ACCOUNT, Caller, Callers
from regions.sns.links import region_of_link
from regions.trail.messages import Publish
from regions.trail.record import AuditRecord
from sim.actor import Expired
from sim.units import seconds
from sim.wire import Overloaded, Refusal

#: A call that has no answer after this fails; chosen, below the 60 s that botocore reads for.
CALL_TIMEOUT_NS: Final = seconds(30)
#: The same for calls that are small: a host that lost its power is silent, and whoever retries
#: soon finds another one. Chosen: longer than an election.
SMALL_TIMEOUT_NS: Final = seconds(3)
_SMALL: Final = frozenset({"kms"})
#: A refusal at the edge waits so long for its record.
_RECORD_TIMEOUT_NS: Final = seconds(5)
#: Connections that look alike share one object; chosen.
_CONNECTIONS_REMEMBERED: Final = 1024
#: Services whose calls change who may do what.
_IDENTITIES: Final = ("iam",)

#: Where moto's own server clears its state, so that suites written for it can drive this one.
RESET_PATH: Final = "/moto-api/reset"


class UnknownEndpoint(EdgeError):
    """This world has no such region, or none of its regions has such a service."""


@dataclass(slots=True)
class Tally:
    """What a gateway has answered."""

    #: (service, action, code) -> count; the code of a success is ``ok``.
    calls: dict[tuple[str, str, str], int] = field(default_factory=dict)
    #: (service, action) -> sum of seconds.
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)

    def count(self, service: str, action: str, code: str, took_s: float) -> None:
        """Take one answer in."""
        name = (service, action, code)
        self.calls[name] = self.calls.get(name, 0) + 1
        pair = (service, action)
        self.seconds[pair] = self.seconds.get(pair, 0.0) + took_s


#: Told of every answer: service, region, action, code, account, request id, seconds.
Log = Callable[[str, str, str, str, str, str, float], None]


@dataclass(slots=True)
class _Visit:
    """One request on its way."""

    request: HttpRequest
    place: Route
    protocol: Protocol
    request_id: str
    action: str = ""
    caller: Caller | None = None


class Gateway:
    """Answers requests of every service and region.

    Args:
      endpoints: who serves what.
      callers: looks access keys up.
      verifies: False believes whoever says which access key it has.
      secure: requests come over TLS.
      log: told of every answer.
      reset: clears all state; None: that is not allowed.
      wire_now_s: by which clock, in seconds since 1970, the date of a request's signature is
        judged; by default the wall clock.
    """

    def __init__(
        self,
        world: Asking,
        endpoints: Endpoints,
        callers: Callers,
        *,
        verifies: bool,
        secure: bool = False,
        log: Log | None = None,
        reset: Callable[[], Awaitable[None]] | None = None,
        wire_now_s: Callable[[HttpRequest], float] = lambda _: time.time(),
    ) -> None:
        self.tally = Tally()
        self._reset = reset
        self._world = world
        self._endpoints = endpoints
        self._callers = callers
        self._verifies = verifies
        self._secure = secure
        self._log = log
        self._wire_now_s = wire_now_s
        self._ids = world.rng("gateway", "request-id")
        self._counted = 0  #: endpoints, when the regions were last read from them
        self._named: tuple[str, ...] = ()

    @property
    def _regions(self) -> tuple[str, ...]:
        """The regions that are served; they may become more."""
        if len(self._endpoints) != self._counted:
            self._counted = len(self._endpoints)
            # A global service stands in a region of its own, even where nothing else does.
            trails = [region for service, region in self._endpoints if service == "cloudtrail"]
            every = [region for _, region in self._endpoints]
            self._named = tuple(dict.fromkeys(trails or every))
        return self._named

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request; never raises but when it is cancelled."""
        if request.target == RESET_PATH and request.method == "POST":
            return await self._clear()
        begin = time.perf_counter()
        linked = region_of_link(request)
        place = route(request, linked or self._regions[0])
        caller = ANONYMOUS if linked and place.service == "sns" else None
        visit = _Visit(request, place, protocol_of(place.service), self._ids.uuid(), caller=caller)
        try:
            body = await self._answer(visit)
            code = "ok"
            answer = visit.protocol.answer(visit.action, body, visit.request_id)
        except ServiceError as error:
            code = error.code
            answer = visit.protocol.error(
                error.answering(visit.request_id), visit.request_id, visit.action, visit.request
            )
        took_s = time.perf_counter() - begin
        known = place.service if place.service in PROTOCOLS else "unknown"
        self.tally.count(known, visit.action, code, took_s)
        if self._log is not None:
            account = visit.caller.principal.account if visit.caller else ""
            self._log(known, place.region, visit.action, code, account, visit.request_id, took_s)
        return answer

    async def _clear(self) -> HttpAnswer:
        """Clear all state, where that is allowed, as suites written for moto expect it."""
        kind = (("content-type", "application/json"),)
        if self._reset is None:
            text = b'{"error": "reset is not allowed; expected `nines serve --allow-reset`"}\n'
            return HttpAnswer(403, kind, text)
        await self._reset()
        self._callers.changed()
        return HttpAnswer(200, kind, b'{"status": "ok"}\n')

    async def _answer(self, visit: _Visit) -> dict[str, object]:
        try:
            self._check_place(visit.place)
            verified = await self._identify(visit)
            if visit.place.service == "s3":
                visit.request = _decoded(visit.request, verified)
            parsed = visit.protocol.parse(visit.request)
        except ServiceError as error:
            await self._record(visit, error)
            raise
        visit.action = parsed.action
        assert visit.caller is not None, "who is identified has a principal"
        call = ApiCall(
            service=visit.place.service,
            region=visit.place.region,
            action=parsed.action,
            parameters=parsed.parameters,
            principal=visit.caller.principal,
            source_ip=visit.request.source_ip,
            user_agent=visit.request.header("user-agent"),
            request_id=visit.request_id,
            secure=self._secure,
            connection=_connection_of(visit),
        )
        actor = endpoint_of(self._endpoints, call)
        assert actor is not None, "a place that is served has an actor for each call"
        answer = await self._ask(actor, call)
        if call.service in _IDENTITIES:
            self._callers.changed()
        return answer.body

    def _check_place(self, place: Route) -> None:
        if (place.service, place.region) not in self._endpoints:
            there = ", ".join(self._regions)
            raise UnknownEndpoint(
                f"{place.service}.{place.region} is not served here; regions: {there}"
            )

    # Who asks.

    async def _identify(self, visit: _Visit) -> Verified | None:
        """Find out who asks, and whether that is true."""
        request, place = visit.request, visit.place
        if visit.caller is not None:
            return None  # A link in a message is all that its reader has.
        scope = scope_of(request)
        if scope is not None:
            token = _session_token(request)
            visit.caller = await self._look_up(visit, scope.access_key_id, token)
        if not self._verifies:
            if visit.caller is None:
                visit.caller = await self._look_up(visit, DEFAULT_ACCOUNT)
            return None
        if place.service == "s3" and not is_signed(request):
            visit.caller = ANONYMOUS
            return None
        secret = None if visit.caller is None else visit.caller.secret
        signing_name = PROTOCOLS[place.service].signing_name
        now_s = int(self._wire_now_s(request))
        return verify(request, signing_name, place.region, lambda _: secret, now_s)

    async def _look_up(
        self, visit: _Visit, access_key_id: str, session_token: str = ""
    ) -> Caller | None:
        try:
            return await self._callers.find(access_key_id, session_token)
        except (Expired, Refusal) as error:
            raise _internal(visit.place.service, error) from error

    # The service.

    async def _ask(self, actor: str, call: ApiCall) -> ApiAnswer:
        try:
            timeout_ns = SMALL_TIMEOUT_NS if call.service in _SMALL else CALL_TIMEOUT_NS
            answer: ApiAnswer = await self._world.ask(actor, call, timeout_ns=timeout_ns)
        except ServiceError:
            raise
        except Overloaded as error:
            raise _overloaded(call.service) from error
        except (Expired, Refusal) as error:
            raise _internal(call.service, error) from error
        return answer

    # What was refused here.

    async def _record(self, visit: _Visit, error: ServiceError) -> None:
        """Keep the record of a request that no service has heard of."""
        place = visit.place
        region = place.region if place.region in self._regions else self._regions[0]
        trail = self._endpoints.get(("cloudtrail", region))
        if trail is None:
            return
        try:
            visit.action = visit.action or visit.protocol.action_of(visit.request)
        except ServiceError:
            visit.action = visit.action or "Unknown"
        scope = scope_of(visit.request)
        key_id = "" if scope is None else scope.access_key_id
        principal = (
            Principal(kind="Unknown", account=DEFAULT_ACCOUNT, arn="", access_key_id=key_id)
            if visit.caller is None
            else as_recorded(visit.caller.principal)
        )
        record = AuditRecord(
            event_id=self._ids.uuid(),
            request_id=visit.request_id,
            time_ns=self._world.calendar_ns,
            source=f"{place.service}.amazonaws.com",
            name=visit.action,
            region=region,
            principal=principal,
            source_ip=visit.request.source_ip,
            user_agent=visit.request.header("user-agent"),
            error_code=error.record_code,
            error_message=error.message,
            read_only=False,
            recipient_account=principal.account,
            connection=_connection_of(visit),
        )
        try:
            await self._world.ask(trail, Publish(records=(record,)), timeout_ns=_RECORD_TIMEOUT_NS)
        except (Expired, Refusal) as failure:
            raise _internal(place.service, failure) from failure


def _connection_of(visit: _Visit) -> Connection:
    """Return how a request came, as its record tells."""
    request = visit.request
    of_s3 = visit.place.service == "s3"
    return _connection(
        request.header("host"),
        request.tls,
        visit.caller is not None and visit.caller.console,
        of_s3 and "X-Amz-Signature=" in request.target,
        len(request.body) if of_s3 else 0,
    )


@lru_cache(maxsize=_CONNECTIONS_REMEMBERED)
def _connection(
    host: str,
    tls: tuple[str, str],
    console: bool,
    presigned: bool,
    body_bytes: int,
) -> Connection:
    return Connection(
        host=host,
        tls_version=tls[0],
        cipher_suite=tls[1],
        console=console,
        presigned=presigned,
        body_bytes=body_bytes,
    )


def _session_token(request: HttpRequest) -> str:
    """Return the session token that a request carries, unverified; "" if it has none."""
    found = request.header("x-amz-security-token")
    if found:
        return found
    pairs = query_pairs(request.target.partition("?")[2])
    return next((unquote(value) for name, value in pairs if name == "X-Amz-Security-Token"), "")


def _decoded(request: HttpRequest, verified: Verified | None) -> HttpRequest:
    """Return an S3 request with the body that its sender meant, and a trailing checksum as header.

    What completes an upload stays as it is: its checksum is the object's, not its body's.
    """
    if request.method == "POST" and "uploadId=" in request.target:
        return request
    payload = read_payload(request, verified)
    if payload.body is request.body:
        return request
    headers = tuple((name, value) for name, value in request.headers if name != "content-encoding")
    if payload.content_encoding:
        headers = (*headers, ("content-encoding", payload.content_encoding))
    if payload.checksum is not None:
        name = HEADER_PREFIX + payload.checksum.algorithm.lower()
        headers = (*headers, (name, payload.checksum.value))
    return replace(request, headers=headers, body=payload.body)


def _internal(service: str, error: Exception) -> ServiceError:
    """Return what a service says of a failure of its own."""
    text = f"{type(error).__name__}: {error}".partition("\n")[0]
    if service == "kms":
        return KMSInternalException(text)
    return InternalError(text) if service == "s3" else InternalFailure(text)


def _overloaded(service: str) -> ServiceError:
    if service == "s3":
        return SlowDown("Please reduce your request rate.")
    if service == "kms":
        return ThrottlingException("Rate exceeded")
    return ServiceUnavailableException("the service has too much to do")
