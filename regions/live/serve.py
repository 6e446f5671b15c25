"""Serves one instance until it is told to stop: the gateway's port, the calendar, the end.

What does not belong here: what is printed (scenarios/commands/serve.py).
"""

import gc
import resource
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import trio

from regions.api.http.server import HttpServer, Limits
from regions.iam.errors import NoSuchEntity
from regions.live.address import ADMIN_HOST, write_address
from regions.live.admin import Admin, AdminError
from regions.live.callers import DEFAULT_ACCOUNT, Callers, Everybody, Known
from regions.live.credentials import (
    CredentialsError,
    add_credentials,
    first_key,
    list_credentials,
)
from regions.live.explanations import explain_live
from regions.live.faults import Impossible, LiveFaults
from regions.live.gateway import Gateway
from regions.live.instance import Instance
from regions.live.journal import Journal
from regions.live.settings import Settings, SettingsError
from regions.live.status import Status

#: How many connections wait to be accepted; chosen.
_BACKLOG: Final = 1_024
#: A thread that has synced a disk waits so long for its turn while the loop is busy; chosen: with
#: Python's own 5 ms the slowest hundredth of calls took 5 ms, with this 1 ms.
SWITCH_S: Final = 0.001
#: New objects before Python looks for cycles; chosen as in simulated worlds.
YOUNG_OBJECTS: Final = 50_000
#: Descriptors that connections leave to the disks; chosen: what every disk may hold open, and more.
RESERVED_FILES: Final = 512
#: Connections of the admin interface; chosen.
ADMIN_CONNECTIONS: Final = 32
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


def url_of(settings: Settings, port: int) -> str:
    """Return where clients on this machine reach the gateway."""
    scheme = "http" if settings.tls_certificate is None else "https"
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - not bound to
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def connections_max() -> int:
    """Return how many clients may be connected, for each takes one of the process's descriptors.

    The process takes as many descriptors as it may have and needs.
    """
    usual = Limits().connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = usual + RESERVED_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return min(usual, max(files - RESERVED_FILES, files // 2))


async def until_signal(stop: Callable[[], None]) -> None:
    """Call ``stop()`` at the first SIGINT or SIGTERM."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            stop()
            return


async def serve(
    instance: Instance,
    ready: Callable[[int], None],
    *,
    impossible: Impossible,
    journal: Journal,
) -> None:
    """Serve until a signal says to stop; requests under way are answered then.

    Args:
      ready: called with the port once the regions serve.
      impossible: says what fault no world of the topology can suffer.
      journal: is told of answers and of what is done to the world.
    """
    settings = instance.settings
    tls = tls_of(settings)
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    listeners = await bind(settings.host, settings.port)
    admin_listeners = await bind(ADMIN_HOST, settings.admin_port)
    faults = LiveFaults(instance.world, instance.topology, impossible)
    instance.url = url_of(settings, port_of(listeners))
    instance.build()
    await instance.serving()
    if settings.auth == "sigv4":
        instance.first_key = await first_key(instance.world, instance.iam, DEFAULT_ACCOUNT)
    reset = instance.reset if settings.allow_reset else None
    gc.freeze()  # What is there now stays: collections need not look at it again.
    gateway = Gateway(
        instance.world,
        instance.endpoints,
        _callers(instance),
        verifies=settings.auth == "sigv4",
        secure=tls is not None,
        log=journal.answered if journal.shows_answers else None,
        reset=reset,
    )
    server = HttpServer(gateway.handle, Limits(connections=connections_max()))
    address = write_address(instance.data, port_of(admin_listeners))
    admin = Admin(
        token=address.token,
        status=Status(instance, gateway.tally, server),
        faults=faults,
        advance=instance.advance,
        launch=instance.launch_region,
        reset=reset,
        credentials=_credentials(instance),
        explain=partial(explain_live, instance),
        journal=journal,
    )
    admin_server = HttpServer(admin.handle, Limits(connections=ADMIN_CONNECTIONS))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(instance.keep_time)
        nursery.start_soon(until_signal, server.stop)
        nursery.start_soon(admin_server.serve, admin_listeners)
        ready(port_of(listeners))
        journal.happened("serving", regions=list(instance.topology.regions))
        await server.serve(listeners, tls=tls, drain_s=DRAIN_S)
        journal.happened("stopped")
        nursery.cancel_scope.cancel()


def _callers(instance: Instance) -> Callers:
    if instance.settings.auth == "sigv4":
        return Known(instance.world, instance.iam)
    region = next(iter(instance.topology.regions))
    return Everybody(region)


def _credentials(instance: Instance) -> Callable[[tuple[str, str] | None], Awaitable[Any]]:
    """Return what lists and adds access keys; with --auth off there is nothing to add."""
    world, auth = instance.world, instance.settings.auth

    async def refuse(_wanted: tuple[str, str] | None) -> Any:
        raise AdminError(HTTPStatus.CONFLICT, f"auth is {auth}: whoever names an account is in")

    async def act(wanted: tuple[str, str] | None) -> Any:
        if wanted is None:
            return [
                {
                    "access_key_id": key.access_key_id,
                    "account": key.account,
                    "user": key.user,
                    "status": "Active" if key.active else "Inactive",
                    "created_ns": key.created_ns,
                }
                for key in await list_credentials(world, instance.iam)
            ]
        try:
            added = await add_credentials(world, instance.iam, *wanted)
        except (CredentialsError, NoSuchEntity) as error:
            text = error.message if isinstance(error, NoSuchEntity) else str(error)
            raise AdminError(HTTPStatus.BAD_REQUEST, text) from error
        return {
            "access_key_id": added.credential.access_key_id,
            "secret_access_key": added.secret_access_key,
        }

    return act if auth == "sigv4" else refuse
