"""Serves one instance until it is told to stop: the gateway's port, the calendar, the end.

What does not belong here: what is printed (scenarios/commands/serve.py).
"""

import signal
import ssl
from collections.abc import Callable
from typing import Final

import trio

from regions.api.http.server import HttpServer
from regions.live.callers import DEFAULT_ACCOUNT, Callers, Everybody, Known
from regions.live.credentials import first_key
from regions.live.gateway import Gateway, Log
from regions.live.instance import Instance
from regions.live.settings import Settings, SettingsError

#: How many connections wait to be accepted; chosen.
_BACKLOG: Final = 1_024
#: Requests under way get so long when a server stops; chosen, below what supervisors grant.
DRAIN_S: Final = 8.0


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return the server's side of TLS, or None for plain HTTP.

    Raises:
      SettingsError: certificate or key cannot be used.
    """
    if settings.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # An ssl.SSLError is one.
        raise SettingsError(
            f"TLS certificate {str(settings.tls_certificate)!r} cannot be used: {error}; expected "
            "a PEM file with the certificate, and the key in it or in its own file"
        ) from error
    return context


async def bind(host: str, port: int) -> list[trio.SocketListener]:
    """Return listening sockets.

    Raises:
      SettingsError: the port is taken, or the host is none of this machine's.
    """
    try:
        return await trio.open_tcp_listeners(port, host=host, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"port {port} of {host!r} cannot be listened on: {reason}; expected a free one"
        ) from error


def port_of(listeners: list[trio.SocketListener]) -> int:
    """Return the port that a listener got."""
    port: int = listeners[0].socket.getsockname()[1]
    return port


async def until_signal(stop: Callable[[], None]) -> None:
    """Call ``stop()`` at the first SIGINT or SIGTERM."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop()
            return


async def serve(instance: Instance, ready: Callable[[int], None], log: Log | None = None) -> None:
    """Serve until a signal says to stop; requests under way are answered then.

    Args:
      ready: called with the port once the regions serve.
      log: told of every answer.
    """
    settings = instance.settings
    tls = tls_of(settings)
    listeners = await bind(settings.host, settings.port)
    instance.build()
    await instance.serving()
    if settings.auth == "sigv4":
        instance.first_key = await first_key(instance.world, instance.iam, DEFAULT_ACCOUNT)
    gateway = Gateway(
        instance.world,
        instance.endpoints,
        _callers(instance),
        verifies=settings.auth == "sigv4",
        secure=tls is not None,
        log=log,
    )
    server = HttpServer(gateway.handle)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(instance.keep_time)
        nursery.start_soon(until_signal, server.stop)
        ready(port_of(listeners))
        await server.serve(listeners, tls=tls, drain_s=DRAIN_S)
        nursery.cancel_scope.cancel()


def _callers(instance: Instance) -> Callers:
    if instance.settings.auth == "sigv4":
        return Known(instance.world, instance.iam)
    region = next(iter(instance.topology.regions))
    return Everybody(region)
