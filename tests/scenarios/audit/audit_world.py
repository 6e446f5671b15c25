"""A small world with one trail, whose callers remember what they did; and the files it delivered."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from regions.bucket import CreateBucket, GetObject, ListObjects
from regions.calls import ApiAnswer, ApiCall, Principal
from regions.errors import ServiceError
from regions.frames import FRAMES
from regions.latency import latency
from regions.names import parse_key_name
from regions.topology import Topology, build, default_azs
from scenarios.accounts import ACCOUNT, ALLOW_ALL
from scenarios.arena import Arena
from sim.units import minutes
from sim.wire import Codec
from sim.world import SimWorld

BUCKET, TRAIL = "the-logs", "everywhere"
#: What a record calls what its caller was told.
RECORDED = {"AccessDeniedException": "AccessDenied"}


def user(name: str, *, allowed: bool = True, account: str = ACCOUNT) -> Principal:
    return Principal(
        kind="IAMUser",
        account=account,
        arn=f"arn:aws:iam::{account}:user/{name}",
        principal_id="AIDA" + name.upper().ljust(17, "X"),
        user_name=name,
        access_key_id="AKIA" + name.upper().ljust(16, "X"),
        policies=(ALLOW_ALL,) if allowed else (),
    )


def session(role: str, name: str, *, allowed: bool = True) -> Principal:
    return Principal(
        kind="AssumedRole",
        account=ACCOUNT,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        principal_id=f"AROA{role.upper().ljust(17, 'X')}:{name}",
        user_name=role,
        access_key_id="ASIA" + name.upper().ljust(16, "X"),
        issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
        policies=(ALLOW_ALL,) if allowed else (),
    )


def root(account: str = ACCOUNT) -> Principal:
    return Principal(
        kind="Root",
        account=account,
        arn=f"arn:aws:iam::{account}:root",
        principal_id=account,
        policies=(ALLOW_ALL,),
    )


@dataclass(frozen=True)
class Done:
    """One call as its caller remembers it."""

    request_id: str
    action: str
    principal: str
    error: str  #: as records write it
    begin_ns: int
    end_ns: int
    body: dict[str, Any] = field(compare=False)


class AuditWorld:
    """Boot, one trail over all regions, calls, and its files at the end."""

    def __init__(self, *regions: str, seed: int = 5, multi_region: bool = True) -> None:
        self.world = SimWorld(seed=seed, codec=Codec(FRAMES), latency=latency, keep="none")
        topology = Topology(regions={region: default_azs(region) for region in regions})
        self.arena = Arena(self.world, build(self.world, topology), topology)
        self.arena.boot()
        self.home = regions[0]
        self.dice = self.world.rng("test")
        self.admin = self.arena.administrator()
        self.done: list[Done] = []
        self.world.ask(self.store, CreateBucket(bucket=BUCKET, owner=ACCOUNT))
        settings = {"Name": TRAIL, "S3BucketName": BUCKET, "IsMultiRegionTrail": multi_region}
        self.call("CreateTrail", settings, service="cloudtrail")
        self.call("StartLogging", {"Name": TRAIL}, service="cloudtrail")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    @property
    def store(self) -> str:
        return self.arena.deployment.buckets[self.home]

    def call(
        self,
        action: str,
        parameters: dict[str, Any],
        principal: Principal | None = None,
        *,
        region: str = "",
        service: str = "kms",
        address: str = "198.51.100.7",
    ) -> dict[str, Any]:
        """Call once, remember the outcome, and return what came back; {} when it was refused."""
        region, principal = region or self.home, principal or self.admin
        call = ApiCall(
            service=service,
            region=region,
            action=action,
            parameters=parameters,
            principal=principal,
            source_ip=address,
            user_agent="aws-cli/2.34.0",
            request_id=self.dice.uuid(),
        )
        begin_ns, error, body = self.world.calendar_ns, "", {}
        try:
            answer: ApiAnswer = self.world.ask(self.arena.deployment.routers[region], call)
            body = answer.body
        except ServiceError as refusal:
            error = RECORDED.get(refusal.code, refusal.code)
        self.done.append(
            Done(
                request_id=call.request_id,
                action=action,
                principal=principal.arn,
                error=error,
                begin_ns=begin_ns,
                end_ns=self.world.calendar_ns,
                body=body,
            )
        )
        return body

    def key(self, region: str = "", **parameters: Any) -> str:
        """Make a key, wait until it is known everywhere, and return its ARN."""
        body = self.call("CreateKey", parameters, region=region)
        self.world.run_for(minutes(1))
        return str(body["KeyMetadata"]["Arn"])

    def files(self) -> dict[str, bytes]:
        """Wait for the last delivery and return object key -> gzip file."""
        self.world.run_for(minutes(30))
        found: dict[str, bytes] = {}
        listed = self.world.ask(self.store, ListObjects(bucket=BUCKET))
        assert not listed.truncated
        for entry in listed.objects:
            body = self.world.ask(self.store, GetObject(bucket=BUCKET, key=entry.key)).body
            found[entry.key] = gzip.compress(body, mtime=0)
        return found


def write(files: dict[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def key_id(arn: str) -> str:
    return parse_key_name(arn).name


def moments(done: Iterable[Done]) -> list[int]:
    return [one.end_ns for one in done]
