"""The admin interface of a live world: faults, health, metrics, the calendar, credentials.

=======  ====================  ===================================================================
method   path                  what it does
=======  ====================  ===================================================================
GET      /status               health per region and AZ, leaders, faults, the calendar, counters
GET      /metrics              the same for Prometheus
GET      /faults               the faults that last
POST     /faults               ``{"line": "power-off us-east-1/use1-az1 for 40m"}``: begin one
DELETE   /faults               end all
DELETE   /faults/NUMBER        end one
POST     /advance              ``{"seconds": 3600}``: move the calendar forward
POST     /regions              ``{"region": "mx-central-1"}``: launch it; answered when it serves
GET      /credentials          access keys, without secrets
POST     /credentials          ``{"account": "123456789012", "user": ""}``: one more
POST     /explain              why a call is allowed or denied, see explanations.py
POST     /reset                clear all state of every region and service, if that is allowed
=======  ====================  ===================================================================

Every request needs the header ``Authorization: Bearer TOKEN``. Answers are JSON; errors too, as
``{"error": TEXT}``. What does not belong here: sockets (api/http/), and how faults work.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.layout import TopologyError
from regions.live.explanations import InquiryError
from regions.live.faults import FaultRefused, LiveFaults
from regions.live.instance import NotServing
from regions.live.journal import Journal
from regions.live.status import Status
from sim.units import NS_PER_SECOND

#: A calendar moves this far in one request at most; chosen: a hundred years.
ADVANCE_MAX_S: Final = 100 * 366 * 86_400
_BEARER: Final = "Bearer "
#: What is posted and changes nothing.
_LOOKS: Final = ("explain",)


class AdminError(Exception):
    """A request that is not done; the text says why and what was expected."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


#: What a path does: the JSON that came, the rest of the path -> what is answered.
Action = Callable[[dict[str, Any], str], Awaitable[Any]]


