"""botocore on one side, the gateway on the other: no socket, no thread.

Each client of a cloud hands its signed requests over at botocore's ``before-send`` event, which is
inside the loop of retries: what comes back is an HTTP answer or the exception that botocore's own
session would have raised.
What does not belong here: how a request reaches the world (port.py), or what serves it.
Source: botocore, "Extending events"; botocore/endpoint.py and httpsession.py.
"""

import calendar
import random
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.trail.json_shape import SDK_CIPHER_SUITE, SDK_TLS_VERSION
from scenarios.kit.port import ConnectionRefused, Line, NoAnswer, NoConnection
from scenarios.kit.signer import choose
from sim.rng import Stream
from sim.units import NS_PER_SECOND

#: Where applications call from; of the addresses that are kept for documentation.
SOURCE_IP: Final = "198.51.100.17"
#: What a client and the service agree on.
_TLS: Final = (SDK_TLS_VERSION, SDK_CIPHER_SUITE)
_DATE_FORMAT: Final = "%Y%m%dT%H%M%SZ"
_GOOD: Final = 300
#: Said anew, or said of a socket.
_LEFT_OUT: Final = ("host", "transfer-encoding")
_FEATURES: Final = re.compile(r"\bm/(\S+)")


def http_request(request: AWSPreparedRequest) -> HttpRequest:
    """Return a prepared request as a server receives it."""
    host, target = _split(request.url)
    headers = [("host", host)]
    # Its own items() looks every name up again: a fiftieth of a call.
    for name, value in request.headers._dict.items():  # noqa: SLF001 - as said
        lower = name._lower  # noqa: SLF001 - the same
        if lower not in _LEFT_OUT:
            text = value.decode("latin-1") if value.__class__ is bytes else str(value)
            headers.append((lower, _repeatable(text) if lower == "user-agent" else text))
    body = request.body
    if body.__class__ is not bytes:
        body = _body(body)
    return HttpRequest(request.method, target, tuple(headers), body, SOURCE_IP, _TLS)


@lru_cache(maxsize=1024)
def _split(url: str) -> tuple[str, str]:
    """Return the host of a URL, and what a request line says of it."""
    place = url.partition("://")[2]
    at = min((place.find(mark) for mark in "/?" if mark in place), default=len(place))
    host, target = place[:at], place[at:]
    return host, target if target.startswith("/") else f"/{target}"


@lru_cache(maxsize=64)
def _repeatable(user_agent: str) -> str:
    """Return a user agent whose list of used features is in an order that is not a set's."""
    return _FEATURES.sub(_in_order, user_agent)


def _in_order(features: re.Match[str]) -> str:
    """Return the features that botocore used in an order that is not a set's."""
    return "m/" + ",".join(sorted(features[1].split(",")))


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        read: bytes = body.read()
        return read
    return b"".join(body)


class Raw(BytesIO):
    """A body as a stream, with what botocore asks of urllib3's."""

    def stream(self, size: int = 65536, **_: object) -> Any:
        """Yield the rest in pieces."""
        while piece := self.read(size):
            yield piece

    def release_conn(self) -> None:
        """There is no connection."""


class Answer(AWSResponse):  # type: ignore[misc] # botocore has no types
    """An HTTP answer whose body is there already."""

    def __init__(self, url: str, answer: HttpAnswer, *, bodiless: bool, date: str) -> None:
        body = b"" if bodiless else answer.body
        super().__init__(url, answer.status, answer.headers, None)
        self.headers["date"] = date
        if not bodiless:
            self.headers["content-length"] = str(len(body))
        self._content = body
        self._raw: Raw | None = None

    @property
    def raw(self) -> Raw:
        """The body as a stream."""
        if self._raw is None:
            self._raw = Raw(self._content)
        return self._raw

    @raw.setter
    def raw(self, _: object) -> None:
        """Nothing: botocore sets it as the response is made."""


def as_answer(request: AWSPreparedRequest, answer: HttpAnswer, calendar_ns: int) -> Answer:
    """Return an answer as botocore takes it."""
    date = _date(calendar_ns // NS_PER_SECOND)
    return Answer(request.url, answer, bodiless=request.method == "HEAD", date=date)


@lru_cache(maxsize=64)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def as_botocore_error(url: str, error: Exception) -> BotoCoreError:
    """Return what botocore's session raises where a request came to nothing."""
    if isinstance(error, NoAnswer):
        return ReadTimeoutError(endpoint_url=url, error=error)
    if isinstance(error, NoConnection):
        return ConnectTimeoutError(endpoint_url=url, error=error)
    assert isinstance(error, ConnectionRefused), f"{error!r} is no failure of a connection"
    return EndpointConnectionError(endpoint_url=url, error=error)


def signed_at_s(request: HttpRequest, default_s: float) -> float:
    """Return when a request says that it was signed: botocore's calendar is not a cloud's.

    Args:
      default_s: of a request that does not say it.
    """
    found = _seconds(request.header("x-amz-date"))
    return default_s if found is None else found


@lru_cache(maxsize=64)
def _seconds(text: str) -> float | None:
    try:
        return calendar.timegm(time.strptime(text, _DATE_FORMAT))
    except ValueError:
        return None


class Hooks:
    """What a cloud has botocore do: send through it, and draw from its seed.

    Args:
      send: takes a request of a line, and returns what came back.
      dice: for the jitter between attempts and for idempotency tokens.
    """

    def __init__(self, send: Callable[[Line, AWSPreparedRequest], Answer], dice: Stream) -> None:
        self._send = send
        self._dice = dice
        self._state: Any = None

    def attach(self, client: Any, line: Line, given: Callable[[], Any] | None = None) -> None:
        """Connect a client to the cloud.

        Args:
          given: what came back already, an answer or an error, or None.
        """
        events = client.meta.events

        def send(request: AWSPreparedRequest, **_: object) -> Answer:
            found = None if given is None else given()
            if found is None:
                return self._send(line, request)
            if isinstance(found, Answer):
                return found
            raise found

        events.register_last("choose-signer", choose)
        # Handlers of one service come before those of all, and the SDK's own is one of a service.
        decision = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
        events.register_last("before-send", send)
        events.register_first(decision, self._before_retry)
        events.register_last(decision, self._after_retry)
        events.register_first("before-parameter-build", self._fill)

    def _before_retry(self, response: Any = None, **_: object) -> None:
        """Let the SDK draw its jitter from the seed; it uses Python's own dice."""
        if response is None or response[0].status_code >= _GOOD:
            self._state = random.getstate()
            random.seed(self._dice.getrandbits(64))

    def _after_retry(self, **_: object) -> None:
        if self._state is not None:
            random.setstate(self._state)
            self._state = None

    def _fill(self, params: dict[str, Any], model: Any, **_: object) -> None:
        """Give idempotency tokens that come from the seed."""
        for name in model.idempotent_members:
            params.setdefault(name, self._dice.uuid())
