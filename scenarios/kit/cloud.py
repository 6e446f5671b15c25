"""A simulated cloud for tests of applications: real boto3 clients, virtual time, faults, records.

A cloud is one simulated world with IAM and every service that a live one serves. It is opened as
it is made, is used by ordinary code of one thread, and is closed at the end of its ``with`` block.
What does not belong here: how requests travel (wire.py, port.py), judging (judgement.py), pytest
(plugin.py).
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from regions.api.protocols import GLOBAL_REGION, PROTOCOLS
from regions.frames import FRAMES
from regions.latency import latency
from regions.live.callers import DEFAULT_ACCOUNT
from regions.live.gateway import Gateway
from regions.topology import Topology, build, build_identity, build_services, default_azs
from scenarios.accounts import ALLOW_ALL
from scenarios.arena import Arena
from scenarios.kit import virtual_time
from scenarios.kit.faults import CloudFault, CloudFaults
from scenarios.kit.ledger import Ledger
from scenarios.kit.port import ConnectionRefused, Line, NoAnswer, NoConnection, Port
from scenarios.kit.roster import Identity, Roster
from scenarios.kit.wire import (
    Answer,
    Hooks,
    as_answer,
    as_botocore_error,
    http_request,
    signed_at_s,
)
from sim.units import NS_PER_SECOND, hours, seconds
from sim.wire import Codec
from sim.world import SimWorld

DEFAULT_REGIONS: Final = ("us-east-1", "eu-west-1")
#: A client without a timeout gives up after this long; chosen: nothing here takes longer.
_FOREVER_NS: Final = hours(1)
_CODEC: Final = Codec(FRAMES)


class CloudError(ValueError):
    """Something was asked of a cloud that it cannot do; the text says what was expected."""


class Cloud:
    """A cloud of some regions, opened.

    Args:
      seed: equal seeds and equal calls give the same trace, byte by byte.
      regions: names of regions, each with its default AZs.
      topology: what is built, in place of ``regions``; its object store is always there.
      plan: fault lines; the times of ``at`` count from the moment at which the cloud is open.
      home: place where applications run, such as ``us-east-1`` or ``us-east-1/use1-az1``; by
        default each client runs in the region that it calls.

    Raises:
      TopologyError: a region does not exist, or cannot be built so.
      PlanError: a line of the plan is none, or strikes nothing that is there.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        regions: Sequence[str] = DEFAULT_REGIONS,
        topology: Topology | None = None,
        plan: Iterable[str] = (),
        home: str = "",
    ) -> None:
        self.topology = _topology(tuple(regions), topology)
        self.seed, self._home = seed, home
        self.world = SimWorld(seed=seed, codec=_CODEC, latency=latency)
        self._stack = ExitStack()
        self._stack.callback(self.world.close)
        try:
            self._build()
            self.faults.follow(plan)
        except BaseException:
            self.close()
            raise
        thread = virtual_time.begin(self.sleep)
        self._stack.callback(virtual_time.end, thread, self.sleep)

    def _build(self) -> None:
        world, topology = self.world, self.topology
        self.deployment = build(world, topology)
        self.arena = Arena(world, self.deployment, topology)
        self.endpoints: dict[tuple[str, str], str] = {}
        for region in topology.regions:
            self.endpoints["kms", region] = self.deployment.fronts[region]
            self.endpoints["cloudtrail", region] = self.deployment.trails[region]
            self.endpoints["s3", region] = self.deployment.s3[region]
        self.endpoints |= build_identity(world, topology)
        self.endpoints |= build_services(world, topology, {}, "")
        first = next(iter(topology.regions))
        self._port = Port(world, Ledger(self.arena, first))
        self._roster = Roster(self._port, self.endpoints["iam", GLOBAL_REGION])
        self._gateway = Gateway(
            self._port,
            self.endpoints,
            self._roster,
            verifies=True,
            secure=True,
            wire_now_s=lambda request: signed_at_s(request, world.calendar_ns / NS_PER_SECOND),
        )
        self._hooks = Hooks(self._send, world.rng("kit", "sdk"))
        self._visitors: dict[str, str] = {}
        self.faults = CloudFaults(world, topology)
        self.arena.boot()
        self.arena.start_ns = world.now_ns

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the world and give time back; harmless the second time."""
        self._stack.close()

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of this cloud, in order."""
        return tuple(self.topology.regions)

    @property
    def trace_hash(self) -> str:
        """The hash of everything that has happened so far."""
        return self.world.trace.hash

    # Clients.

    def boto3_client(
        self,
        service: str,
        region_name: str | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        principal: str | Identity | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        config: Config | None = None,
        home: str | None = None,
        **options: Any,
    ) -> Any:
        """Return a boto3 client that is served by this cloud.

        Args:
          service: such as ``kms``; what is not served answers with an error that says so.
          region_name: by default the cloud's first region.
          account: whose root calls, unless
          principal: names somebody else by ARN, or
          aws_access_key_id: and its secret were made with IAM's or STS's actions.
          config: as of boto3; timeouts and retries are in virtual time.
          home: where this client runs, if not where the cloud's applications do.
          options: further ones of ``boto3.client``.
        """
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        region = region_name or self.regions[0]
        if aws_access_key_id is None:
            identity = self._identity(account, principal)
            aws_access_key_id, aws_secret_access_key = (
                identity.access_key_id,
                identity.secret_access_key,
            )
        client = boto.shared_session().client(
            service,
            region_name=region,
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            aws_session_token=aws_session_token,
            config=config,
            **options,
        )
        self._attach(client, service, region, self._home if home is None else home)
        return client

    def principal(
        self, arn: str, *, policies: Sequence[str] = (ALLOW_ALL,), session: str = "application"
    ) -> Identity:
        """Return somebody who may call, with an access key of his own.

        Args:
          arn: of an account's root, a user, a role or a role's session; IAM need not know it.
          policies: identity policies, JSON documents; by default everything is allowed, so that
            the policies of keys and buckets decide.
          session: name of a role's session.
        Raises:
          PrincipalError: the ARN is none of these.
        """
        return self._roster.named(arn, tuple(policies), session)

    def _identity(self, account: str, principal: str | Identity | None) -> Identity:
        if isinstance(principal, Identity):
            return principal
        return self._roster.root(account) if principal is None else self.principal(principal)

    def _attach(self, client: Any, service: str, region: str, home: str) -> None:
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        entry = PROTOCOLS.get(service)
        there = GLOBAL_REGION if entry is not None and entry.is_global else region
        connect_s, read_s = boto.timeouts_s(client)
        line = Line(
            sender=self._visitor(home or region),
            endpoint=self.endpoints.get((service, there), ""),
            connect_ns=_FOREVER_NS if connect_s is None else seconds(connect_s),
            read_ns=_FOREVER_NS if read_s is None else seconds(read_s),
        )
        self._hooks.attach(client, line)

    def _visitor(self, place: str) -> str:
        """Return the address of applications in a place."""
        found = self._visitors.get(place)
        if found is None:
            found = self._visitors[place] = self.world.visitor(f"{place}/application")
        return found

    def _send(self, line: Line, request: AWSPreparedRequest) -> Answer:
        """Have a request served; botocore calls this in its loop of retries."""
        self._port.line = line
        serving = self._gateway.handle(http_request(request))
        try:
            serving.send(None)
        except StopIteration as stop:
            return as_answer(request, stop.value, self.world.calendar_ns)
        except (NoAnswer, NoConnection, ConnectionRefused) as error:
            raise as_botocore_error(request.url, error) from error
        raise AssertionError("a port never waits")

    # Time.

    @property
    def now(self) -> datetime:
        """The cloud's calendar."""
        return datetime.fromtimestamp(self.world.calendar_ns / NS_PER_SECOND, UTC)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let virtual time pass, and all that falls due in it happen."""
        self.sleep(((days * 24 + hours) * 60 + minutes) * 60 + seconds)

    def sleep(self, seconds: float) -> None:
        """Let so many seconds of virtual time pass; ``time.sleep`` does the same meanwhile."""
        if seconds < 0:
            raise CloudError(f"time {seconds} s: expected no less than 0")
        self.world.run_for(round(seconds * NS_PER_SECOND))

    # Faults.

    def fault(self, line: str) -> CloudFault:
        """Let something go wrong now; it is healed as its ``with`` block ends.

        Args:
          line: of the plan's grammar: ``[at TIME] FAULT TARGET [for DURATION] [with NAME=VALUE
            ...]``. With ``at`` it begins so long from now, with ``for`` it ends by itself.
        Raises:
          PlanError: it is no line, or strikes nothing that is there.
        """
        return self.faults.begin(line)


def _topology(regions: tuple[str, ...], topology: Topology | None) -> Topology:
    if topology is not None:
        return replace(topology, s3=True)
    return Topology(
        regions={name: default_azs(name) for name in regions},
        consistency="linearizable",
        ceremony_ns=0,
        s3=True,
    )
