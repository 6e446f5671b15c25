"""The bytes of one connection: a plain socket that is read when it has something, or TLS.

Trio's own stream lets the loop go round after every read and write, which small requests pay twice;
a plain socket is tried first and waited for only if it is not ready.
What does not belong here: HTTP (connection.py), and how long anybody waits (server.py).
Source: Trio reference, ``trio.lowlevel.wait_readable``; recv(2), send(2), non-blocking.
"""

import socket
import ssl
from typing import Final, Protocol

import trio

_READ_BYTES: Final = 64 * 1024


class Channel(Protocol):
    """Both kinds raise ``trio.BrokenResourceError`` when the connection is gone."""

    @property
    def tls(self) -> tuple[str, str]:
        """Version and cipher suite, once something was read; of a plain socket, empty."""

    async def read(self) -> bytes:
        """Return what has come, at least one byte; nothing at the end."""

    async def write(self, data: bytes) -> None:
        """Send all of it."""

    async def end_writing(self) -> None:
        """Say that nothing more will come."""

    async def close(self) -> None:
        """Close it at once."""


class PlainChannel:
    """A socket.

    Args:
      stream: of a connection that was accepted; it is taken over.
    """

    tls: tuple[str, str] = ("", "")

    def __init__(self, stream: trio.SocketStream) -> None:
        self._socket = socket.socket(fileno=stream.socket.detach())
        self._socket.setblocking(False)
        self._fd = self._socket.fileno()

    async def read(self) -> bytes:
        """Return what has come, at least one byte; nothing at the end."""
        await trio.lowlevel.wait_readable(self._fd)
        while True:
            try:
                return self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._fd)
            except OSError as error:
                raise trio.BrokenResourceError from error

    async def write(self, data: bytes) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                await trio.lowlevel.wait_writable(self._fd)
            except OSError as error:
                raise trio.BrokenResourceError from error

    async def end_writing(self) -> None:
        """Say that nothing more will come."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def close(self) -> None:
        """Close it at once."""
        self._socket.close()


class TlsChannel:
    """TLS over a socket.

    Args:
      stream: of a connection that was accepted; it is taken over.
      tls: with a certificate.
    """

    def __init__(self, stream: trio.SocketStream, tls: ssl.SSLContext) -> None:
        self._stream = trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
        self._tls: tuple[str, str] | None = None

    async def read(self) -> bytes:
        """Return what has come, at least one byte; nothing at the end."""
        return bytes(await self._stream.receive_some(_READ_BYTES))

    async def write(self, data: bytes) -> None:
        """Send all of it."""
        await self._stream.send_all(data)

    @property
    def tls(self) -> tuple[str, str]:
        """Version and cipher suite, once something was read."""
        if self._tls is None:
            self._tls = (self._stream.version() or "", self._stream.cipher()[0])
        return self._tls

    async def end_writing(self) -> None:
        """TLS ends with the connection."""

    async def close(self) -> None:
        """Close it at once."""
        await trio.aclose_forcefully(self._stream)
