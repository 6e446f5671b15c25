"""Where an application's clients meet a cloud: who made them, where they run, who serves them.

What does not belong here: HTTP and botocore's events (wire.py), and the world behind (port.py).
"""

import threading
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.config import Config

from regions.api.http_values import HttpAnswer, HttpRequest
from regions.api.protocols import GLOBAL_REGION
from regions.clients import CLIENTS
from regions.endpoints import Endpoints
from regions.live.callers import DEFAULT_ACCOUNT
from regions.live.gateway import Gateway
from regions.topology import Topology
from scenarios.kit.ledger import Ledger
from scenarios.kit.port import ConnectionRefused, Line, NoAnswer, NoConnection, Port
from scenarios.kit.roster import Identity, Roster
from scenarios.kit.trio_client import LINE, TrioClient, TrioPort
from scenarios.kit.trio_clock import CloudClock
from scenarios.kit.wire import (
    Answer,
    Hooks,
    as_answer,
    as_botocore_error,
    http_request,
    signed_at_s,
)
from sim.units import NS_PER_SECOND, hours, seconds

#: A client without a timeout gives up after this long; chosen: nothing here takes longer.
_FOREVER_NS: Final = hours(1)
_APPLICATION: Final = "application"


def _as_console(request: AWSRequest, **_: object) -> None:
    """Have a request name the management console as its agent."""
    del request.headers["User-Agent"]
    request.headers["User-Agent"] = CLIENTS["console"].user_agent


class CloudError(ValueError):
    """Something was asked of a cloud that it cannot do; the text says what was expected."""


class Edge:
    """Makes clients and serves their requests, in the caller's thread or in a Trio task.

    Args:
      clock: the cloud, as its Trio clients see it.
      endpoints: who serves what.
      home: place where applications run, if it is one for all.

    Raises:
      CloudError: there is no such place.
    """

    def __init__(
        self,
        clock: CloudClock,
        topology: Topology,
        endpoints: Endpoints,
        ledger: Ledger,
        home: str,
    ) -> None:
        self.world = clock.world
        #: Threads of the application take turns, though in an order that no seed decides.
        self.lock = threading.RLock()
        self._clock = clock
        self._topology = topology
        self._endpoints = endpoints
        self._home = self._checked(home)
        self._port, trio_port = Port(clock.world, ledger), TrioPort(clock, ledger)
        self.roster = Roster(self._port, clock.world, endpoints["iam", GLOBAL_REGION])
        # They share one stream of request ids, and differ in how they wait for the world.
        self._gateway = self._new_gateway(self._port, self.roster)
        self._trio_gateway = self._new_gateway(trio_port, self.roster.asking(trio_port))
        self._hooks = Hooks(self._send, clock.world.rng("kit", "sdk"))
        self._visitors: dict[str, str] = {}

    def _new_gateway(self, port: Port, roster: Roster) -> Gateway:
        return Gateway(
            port, self._endpoints, roster, verifies=True, secure=True, wire_now_s=self._wire_now_s
        )

    def _wire_now_s(self, request: HttpRequest) -> float:
        return signed_at_s(request, self.world.calendar_ns / NS_PER_SECOND)

    # Clients.

    def new_client(
        self,
        service: str,
        region_name: str | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        principal: str | Identity | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        config: Config | None = None,
        **options: Any,
    ) -> Any:
        """Return a boto3 client that nobody serves yet; the arguments are the cloud's."""
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        if aws_access_key_id is None:
            identity = self.identity(account, principal)
            aws_access_key_id = identity.access_key_id
            aws_secret_access_key = identity.secret_access_key
            options["aws_session_token"] = identity.session_token or None
        with boto.served(self._clock.current_time):
            client = boto.shared_session().client(
                service,
                region_name=region_name or self.first_region,
                aws_access_key_id=aws_access_key_id,
                aws_secret_access_key=aws_secret_access_key,
                config=boto.alone(config),
                **options,
            )
        if self.roster.is_console(aws_access_key_id):
            client.meta.events.register("request-created", _as_console)
        return client

    @property
    def first_region(self) -> str:
        """The region of clients that name none."""
        return next(iter(self._topology.regions))

    def identity(self, account: str, principal: str | Identity | None) -> Identity:
        """Return who calls: somebody who was named, or the root of an account.

        Raises:
          PrincipalError: there can be no such principal.
        """
        if isinstance(principal, Identity):
            return principal
        return self.roster.root(account) if principal is None else self.roster.named(principal)

    def attach(self, client: Any, service: str, region: str, home: str | None = None) -> None:
        """Serve a client from now on."""
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        self._hooks.attach(client, self._line(client, region, home))
        if service == "s3":
            boto.without_threads(client)

    def trio_client(self, client: Any, home: str | None = None) -> TrioClient:
        """Serve a client whose methods are awaited.

        Raises:
          CloudError: its retry mode is one that blocks its thread.
        """
        if (client.meta.config.retries or {}).get("mode") == "adaptive":
            raise CloudError("retry mode 'adaptive': expected 'standard' or 'legacy' under Trio")
        line = self._line(client, client.meta.region_name, home)
        found = TrioClient(self._clock, client, line, self._send_from_task)
        self._hooks.attach(client, line, found.take)
        return found

    def _line(self, client: Any, region: str, home: str | None) -> Line:
        config = client.meta.config
        connect_s, read_s = config.connect_timeout, config.read_timeout
        place = self._home if home is None else self._checked(home)
        if not place:  # Where it calls, if that is anywhere here.
            place = region if region in self._topology.regions else self.first_region
        return Line(
            sender=self._visitor(place),
            connect_ns=_FOREVER_NS if connect_s is None else seconds(connect_s),
            read_ns=_FOREVER_NS if read_s is None else seconds(read_s),
        )

    def _checked(self, home: str) -> str:
        """Return a place where applications can run."""
        region, _, az = home.partition("/")
        regions = self._topology.regions
        if home and (region not in regions or (az and az not in regions[region])):
            there = ", ".join(f"{name}/{az}" for name, azs in regions.items() for az in azs)
            raise CloudError(f"home {home!r}: expected one of {', '.join(regions)}, {there}")
        return home

    def _visitor(self, place: str) -> str:
        """Return the address of applications in a place."""
        found = self._visitors.get(place)
        if found is None:
            found = self._visitors[place] = self.world.visitor(f"{place}/{_APPLICATION}")
        return found

    # Requests.

    def _send(self, line: Line, request: AWSPreparedRequest) -> Answer:
        """Have a request served; botocore calls this in its loop of retries."""
        with self.lock:
            self._port.line = line
            serving = self._gateway.handle(http_request(request))
            try:
                serving.send(None)
            except StopIteration as stop:
                return self._answered(line, request, stop.value)
            except (NoAnswer, NoConnection, ConnectionRefused) as error:
                raise as_botocore_error(request.url, error) from error
            raise AssertionError("a port never waits")

    async def _send_from_task(self, line: Line, request: AWSPreparedRequest) -> Answer:
        """Have a request served while other tasks go on."""
        LINE.set(line)
        try:
            answer = await self._trio_gateway.handle(http_request(request))
        except (NoAnswer, NoConnection, ConnectionRefused) as error:
            raise as_botocore_error(request.url, error) from error
        return self._answered(line, request, answer)

    def _answered(self, line: Line, request: AWSPreparedRequest, answer: HttpAnswer) -> Answer:
        """Return what came back, and have the trace know it, for it may have no messages."""
        world = self.world
        world.trace.add(world.now_ns, "answer", line.sender, answer.body)
        return as_answer(request, answer, world.calendar_ns)
