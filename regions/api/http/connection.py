"""One client's connection: requests in, answers out, one after the other.

Plain requests (plain.py) are read at one go; every other one goes through h11, whose state machine
then also says what may follow. Whoever waits for the client says until when; a watcher ends what
takes longer (server.py), so that no request pays for timers.
What does not belong here: listening, limits as numbers (limits.py), bytes on sockets (channel.py).
Source: RFC 9110 and RFC 9112; the state machine is h11.
"""

from collections.abc import Awaitable, Callable
from email.utils import formatdate
from enum import Enum, auto
from functools import lru_cache
from http import HTTPStatus
from math import inf
from time import time
from typing import Final

import h11
import trio

from regions.api.http.channel import Channel
from regions.api.http.limits import Counters, Limits
from regions.api.http.plain import PlainHead, plain_answer, plain_head
from regions.api.http_values import HttpAnswer, HttpRequest

Handler = Callable[[HttpRequest], Awaitable[HttpAnswer]]

_VERSIONS: Final = (b"1.1", b"1.0")
#: Bodies up to this size are sent in one piece with their head.
_JOINED_BYTES: Final = 64 * 1024
#: How long a peer that was refused may still send before the connection is closed; chosen.
_LINGER_S: Final = 1.0
_NO_CONTENT: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class _Refused(Exception):
    """A request that is not handed on; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Stage(Enum):
    """What a connection is about."""

    IDLE = auto()  #: between two requests
    READING = auto()  #: a request has begun
    ANSWERING = auto()  #: it is whole, and its answer is made or sent


class Connection:
    """One connection.

    Attributes:
      stage: what it is about.
      until_s: when its patience with the client ends, on Trio's clock; infinite while it is
        not waiting for the client.

    Args:
      channel: its bytes.
      peer: address of the client.
      handler: answers one request; it must not raise.
      stopping: whether no further request is to be taken.
    """

    def __init__(
        self,
        channel: Channel,
        peer: str,
        handler: Handler,
        limits: Limits,
        counters: Counters,
        stopping: Callable[[], bool],
    ) -> None:
        self.stage = Stage.IDLE
        self.until_s = inf
        self._channel, self._peer = channel, peer
        self._handler, self._limits = handler, limits
        self._counters, self._stopping = counters, stopping
        self._scope = trio.CancelScope()
        self._data = b""  #: read, and part of no request yet
        self._http: h11.Connection | None = None  #: of the request under way that is not plain

    def end(self) -> None:
        """Wait for the client no longer."""
        self._scope.cancel()

    async def run(self) -> None:
        """Answer requests until either side ends the connection."""
        with self._scope:
            while not self._stopping() and await self._one():
                if self._data:
                    # Whoever sends many requests at once does not keep others waiting.
                    await trio.lowlevel.checkpoint()
            return
        if self.stage is Stage.READING:
            self._counters.refused += 1
            await self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    async def turn_away(self) -> None:
        """Say that there is no room, without waiting for what the client wants."""
        self._counters.refused += 1
        await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _one(self) -> bool:
        """Answer one request; say whether another one may follow."""
        self.stage = Stage.IDLE
        if not self._data and not await self._read(self._limits.idle_s):
            return False
        self.stage = Stage.READING
        head = plain_head(self._data)
        try:
            if head is None:
                return await self._one_with_h11()
            request = await self._plain(head)
        except (_Refused, h11.RemoteProtocolError) as error:
            self._counters.refused += 1
            status = error.status if isinstance(error, _Refused) else error.error_status_hint
            await self._refuse(int(status))
            return False
        answer = await self._answer(request)
        stopping = self._stopping()
        await self._write(
            plain_answer(
                answer.status,
                _phrase(answer.status),
                _headers(request.method, answer, closes=stopping),
                b"" if request.method == "HEAD" else answer.body,
            )
        )
        return not stopping

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        self.stage, self.until_s = Stage.ANSWERING, inf
        self._counters.requests += 1
        return await self._handler(request)

    async def _read(self, patience_s: float) -> bool:
        """Read some bytes; False at the end."""
        self.until_s = trio.current_time() + patience_s
        return await self._read_on()

    async def _read_on(self) -> bool:
        data = await self._channel.read()
        self._data = self._data + data if self._data else data
        return bool(data)

    async def _write(self, data: bytes | None) -> None:
        if data:
            self.until_s = trio.current_time() + self._limits.send_s
            await self._channel.write(data)
            self.until_s = inf

    # Plain requests.

    async def _plain(self, head: PlainHead) -> HttpRequest:
        """Return a plain request once its body is whole.

        Raises:
          _Refused: head or body are too large, or the client leaves before.
        """
        limits, end = self._limits, head.body_at + head.length
        if head.body_at > limits.head_bytes:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if head.length > limits.body_bytes:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if len(self._data) < end and not await self._gather(end):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        data = self._data
        if len(data) == end:
            self._data = b""
            body = data[head.body_at :]
        else:
            self._data = data[end:]
            body = data[head.body_at : end]
        return HttpRequest(
            head.method, head.target, head.headers, body, self._peer, self._channel.tls
        )

    async def _gather(self, size: int) -> bool:
        """Read until so many bytes are there; False if the client leaves before."""
        gathered = bytearray(self._data)
        while len(gathered) < size:
            self.until_s = trio.current_time() + self._limits.body_s
            data = await self._channel.read()
            if not data:
                return False
            gathered += data
        self._data = bytes(gathered)
        return True

    # All others.

    async def _one_with_h11(self) -> bool:
        self._http = http = h11.Connection(
            h11.SERVER, max_incomplete_event_size=self._limits.head_bytes
        )
        request = await self._request(http)
        if request is None:
            return False
        answer = await self._answer(request)
        await self._send(http, request.method, answer)
        self._data = http.trailing_data[0]
        done = http.our_state is h11.DONE and http.their_state is h11.DONE
        self._http = None
        return done

    async def _request(self, http: h11.Connection) -> HttpRequest | None:
        """Return the next request, or None if there is none any more."""
        head = await self._head(http)
        if head is None:
            return None
        body = b"" if http.their_state is h11.DONE else await self._body(http, head)
        return HttpRequest(
            method=head.method.decode("ascii"),
            target=head.target.decode("latin-1"),
            headers=tuple(
                (name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers
            ),
            body=body,
            source_ip=self._peer,
            tls=self._channel.tls,
        )

    async def _head(self, http: h11.Connection) -> h11.Request | None:
        """Return the next head, or None if there is none any more.

        Raises:
          _Refused: it is of another HTTP.
        """
        # All of the head has to come within one patience, however many pieces it comes in.
        self.until_s = trio.current_time() + self._limits.head_s
        while True:
            http.receive_data(self._data)
            self._data = b""
            event = http.next_event()
            if event is h11.NEED_DATA:
                await self._read_on()
            elif isinstance(event, h11.Request):
                if event.http_version not in _VERSIONS:
                    raise _Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
                return event
            else:
                return None  # The client has closed, or wants another protocol.

    async def _body(self, http: h11.Connection, head: h11.Request) -> bytes:
        """Return the whole body.

        Raises:
          _Refused: it is too large.
        """
        limit = self._limits.body_bytes
        for name, value in head.headers:
            if name == b"content-length" and int(value) > limit:
                raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        parts: list[bytes] = []
        size = 0
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                if http.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    await self._write(http.send(go_on))
                self.until_s = trio.current_time() + self._limits.body_s
                http.receive_data(await self._channel.read())
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > limit:
                    raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                parts.append(bytes(event.data))
            else:
                return b"".join(parts)

    async def _send(self, http: h11.Connection, method: str, answer: HttpAnswer) -> None:
        body = b"" if method == "HEAD" else answer.body
        headers = _headers(method, answer, closes=self._stopping())
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        reason = _phrase(answer.status)
        data = http.send(h11.Response(status_code=answer.status, headers=raw, reason=reason)) or b""
        if body and len(body) <= _JOINED_BYTES:
            data += http.send(h11.Data(data=body)) or b""
            await self._write(data + (http.send(h11.EndOfMessage()) or b""))
            return
        await self._write(data)
        if body:
            await self._write(http.send(h11.Data(data=body)))
        await self._write(http.send(h11.EndOfMessage()))

    # Refusing.

    async def _refuse(self, status: int) -> None:
        """Answer what is no request that anybody could serve, and hang up."""
        http = self._http
        if http is not None and http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        text = f"{status} {_phrase(status)}\n".encode()
        headers = [
            ("content-type", "text/plain"),
            ("content-length", str(len(text))),
            ("connection", "close"),
        ]
        with trio.move_on_after(self._limits.send_s):
            await self._channel.write(plain_answer(status, _phrase(status), headers, text))
            await self._linger()

    async def _linger(self) -> None:
        """Read on for a moment: bytes left unread would reset the connection under the answer."""
        await self._channel.end_writing()
        with trio.move_on_after(_LINGER_S):
            while await self._channel.read():
                pass


def _headers(method: str, answer: HttpAnswer, *, closes: bool) -> list[tuple[str, str]]:
    """Return an answer's headers with those that whoever sends it adds."""
    headers = [("date", _date(int(time()))), *answer.headers]
    if answer.status not in _NO_CONTENT:
        named = any(name.lower() == "content-length" for name, _ in answer.headers)
        if not (named and method == "HEAD"):
            headers.append(("content-length", str(len(answer.body))))
    if closes:
        headers.append(("connection", "close"))
    return headers


@lru_cache(maxsize=64)
def _phrase(status: int) -> str:
    """Return the reason phrase of a status; h11 leaves it empty."""
    return HTTPStatus(status).phrase


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
