"""A simulated cloud for tests of applications: real boto3 clients, virtual time, faults, records.

A cloud is one simulated world with IAM and every service that a live one serves. It is opened as
it is made, is used by ordinary code of one thread, and is closed at the end of its ``with`` block.
What does not belong here: how requests travel (wire.py, port.py), judging (judgement.py), pytest
(plugin.py).
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from botocore.config import Config

from regions.crypto.curve import keep_for_toys
from regions.frames import FRAMES
from regions.latency import latency
from regions.live.callers import DEFAULT_ACCOUNT
from regions.names import place_of
from regions.topology import (
    LAUNCH_REGION,
    Topology,
    build,
    build_identity,
    build_services,
    default_azs,
    launch_services,
)
from scenarios.judges import Wanted
from scenarios.kit import console_trail, virtual_time
from scenarios.kit.arena import CloudArena
from scenarios.kit.audit import AuditRecords, read_audit
from scenarios.kit.edge import CloudError, Edge
from scenarios.kit.faults import CloudFault, CloudFaults
from scenarios.kit.judgement import PROMISES, Judgement
from scenarios.kit.ledger import Ledger
from scenarios.kit.port import pass_time
from scenarios.kit.roster import SESSION, Identity
from scenarios.kit.trio_client import TrioClient
from scenarios.kit.trio_clock import CloudClock
from scenarios.recording import Recording
from scenarios.result import Verdict
from scenarios.timeline import Timeline
from sim.check.history import Call
from sim.engine import collecting_rarely
from sim.units import NS_PER_SECOND, seconds
from sim.wire import Codec
from sim.world import HOST, SimWorld

DEFAULT_REGIONS: Final = ("us-east-1", "eu-west-1")
_CODEC: Final = Codec(FRAMES)
#: ``settle`` looks every second of virtual time whether all is well.
_LOOK_NS: Final = seconds(1)


class Cloud(CloudClock):
    """A cloud of some regions, opened.

    Args:
      seed: equal seeds and equal calls give the same trace, byte by byte.
      regions: names of regions, each with its default AZs.
      topology: what is built, in place of ``regions``; its object store is always there.
      plan: fault lines; the times of ``at`` count from the moment at which the cloud is open.
      home: place where applications run, such as ``us-east-1`` or ``us-east-1/use1-az1``; by
        default each client runs in the region that it calls.
      promises: those that ``check`` judges: names, ``default``, ``all``, classes of your own or
        fresh objects of them; with some of them every frame is looked at.

    Raises:
      CloudError: the home is no place of this cloud.
      PromiseError: there is no such promise.
      PluginError: another package's promise or fault cannot be used.
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
        promises: Iterable[Wanted] = PROMISES,
    ) -> None:
        super().__init__()
        keep_for_toys()
        self.topology = _topology(tuple(regions), topology)
        self.seed = seed
        self.world = SimWorld(seed=seed, codec=_CODEC, latency=latency, frames=False)
        self._stack = ExitStack()
        self._stack.callback(self.world.close)
        try:
            with collecting_rarely():
                self._build(home, promises)
            self.faults.follow(plan)
        except BaseException:
            self.close()
            raise
        thread = virtual_time.begin(self.sleep)
        self._stack.callback(virtual_time.end, thread, self.sleep)

    def _build(self, home: str, promises: Iterable[Wanted]) -> None:
        world, topology = self.world, self.topology
        self.deployment = build(world, topology)
        self.arena = CloudArena(world, self.deployment, topology)
        self.endpoints: dict[tuple[str, str], str] = {}
        for region in topology.regions:
            self.endpoints["kms", region] = self.deployment.fronts[region]
            self.endpoints["cloudtrail", region] = self.deployment.trails[region]
            self.endpoints["s3", region] = self.deployment.s3[region]
        self.endpoints |= build_identity(world, topology)
        self.endpoints |= build_services(world, topology, {}, "")
        self._start_region = world.orders[LAUNCH_REGION]
        world.orders[LAUNCH_REGION] = self._launch
        first = next(iter(topology.regions))
        ledger = self._ledger = Ledger(self.arena, first)
        self._edge = Edge(self, topology, self.endpoints, ledger, home)
        self.faults = CloudFaults(world, topology)
        self._judgement = Judgement(self.arena, ledger, self.faults, promises)
        self.recording, self.timeline = Recording(), Timeline(world)
        self.recording.attach(self.arena)
        self.arena.boot()
        self.arena.start_ns = world.now_ns

    def _launch(self, region: str, azs: tuple[str, ...] = ()) -> None:
        """Start one more region with all its services: what the fault launch-region does."""
        self._start_region(region, azs)
        places = (place_of(az) for az in self.deployment.azs[region])
        self.topology.regions[region] = tuple(place.partition("/")[2] for place in places)
        self.endpoints |= launch_services(self.world, self.topology, region, "", "")

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
        client = self._edge.new_client(
            service,
            region_name,
            account=account,
            principal=principal,
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            aws_session_token=aws_session_token,
            config=config,
            **options,
        )
        self._edge.attach(client, service, client.meta.region_name, home)
        return client

    def trio_client(
        self, service: str, region_name: str | None = None, **options: Any
    ) -> TrioClient:
        """Return a client whose methods are awaited in a Trio run that keeps this cloud's time.

        Args:
          service, region_name, options: as of ``boto3_client``.
        """
        home = options.pop("home", None)
        client = self._edge.new_client(service, region_name, **options)
        return self._edge.trio_client(client, home)

    def boto3_session(
        self,
        region_name: str | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        principal: str | Identity | None = None,
        home: str | None = None,
    ) -> Any:
        """Return a boto3 session all of whose clients and resources are served by this cloud.

        Args:
          region_name, account, principal, home: as of ``boto3_client``.
        """
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        identity = self._edge.identity(account, principal)
        session = boto.new_session(
            region_name=region_name or self.regions[0],
            aws_access_key_id=identity.access_key_id,
            aws_secret_access_key=identity.secret_access_key,
            aws_session_token=identity.session_token or None,
        )

        def attach(client: Any, service: str, region: str) -> None:
            self._edge.attach(client, service, region, home)

        boto.watch(session, attach, self.current_time)
        return session

    def patch_boto3(
        self,
        region_name: str | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        principal: str | Identity | None = None,
    ) -> AbstractContextManager[None]:
        """Serve every client that is made within the block, whoever makes it.

        For applications that call ``boto3.client`` themselves. Clients that were made before are
        not touched, and those that are made within go on after it, as long as the cloud is open.

        Args:
          region_name, account, principal: of clients that say nothing else.
        """
        from scenarios.kit import boto  # noqa: PLC0415 - an extra

        identity = self._edge.identity(account, principal)
        return boto.patched(
            self._edge.attach,
            self.current_time,
            region_by_default=region_name or self.regions[0],
            aws_access_key_id=identity.access_key_id,
            aws_secret_access_key=identity.secret_access_key,
            aws_session_token=identity.session_token or None,
        )

    def console(self, principal: str | Identity | None = None) -> Identity:
        """Return somebody signed in to the management console, from now on.

        Clients of such a principal call as the console does: in a session, with its user agent,
        and their records say so (``sessionCredentialFromConsole``).

        Args:
          principal: who signs in, if not the root of the default account.
        """
        identity = self._edge.identity(DEFAULT_ACCOUNT, principal)
        return self._edge.roster.signed_in(identity, self.world.calendar_ns)

    def console_create_trail(
        self,
        name: str = console_trail.TRAIL_NAME,
        *,
        region_name: str | None = None,
        principal: str | Identity | None = None,
        **chosen: Any,
    ) -> dict[str, Any]:
        """Have somebody make a trail with the management console; return CreateTrail's answer.

        It logs at once, in all regions, validates its files, and has a bucket and a key of its own.

        Args:
          region_name: its home region.
          principal: who does it, if not the root of the default account.
          chosen: what he changes on the page: ``bucket``, ``kms_key``, parameters of CreateTrail.
        """
        who = self.console(principal)

        def client(service: str) -> Any:
            return self.boto3_client(service, region_name, principal=who)

        return console_trail.create_trail(client, name, **chosen)

    def principal(
        self, arn: str, *, policies: Sequence[str] | None = None, session: str = SESSION
    ) -> Identity:
        """Return somebody who may call, with an access key of his own.

        Args:
          arn: of an account's root, a user, a role or a role's session; IAM need not know it.
          policies: identity policies, JSON documents; by default those that IAM has for a user or
            role that it knows, and else everything is allowed, so that the policies of keys and
            buckets decide.
          session: name of a role's session.
        Raises:
          PrincipalError: the ARN is none of these, or IAM does not answer.
        """
        given = None if policies is None else tuple(policies)
        return self._edge.roster.named(arn, given, session)

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
        with self._edge.lock:
            pass_time(self.world, round(seconds * NS_PER_SECOND))

    def settle(self, *, minutes: float = 15) -> bool:
        """Let virtual time pass until all is well: every AZ serves, and all records are in history.

        Args:
          minutes: this long at most.
        Returns:
          Whether all is well; faults that last may keep it from being so.
        """
        world, end_ns = self.world, self.world.now_ns + round(minutes * 60 * NS_PER_SECOND)
        while not self._settled():
            if world.now_ns >= end_ns:
                return False
            world.run_for(min(_LOOK_NS, end_ns - world.now_ns))
        return True

    def _settled(self) -> bool:
        hsms = self.deployment.hsms_per_az
        for az in (az for azs in self.deployment.azs.values() for az in azs):
            state = self.arena.replica(az)
            if state is None or not state.serving or state.hsms_ready != hsms:
                return False
        recorders = (r for names in self.deployment.recorders.values() for r in names)
        return not any(self.world.disk(recorder).files() for recorder in recorders)

    def run_until_idle(self, *, hours: float = 1) -> bool:
        """Run until nothing at all is left to happen, for so long at most; say whether that is so.

        Timers of weeks, such as those that read disks again, count: a cloud is rarely idle.
        """
        return self.world.run_until_idle(self.world.now_ns + round(hours * 3600 * NS_PER_SECOND))

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

    # What came of it.

    def audit(
        self, key: str | None = None, region: str | None = None, account: str | None = None
    ) -> AuditRecords:
        """Return what CloudTrail has recorded, delivered or not; no virtual time passes.

        Args:
          key: id, ARN or alias: only records that are about that KMS key.
          region: of one region only.
          account: only what this account receives; a call that uses what is of another account
            has a record for each of the two.
        Raises:
          CloudError: this cloud has no such region.
        """
        if region is not None and region not in self.regions:
            raise CloudError(f"region {region!r}: expected one of {', '.join(self.regions)}")
        regions = self.regions if region is None else (region,)
        return read_audit(
            self.world, self.deployment, regions, key, account, self.topology.unsupported
        )

    def calls(self) -> list[Call]:
        """Return the attempts of the application's clients that have ended, as they began."""
        told = [call for call in self.arena.history if call.caller not in ("", HOST)]
        return [call for call in (*told, *self._ledger.untold()) if call.outcome]

    def verdicts_so_far(self) -> tuple[Verdict, ...]:
        """Return what the promises have seen so far; nobody is asked and no time passes."""
        return self._judgement.so_far()

    def check(self) -> tuple[Verdict, ...]:
        """Judge the promises, after all faults are healed; the last thing to ask of a cloud.

        Some minutes of virtual time pass. A later call returns the same verdicts.
        """
        return self._judgement.pronounce()


def _topology(regions: tuple[str, ...], topology: Topology | None) -> Topology:
    if topology is not None:
        return replace(topology, regions=dict(topology.regions), services=True)
    return Topology(
        regions={name: default_azs(name) for name in regions},
        consistency="linearizable",
        ceremony_ns=0,
        services=True,
    )
