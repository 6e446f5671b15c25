"""The world of one run with everything that workloads and checkers need of it.

What does not belong here: when things happen (run.py), or judging them (invariants/).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from regions.bucket import ObjectBody
from regions.calls import ApiAnswer, ApiCall, Principal
from regions.deployment import Deployment
from regions.errors import NotFoundException
from regions.messages import DescribeReplica, ReplicaState
from regions.names import parse_key_name
from regions.sns.messages import Deliver
from regions.topology import Topology
from regions.trail.trails import OWN_SOURCE
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.budget import Allowance
from scenarios.errands import Errands
from scenarios.evidence import Evidence, read_bucket, read_history
from scenarios.outlets import Outlets, collect, read_file
from scenarios.packed import Packed
from scenarios.witness import Keepsake, KeyUse, Witness, digest
from sim.actor import Expired
from sim.check.history import OK, TIMEOUT, Call, History
from sim.units import minutes, ms, seconds
from sim.wire import Refusal
from sim.world import SimWorld

KEPT_SECRET: Final = b"what must still open at the end"
#: As many as an SDK makes in its standard mode.
ATTEMPTS: Final = 3
#: Longer than this no healthy region takes to boot; chosen.
_BOOT_LIMIT_NS: Final = minutes(5)
_FAULT_STATUS: Final = 500
#: The service is eventually consistent: followers learn of a commit a moment later; chosen.
_VISIBLE_TRIES: Final = 100
_VISIBLE_RETRY_NS: Final = ms(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTrail:
    """A trail that the scenario made, as its maker remembers it."""

    name: str
    account: str
    home: str
    bucket: str
    multi_region: bool
    from_ns: int  #: world time at which StartLogging had been answered
    validates: bool = False  #: digests are made of its log files
    outlets: Outlets | None = None  #: where it delivers beside its bucket

    def omits(self, event: Evidence) -> bool:
        """Say whether the trail leaves an event out: with outlets, what CloudTrail itself does."""
        return self.outlets is not None and event.invoked_by == OWN_SOURCE


class Thorough:
    """An observer of runs with which checkers read every frame, as campaigns do."""

    def attach(self, arena: "Arena") -> None:
        """Have nothing sampled."""
        arena.thorough = True


class Lost(NamedTuple):
    """Something that was acknowledged and is gone."""

    region: str
    what: str  #: ``key`` or ``record``
    acknowledged_ns: int  #: world time


class NotBooted(RuntimeError):
    """A region did not come up; the text says which AZ is not serving."""


class Arena:
    """One run: the world, the names of its actors, what callers saw.

    Args:
      world: on virtual time.
      deployment: the actors that the topology started.
      topology: what was asked for; the default one if nobody says.
    """

    def __init__(
        self, world: SimWorld, deployment: Deployment, topology: Topology | None = None
    ) -> None:
        self.world = world
        self.deployment = deployment
        self.topology = topology or Topology()
        #: World time at which the workload begins.
        self.start_ns = 0
        #: What may be lost or refused under the plan of this run; nothing without faults.
        self.allowance = Allowance()
        #: Whether checkers that sample read every frame instead, as campaigns do.
        self.thorough = False
        self.history = History()
        #: What faults call on behalf of a customer's staff; no workload, so it stands apart.
        self.errands = Errands(world)
        self.witness = Witness()
        self.trails: dict[str, MadeTrail] = {}
        #: What checkers were sent by topics, where the topology has services.
        self.inbox: list[Deliver] = []
        #: Acknowledged things that turned out to be gone, as the promise recoverability finds.
        self.lost: list[Lost] = []
        #: Bucket -> object key -> what trails delivered; None unless an observer asks.
        self.log_files: dict[str, dict[str, ObjectBody]] | None = None
        #: What AZs said of keys in the examination; see examination.py.
        self.examined: Any = None
        self._histories: dict[str, Packed[Evidence]] = {}
        self._delivered: dict[str, Packed[Evidence]] = {}
        self._files: dict[str, list[str]] = {}  #: by bucket
        self._garbled: dict[str, list[str]] = {}
        self._dice = world.rng("arena")

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of this world, in the order of the topology."""
        return tuple(self.deployment.fronts)

    def lost_in(self, region: str) -> list[Lost]:
        """Return what a region has lost."""
        return [lost for lost in self.lost if lost.region == region]

    def calls(self) -> Iterator[Call]:
        """Yield every call that anybody made: workloads, checkers, and faults."""
        yield from self.history
        yield from self.errands.calls.values()

    def boot(self) -> None:
        """Run until every AZ serves and has its HSMs in the domain.

        Raises:
          NotBooted: one did not, within five minutes of virtual time.
        """
        world = self.world
        limit = world.now_ns + _BOOT_LIMIT_NS
        waiting = [az for azs in self.deployment.azs.values() for az in azs]
        while waiting:
            world.run_for(seconds(1))
            hsms = self.deployment.hsms_per_az
            states = {az: world.ask(az, DescribeReplica()) for az in waiting}
            waiting = [
                az for az, s in states.items() if not (s.serving and s.hsms_ready == hsms)
            ]
            if waiting and world.now_ns > limit:
                raise NotBooted(f"not serving after boot: {', '.join(waiting)}")

    def administrator(self, account: str = ACCOUNT) -> Principal:
        """Return a principal of an account who may do everything."""
        return Principal(
            kind="IAMUser",
            account=account,
            arn=f"arn:aws:iam::{account}:user/administrator",
            principal_id="AIDACKCEVSQ6C2EXAMPLE",
            user_name="administrator",
            access_key_id="AKIAIOSFODNN7EXAMPLE",
            policies=(ALLOW_ALL,),
        )

    def via(self, service: str, account: str = ACCOUNT) -> Principal:
        """Return an administrator on whose behalf a service calls."""
        return replace(
            self.administrator(account),
            via_service=service,
            invoked_by=f"{service}.amazonaws.com",
        )

    def keep(self, region: str, key: str, owner: Principal) -> str:
        """Seal something under a key that must still open at the end; return the key's id.

        Args:
          key: as callers name it; an AWS managed key comes into being with this call.
        """
        parameters = {"KeyId": key, "Plaintext": KEPT_SECRET}
        sealed = self.once_visible(region, "Encrypt", parameters, owner)
        key_id = parse_key_name(sealed["KeyId"]).name
        self.witness.key_acknowledged(region, key_id, self.world.now_ns)
        self.witness.keepsakes.append(
            Keepsake(
                region=region,
                key_id=key_id,
                principal=owner,
                blob=sealed["CiphertextBlob"],
                context={},
                plaintext_digest=digest(KEPT_SECRET),
            )
        )
        return key_id

    def once_visible(
        self, region: str, action: str, parameters: dict[str, Any], principal: Principal
    ) -> dict[str, Any]:
        """Call until a key that was just made is known where the call arrives.

        Raises:
          ServiceError: the service refused, or still knows no such key after a second.
        """
        for _ in range(_VISIBLE_TRIES):
            try:
                return self.api(region, action, parameters, principal)
            except NotFoundException:
                self.world.run_for(_VISIBLE_RETRY_NS)
        return self.api(region, action, parameters, principal)

    def add_trail(
        self,
        name: str,
        home: str,
        *,
        account: str,
        bucket: str,
        multi_region: bool,
        validates: bool = False,
        outlets: Outlets | None = None,
    ) -> None:
        """Remember a trail that logs from now on."""
        self.trails[f"{account}/{name}"] = MadeTrail(
            name=name,
            account=account,
            home=home,
            bucket=bucket,
            multi_region=multi_region,
            from_ns=self.world.now_ns,
            validates=validates,
            outlets=outlets,
        )

    def trails_of(self, region: str) -> tuple[MadeTrail, ...]:
        """Return the trails that want the events of a region, each of its own account."""
        return tuple(t for t in self.trails.values() if t.multi_region or t.home == region)

    def collect(self) -> None:
        """Read event history and buckets once, after the last quiet stretch."""
        for region, actor in self.deployment.trails.items():
            self._histories[region] = read_history(self.world, actor)
        for trail in self.trails.values():
            bucket = self.deployment.buckets[trail.home]
            garbled = self._garbled[trail.bucket] = []
            self._delivered[trail.bucket] = read_bucket(
                self.world,
                bucket,
                trail.bucket,
                garbled=garbled.append,
                keep=self._keep_in(trail),
                unseal=self.unseal,
            )
            if trail.outlets is not None:
                collect(self, trail.outlets)

    def unseal(self, bucket: str, key: str) -> tuple[bytes, dict[str, str]]:
        """Return body and metadata of a file that is under the KMS key of a trail.

        Raises:
          ObjectDamaged: it is damaged beyond repair.
          Refusal: the service refuses.
        """
        trail = next(trail for trail in self.trails.values() if trail.bucket == bucket)
        return read_file(self, trail.home, bucket, trail.account, key)

    def _keep_in(self, trail: MadeTrail) -> Callable[[str, ObjectBody], None]:
        """Return what takes the files of a trail's bucket: their keys, and all if asked for."""
        keys: list[str] = []
        self._files[trail.bucket] = keys
        whole = None if self.log_files is None else self.log_files.setdefault(trail.bucket, {})

        def keep(key: str, stored: ObjectBody) -> None:
            keys.append(key)
            if whole is not None:
                whole[key] = stored

        return keep

    def files(self, trail: MadeTrail) -> tuple[str, ...]:
        """Return the keys of everything in a trail's bucket, in order."""
        return tuple(sorted(self._files[trail.bucket]))

    def event_history(self, region: str) -> "Packed[Evidence]":
        """Return what a region's event history holds."""
        return self._histories[region]

    def delivered(self, trail: MadeTrail, region: str = "") -> Iterator[Evidence]:
        """Yield what stands in a trail's bucket, of one region or of all."""
        for event in self.all_delivered(trail):
            if region in ("", event.region):
                yield event

    def all_delivered(self, trail: MadeTrail) -> "Packed[Evidence]":
        """Return what stands in a trail's bucket, of all regions."""
        return self._delivered[trail.bucket]

    def garbled(self, trail: MadeTrail) -> tuple[str, ...]:
        """Return the keys of what a trail's bucket hands out as whole and is no log file."""
        return tuple(self._garbled[trail.bucket])

    def api(
        self,
        region: str,
        action: str,
        parameters: dict[str, Any],
        principal: Principal | None = None,
        *,
        service: str = "kms",
        to: str = "",
    ) -> dict[str, Any]:
        """Call one API action from outside, with retries, and run the world until it answers.

        Args:
          to: address this actor directly, such as one AZ, instead of the region's router.
        Raises:
          ServiceError: the service refused.
          Expired: every attempt went unanswered.
        """
        for attempt in range(ATTEMPTS):
            call = ApiCall(
                service=service,
                region=region,
                action=action,
                parameters=parameters,
                principal=principal or self.administrator(),
                source_ip="203.0.113.5",
                user_agent="aws-cli/2.34.0 md/awscrt#0.31.0",
                request_id=self._dice.uuid(),
            )
            try:
                return self._attempt(call, to or self.deployment.routers[region])
            except (Expired, Refusal) as error:
                status = getattr(error, "status", _FAULT_STATUS)
                if status < _FAULT_STATUS or attempt == ATTEMPTS - 1:
                    raise
                self.world.run_for(seconds(2))
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, message: ApiCall, to: str) -> dict[str, Any]:
        call = self.history.begin(
            Call(
                caller="host",
                place=message.region,
                service=message.service,
                action=message.action,
                request_id=message.request_id,
                begin_ns=self.world.now_ns,
                owner=message.principal.account,
                detail=(use := KeyUse.of(message.parameters, message.region)),
            )
        )
        outcome, definite, served = OK, True, True
        try:
            answer: ApiAnswer = self.world.ask(to, message, timeout_ns=seconds(10))
        except Expired:
            outcome, definite, served = TIMEOUT, False, False
            raise
        except Refusal as error:
            outcome = getattr(error, "code", type(error).__name__)
            definite = getattr(error, "definite", True)
            served = getattr(error, "status", _FAULT_STATUS) < _FAULT_STATUS
            raise
        else:
            use.learn(answer.body)
            return answer.body
        finally:
            now_ns = self.world.now_ns
            self.history.end(call, now_ns=now_ns, outcome=outcome, definite=definite, served=served)

    def replica(self, az: str) -> ReplicaState | None:
        """Return what an AZ's replica holds; None when the AZ is down or does not answer."""
        if not self.world.is_up(az):
            return None
        try:
            state: ReplicaState = self.world.ask(az, DescribeReplica(), timeout_ns=seconds(10))
        except (Expired, Refusal):
            return None  # What does not answer is for liveness to judge.
        return state
