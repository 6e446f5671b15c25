"""Serves HTTP/1.1: each connection is one task, each request one call of a handler.

Keep-alive and pipelining (answers in order, one request at a time), limits on the size of head
and body and on how long either may take, and an end that lets requests under way be answered.
What does not belong here: what a request means (gateway.py), TLS keys (the caller brings an
``ssl.SSLContext``), HTTP/2.
Source: RFC 9110 and RFC 9112; the state machine is h11.
"""

import errno
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import Final

import h11
import trio

from regions.api.http_values import HttpAnswer, HttpRequest

Handler = Callable[[HttpRequest], Awaitable[HttpAnswer]]

_READ_BYTES: Final = 64 * 1024
_VERSIONS: Final = (b"1.1", b"1.0")
#: Bodies up to this size are sent in one piece with their head.
_JOINED_BYTES: Final = 64 * 1024
#: How long a peer that was refused may still send before the connection is closed; chosen.
_LINGER_S: Final = 1.0
#: So many connections beyond the limit are told so at the same time; others wait. Chosen.
_CROWD: Final = 32
#: The system is out of something, such as file descriptors; ask again after so long. Chosen.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_EXHAUSTED_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may ask of a connection; all chosen."""

    head_bytes: int = 64 * 1024  #: request line and headers
    body_bytes: int = 128 * 1024 * 1024
    idle_s: float = 120.0  #: between two requests
    head_s: float = 20.0  #: from the first byte of a request to the end of its head
    body_s: float = 20.0  #: without any byte of a body that is not whole
    send_s: float = 60.0  #: to take an answer
    connections: int = 10_000  #: at the same time; more are answered with 503, or wait


@dataclass(slots=True)
class Counters:
    """What a server has done since it began."""

    connections: int = 0  #: open now
    accepted: int = 0
    requests: int = 0
    refused: int = 0  #: requests that were no HTTP, too large or too slow


