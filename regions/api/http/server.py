"""Serves HTTP/1.1: each connection is one task, each request one call of a handler.

Keep-alive and pipelining (answers in order, one request at a time), limits on the size of head
and body and on how long either may take, and an end that lets requests under way be answered.
What does not belong here: what a connection does (connection.py), what a request means
(gateway.py), TLS keys (the caller brings an ``ssl.SSLContext``), HTTP/2.
Source: RFC 9110 and RFC 9112.
"""

import errno
import ssl
from contextlib import suppress
from typing import Final

import trio

from regions.api.http.channel import Channel, PlainChannel, TlsChannel
from regions.api.http.connection import Connection, Handler, Stage
from regions.api.http.limits import Counters, Limits

__all__ = ["Counters", "Handler", "HttpServer", "Limits"]

#: So many connections beyond the limit are told so at the same time; others wait. Chosen.
_CROWD: Final = 32
#: The system is out of something, such as file descriptors; ask again after so long. Chosen.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_EXHAUSTED_S: Final = 0.1
#: How often it is looked for clients that are too slow, unless a limit is short; chosen.
_WATCH_S: Final = 1.0


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
        self._connections: dict[Connection, None] = {}

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
        async with trio.open_nursery() as watching:
            watching.start_soon(self._watch)
            async with trio.open_nursery() as handling:
                async with trio.open_nursery() as accepting:
                    for listener in listeners:
                        accepting.start_soon(self._accept, listener, tls, handling)
                    await self._stopping.wait()
                    accepting.cancel_scope.cancel()
                for connection in tuple(self._connections):
                    if connection.stage is Stage.IDLE:
                        connection.end()
                handling.cancel_scope.deadline = trio.current_time() + drain_s
            watching.cancel_scope.cancel()

    def stop(self) -> None:
        """Take no more connections or requests."""
        self._stopping.set()

    async def _watch(self) -> None:
        """End the connections of clients that take longer than they may."""
        limits = self._limits
        shortest_s = min(limits.idle_s, limits.head_s, limits.body_s, limits.send_s)
        while True:
            await trio.sleep(min(_WATCH_S, shortest_s / 4))
            now_s = trio.current_time()
            for connection in tuple(self._connections):
                if connection.until_s < now_s:
                    connection.end()

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
        self, stream: trio.SocketStream, tls: ssl.SSLContext | None, crowded: bool
    ) -> None:
        channel: Channel | None = None
        connection: Connection | None = None
        try:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                try:
                    stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
                    peer = stream.socket.getpeername()[0]
                except OSError:
                    return  # The client has reset the connection already.
                channel = PlainChannel(stream) if tls is None else TlsChannel(stream, tls)
                connection = Connection(
                    channel,
                    peer,
                    self._handler,
                    self._limits,
                    self.counters,
                    self._stopping.is_set,
                )
                self._connections[connection] = None
                await (connection.turn_away() if crowded else connection.run())
        finally:
            self.counters.connections -= 1
            self._left.set()
            if connection is not None:
                self._connections.pop(connection, None)
            if channel is None:
                stream.socket.close()
            else:
                await channel.close()