class Admin:
    """Answers the requests of whoever knows the token.

    Args:
      token: what must be shown.
      advance: moves the calendar by nanoseconds.
      launch: starts one more region, and returns its AZ ids once it serves.
      reset: clears everything; None: that is not allowed.
      explain: says why a call is allowed or denied.
      credentials: lists access keys (None) or makes one (account, user).
      journal: is told of everything that is done here.
    """

    def __init__(
        self,
        *,
        token: str,
        status: Status,
        faults: LiveFaults,
        advance: Callable[[int], Awaitable[None]],
        launch: Callable[[str], Awaitable[tuple[str, ...]]],
        reset: Callable[[], Awaitable[None]] | None,
        credentials: Callable[[tuple[str, str] | None], Awaitable[Any]],
        explain: Callable[[dict[str, Any]], Awaitable[Any]],
        journal: Journal,
    ) -> None:
        self._journal = journal
        self._token = token.encode()
        self._status = status
        self._faults = faults
        self._advance = advance
        self._launch = launch
        self._reset = reset
        self._credentials = credentials
        self._explain = explain
        self._actions: dict[tuple[str, str], Action] = {
            ("GET", "status"): self._get_status,
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._begin_fault,
            ("DELETE", "faults"): self._end_faults,
            ("POST", "advance"): self._move_calendar,
            ("POST", "regions"): self._launch_region,
            ("GET", "credentials"): self._list_credentials,
            ("POST", "credentials"): self._add_credentials,
            ("POST", "explain"): self._explain_call,
            ("POST", "reset"): self._clear,
        }

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request."""
        try:
            self._check(request)
            path = request.target.partition("?")[0].strip("/")
            if (request.method, path) == ("GET", "metrics"):
                kind, text = await self._metrics()
                return HttpAnswer(200, (("content-type", kind),), text)
            found = await self._do(request.method, path, request.body)
            if request.method != "GET" and path not in _LOOKS:
                said = "" if path == "credentials" else request.body.decode("utf-8", "replace")
                self._journal.happened("admin", request=f"{request.method} /{path}", said=said)
            return _json(HTTPStatus.OK, found)
        except AdminError as error:
            return _json(error.status, {"error": str(error)})
        except FaultRefused as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})

    def _check(self, request: HttpRequest) -> None:
        shown = request.header("authorization")
        token = shown.removeprefix(_BEARER).encode("utf-8", "surrogateescape")
        if not shown.startswith(_BEARER) or not hmac.compare_digest(token, self._token):
            raise AdminError(
                HTTPStatus.UNAUTHORIZED,
                "expected the header 'Authorization: Bearer TOKEN' with the token of admin.json",
            )

    async def _do(self, method: str, path: str, body: bytes) -> Any:
        name, _, rest = path.partition("/")
        action = self._actions.get((method, name))
        if action is None or (rest and name != "faults"):
            known = ", ".join(f"{m} /{p}" for m, p in self._actions)
            raise AdminError(
                HTTPStatus.NOT_FOUND, f"nothing does {method} /{path}; there are: {known}"
            )
        try:
            given = json.loads(body) if body.strip() else {}
        except ValueError as error:
            raise AdminError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from error
        if not isinstance(given, dict):
            raise AdminError(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
        return await action(given, rest)

    # What there is.

    async def _get_status(self, _: dict[str, Any], _rest: str) -> Any:
        return {**await self._status.read(), "faults": await self._list_faults({}, "")}

    async def _metrics(self) -> tuple[str, bytes]:
        try:
            return await self._status.metrics(len(self._faults.running))
        except ModuleNotFoundError as error:
            raise AdminError(
                HTTPStatus.NOT_IMPLEMENTED,
                f"{error.name} is not installed; expected `pip install 'elevennines[serve]'`",
            ) from error

    async def _list_faults(self, _: dict[str, Any], _rest: str) -> Any:
        now_ns = self._status.now_ns
        return [running.shown(now_ns) for running in self._faults.running]

    async def _begin_fault(self, given: dict[str, Any], rest: str) -> Any:
        line = given.get("line")
        if rest or not isinstance(line, str):
            raise AdminError(
                HTTPStatus.BAD_REQUEST,
                'expected {"line": "FAULT TARGET [for DURATION] [with NAME=VALUE ...]"}',
            )
        return self._faults.begin(line).shown(self._status.now_ns)

    async def _end_faults(self, _: dict[str, Any], rest: str) -> Any:
        if not rest:
            return [running.line for running in self._faults.heal_all()]
        if not rest.isdecimal():
            raise AdminError(HTTPStatus.BAD_REQUEST, f"fault {rest!r}: expected its number")
        return [self._faults.heal(int(rest)).line]

    async def _move_calendar(self, given: dict[str, Any], _: str) -> Any:
        amount = given.get("seconds")
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not 0 <= float(amount or 0) <= ADVANCE_MAX_S:
            raise AdminError(
                HTTPStatus.BAD_REQUEST,
                f'expected {{"seconds": N}}, with N a number from 0 to {ADVANCE_MAX_S}',
            )
        await self._advance(int(float(amount or 0) * NS_PER_SECOND))
        return {"calendar_ns": self._status.calendar_ns}

    async def _launch_region(self, given: dict[str, Any], _: str) -> Any:
        region = given.get("region")
        if not isinstance(region, str):
            raise AdminError(HTTPStatus.BAD_REQUEST, 'expected {"region": "mx-central-1"}')
        try:
            azs = await self._launch(region)
        except TopologyError as error:
            raise AdminError(HTTPStatus.BAD_REQUEST, str(error)) from error
        except NotServing as error:
            raise AdminError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
        return {"region": region, "azs": list(azs)}

    async def _list_credentials(self, _: dict[str, Any], _rest: str) -> Any:
        return await self._credentials(None)

    async def _add_credentials(self, given: dict[str, Any], _: str) -> Any:
        account, user = given.get("account"), given.get("user", "")
        if not isinstance(account, str) or not isinstance(user, str):
            raise AdminError(
                HTTPStatus.BAD_REQUEST, 'expected {"account": "123456789012", "user": "NAME"}'
            )
        return await self._credentials((account, user))

    async def _explain_call(self, given: dict[str, Any], _: str) -> Any:
        try:
            return await self._explain(given)
        except InquiryError as error:
            raise AdminError(HTTPStatus.BAD_REQUEST, str(error)) from error

    async def _clear(self, _: dict[str, Any], _rest: str) -> Any:
        if self._reset is None:
            raise AdminError(
                HTTPStatus.FORBIDDEN, "reset is not allowed; expected `nines serve --allow-reset`"
            )
        await self._reset()
        return {"reset": True}


def _json(status: HTTPStatus, body: Any) -> HttpAnswer:
    text = json.dumps(body, indent=1).encode() + b"\n"
    return HttpAnswer(int(status), (("content-type", "application/json"),), text)