class _Refused(Exception):
    """A request that is not handed on; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class HttpServer:
    """Listens until it is told to stop, and lets requests under way be answered.

    Args:
      handler: answers one request; it must not raise.
      limits: of every connection.
    """

    def __init__(self, handler: Handler, limits: Limits | None = None) -> None:
        self.counters = Counters()
        self._handler = handler
        self._limits = limits or Limits()
        self._stopping = trio.Event()
        self._left = trio.Event()  #: set when a connection ends
        self._idle: set[trio.CancelScope] = set()

    async def serve(
        self,
        listeners: list[trio.SocketListener],
        *,
        tls: ssl.SSLContext | None = None,
        drain_s: float = 10.0,
    ) -> None:
        """Serve until ``stop()``; return when every request under way has its answer.

        Args:
          listeners: bound sockets; they are closed at the end.
          tls: with a certificate, for HTTPS.
          drain_s: how long requests under way may still take.
        """
        async with trio.open_nursery() as handling:
            async with trio.open_nursery() as accepting:
                for listener in listeners:
                    accepting.start_soon(self._accept, listener, tls, handling)
                await self._stopping.wait()
                accepting.cancel_scope.cancel()
            for scope in tuple(self._idle):
                scope.cancel()
            handling.cancel_scope.deadline = trio.current_time() + drain_s

    def stop(self) -> None:
        """Take no more connections or requests."""
        self._stopping.set()

    async def _accept(
        self, listener: trio.SocketListener, tls: ssl.SSLContext | None, handling: trio.Nursery
    ) -> None:
        """Take connections until cancelled; then close the listener.

        A flood stays in the system's own queue: descriptors that it took would be missing where
        the disks need them.
        """
        async with listener:
            while True:
                while self.counters.connections >= self._limits.connections + _CROWD:
                    self._left = trio.Event()
                    await self._left.wait()
                try:
                    stream = await listener.accept()
                except OSError as error:
                    if error.errno not in _EXHAUSTED:
                        raise
                    await trio.sleep(_EXHAUSTED_S)
                    continue
                self.counters.accepted += 1
                self.counters.connections += 1
                crowded = self.counters.connections > self._limits.connections
                handling.start_soon(self._connection, stream, tls, crowded)

    async def _connection(
        self, plain: trio.SocketStream, tls: ssl.SSLContext | None, crowded: bool
    ) -> None:
        stream: trio.abc.Stream = plain
        if tls is not None:
            stream = trio.SSLStream(plain, tls, server_side=True, https_compatible=True)
        try:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
                try:
                    plain.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
                    peer = plain.socket.getpeername()[0]
                except OSError:
                    return  # The client has reset the connection already.
                connection = _Connection(self, stream, peer)
                await (connection.turn_away() if crowded else connection.run())
        finally:
            self.counters.connections -= 1
            self._left.set()
            await trio.aclose_forcefully(stream)


class _Connection:
    """One client's connection."""

    def __init__(self, server: HttpServer, stream: trio.abc.Stream, peer: str) -> None:
        self._server = server
        self._limits = server._limits  # noqa: SLF001 - two parts of one thing
        self._stream = stream
        self._peer = peer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.head_bytes)

    async def run(self) -> None:
        """Answer requests until either side ends the connection."""
        while await self._one():
            self._http.start_next_cycle()

    async def turn_away(self) -> None:
        """Say that there is no room, without waiting for what the client wants."""
        self._server.counters.refused += 1
        await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _one(self) -> bool:
        """Answer one request; say whether another one may follow."""
        server, http = self._server, self._http
        try:
            request = await self._request()
            if request is None:
                return False
            server.counters.requests += 1
            answer = await server._handler(request)  # noqa: SLF001 - two parts of one thing
            await self._send(request.method, answer)
        except (_Refused, h11.RemoteProtocolError) as error:
            server.counters.refused += 1
            status = error.status if isinstance(error, _Refused) else error.error_status_hint
            await self._refuse(int(status))
            return False
        if server._stopping.is_set():  # noqa: SLF001 - as above
            return False
        return http.our_state is h11.DONE and http.their_state is h11.DONE

    # Reading.

    async def _request(self) -> HttpRequest | None:
        """Return the next request, or None if there is none any more."""
        head = await self._head()
        if head is None:
            return None
        body = b"" if self._http.their_state is h11.DONE else await self._body(head)
        return HttpRequest(
            method=head.method.decode("ascii"),
            target=head.target.decode("latin-1"),
            headers=tuple(
                (name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers
            ),
            body=body,
            source_ip=self._peer,
        )

    async def _head(self) -> h11.Request | None:
        """Return the next head, or None if there is none any more.

        Raises:
          _Refused: it takes too long, or is of another HTTP.
        """
        http = self._http
        begun = bool(http.trailing_data[0])
        end_s = trio.current_time() + self._limits.head_s
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                if not await self._receive(end_s if begun else None):
                    return None
                if not begun:
                    begun, end_s = True, trio.current_time() + self._limits.head_s
            elif isinstance(event, h11.Request):
                if event.http_version not in _VERSIONS:
                    raise _Refused(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
                return event
            else:
                return None  # The client has closed, or wants another protocol.

    async def _receive(self, end_s: float | None) -> bool:
        """Read some bytes of a head; False if the client stays silent between two requests.

        Args:
          end_s: when the head must be whole, on Trio's clock; None: it has not begun.
        Raises:
          _Refused: it is not.
        """
        idle = self._server._idle  # noqa: SLF001 - two parts of one thing
        begun = end_s is not None
        data = None
        with trio.move_on_at(end_s or trio.current_time() + self._limits.idle_s) as scope:
            if not begun:
                idle.add(scope)
                if self._server._stopping.is_set():  # noqa: SLF001 - as above
                    scope.cancel()
            try:
                data = await self._stream.receive_some(_READ_BYTES)
            finally:
                idle.discard(scope)
        if data is None:
            if begun:
                raise _Refused(HTTPStatus.REQUEST_TIMEOUT)
            return False
        self._http.receive_data(bytes(data))
        return bool(data) or begun

    async def _body(self, head: h11.Request) -> bytes:
        """Return the whole body.

        Raises:
          _Refused: it is too large, or stops coming.
        """
        http, limit = self._http, self._limits.body_bytes
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
                    await self._send_bytes(http.send(go_on))
                with trio.move_on_after(self._limits.body_s) as scope:
                    http.receive_data(bytes(await self._stream.receive_some(_READ_BYTES)))
                if scope.cancelled_caught:
                    raise _Refused(HTTPStatus.REQUEST_TIMEOUT)
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > limit:
                    raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                parts.append(bytes(event.data))
            else:
                return b"".join(parts)

    # Writing.

    async def _send(self, method: str, answer: HttpAnswer) -> None:
        headers = [("date", _date(int(time()))), *answer.headers]
        body = b"" if method == "HEAD" else answer.body
        if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            named = any(name.lower() == "content-length" for name, _ in answer.headers)
            if not (named and method == "HEAD"):
                headers.append(("content-length", str(len(answer.body))))
        if self._server._stopping.is_set():  # noqa: SLF001 - two parts of one thing
            headers.append(("connection", "close"))
        http = self._http
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        reason = _phrase(answer.status)
        data = http.send(h11.Response(status_code=answer.status, headers=raw, reason=reason)) or b""
        if body and len(body) <= _JOINED_BYTES:
            data += http.send(h11.Data(data=body)) or b""
            await self._send_bytes(data + (http.send(h11.EndOfMessage()) or b""))
            return
        await self._send_bytes(data)
        if body:
            await self._send_bytes(http.send(h11.Data(data=body)))
        await self._send_bytes(http.send(h11.EndOfMessage()))

    async def _refuse(self, status: int) -> None:
        """Answer what is no request that anybody could serve, and hang up."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        text = f"{status} {_phrase(status)}\n".encode()
        headers = [
            ("content-type", "text/plain"),
            ("content-length", str(len(text))),
            ("connection", "close"),
        ]
        data = (
            self._http.send(
                h11.Response(status_code=status, headers=headers, reason=_phrase(status))
            )
            or b""
        )
        data += self._http.send(h11.Data(data=text)) or b""
        await self._send_bytes(data + (self._http.send(h11.EndOfMessage()) or b""))
        await self._linger()

    async def _linger(self) -> None:
        """Read on for a moment: bytes left unread would reset the connection under the answer."""
        if isinstance(self._stream, trio.SocketStream):
            await self._stream.send_eof()
        with trio.move_on_after(_LINGER_S):
            while await self._stream.receive_some(_READ_BYTES):
                pass

    async def _send_bytes(self, data: bytes | None) -> None:
        if data:
            with trio.fail_after(self._limits.send_s):
                await self._stream.send_all(data)


def _phrase(status: int) -> str:
    """Return the reason phrase of a status; h11 leaves it empty."""
    return HTTPStatus(status).phrase


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
