"""Records, callers and small regions for the tests of the trail."""

import sys
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest

from regions.bucket import (
    BUCKET_FRAMES,
    Bucket,
    CreateBucket,
    GetObject,
    ListObjects,
    ObjectEntry,
)
from regions.calls import CALL_FRAMES, ApiAnswer, ApiCall, Principal
from regions.errors import ERROR_FRAMES
from regions.trail.ledger import AuditAck
from regions.trail.messages import TRAIL_FRAMES, RegionJoined
from regions.trail.record import AuditRecord, Resource
from regions.trail.recorder import Recorder, RecorderConfig
from regions.trail.trail import Trail, TrailConfig
from sim.rng import stream
from sim.wire import Codec
from sim.world import SimWorld

EPOCH_NS = 1_767_225_600 * 10**9
ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CODEC = Codec({**CALL_FRAMES, **ERROR_FRAMES, **TRAIL_FRAMES, **BUCKET_FRAMES})

USER = Principal(
    kind="IAMUser",
    account=ACCOUNT,
    arn=f"arn:aws:iam::{ACCOUNT}:user/alice",
    principal_id="AIDAEXAMPLE",
    user_name="alice",
    access_key_id="AKIAEXAMPLE",
)
ALLOW_ALL = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
ADMINISTRATOR = replace(USER, policies=(ALLOW_ALL,))
ROLE = Principal(
    kind="AssumedRole",
    account=ACCOUNT,
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session-1",
    principal_id="AROAEXAMPLE:session-1",
    user_name="app",
    access_key_id="ASIAEXAMPLE",
    issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/app",
)
SERVICE = Principal(kind="AWSService", account=ACCOUNT, arn="", invoked_by="ssm.amazonaws.com")


def event_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def record(number: int = 1, **fields: Any) -> AuditRecord:
    """Return one Encrypt by Alice; fields as given."""
    default = AuditRecord(
        event_id=event_id(number),
        request_id=f"{number:08x}-1111-4000-8000-000000000000",
        time_ns=EPOCH_NS,
        source="kms.amazonaws.com",
        name="Encrypt",
        region="us-east-1",
        principal=USER,
        source_ip="192.0.2.7",
        user_agent="nines/1",
        request_parameters={"keyId": "alias/app", "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        resources=(Resource(arn=KEY_ARN, account=ACCOUNT),),
    )
    return replace(default, **fields)


@dataclass
class Country:
    """Regions with recorders, a Trail actor and a store each."""

    world: SimWorld
    regions: list[str]
    audit_ack: AuditAck = "quorum"
    zones: int = 3
    quotas: bool = False
    drawn: Any = field(default_factory=lambda: stream(1, "tests"))

    def site(self, region: str) -> RegionJoined:
        return RegionJoined(region=region, trail=f"{region}/trail", bucket=f"{region}/bucket")

    def recorders(self, region: str) -> list[str]:
        return [f"{region}/az{n}/recorder" for n in range(1, self.zones + 1)]

    def build(self) -> "Country":
        for region in self.regions:
            self.launch(region)
        return self

    def launch(self, region: str) -> None:
        if region not in self.regions:
            self.regions.append(region)
        sites = tuple(self.site(r) for r in self.regions)
        self.world.start(Bucket, None, name=f"{region}/bucket")
        trail = TrailConfig(region=region, regions=sites, quotas=self.quotas)
        self.world.start(Trail, trail, name=f"{region}/trail")
        names = self.recorders(region)
        for name in names:
            config = RecorderConfig(
                az=name.rpartition("/")[0] + "/az",
                peers=tuple(n for n in names if n != name),
                trail=f"{region}/trail",
                audit_ack=self.audit_ack,
            )
            self.world.start(Recorder, config, name=name)

    def record(self, number: int, region: str, **fields: Any) -> AuditRecord:
        return record(number, region=region, time_ns=self.world.calendar_ns, **fields)

    def call(self, region: str, action: str, **parameters: Any) -> dict[str, Any]:
        """Call CloudTrail; the last call's answer, or its error raised."""
        call = ApiCall(
            service="cloudtrail",
            region=region,
            action=action,
            parameters=parameters,
            principal=ADMINISTRATOR,
            source_ip="192.0.2.7",
            user_agent="nines/1",
            request_id=self.drawn.uuid(),
        )
        answer: ApiAnswer = self.world.ask(f"{region}/trail", call)
        assert answer.request_id == call.request_id
        return answer.body

    def bucket(self, name: str, region: str = "us-east-1") -> str:
        self.world.ask(f"{region}/bucket", CreateBucket(bucket=name, owner=ACCOUNT))
        return name

    def log(self, name: str, region: str, **parameters: Any) -> None:
        """Create a trail and start it."""
        self.call(region, "CreateTrail", Name=name, **parameters)
        self.call(region, "StartLogging", Name=name)

    def objects(self, bucket: str, region: str = "us-east-1") -> list[ObjectEntry]:
        found: list[ObjectEntry] = []
        after, truncated = "", True
        while truncated:
            page = self.world.ask(f"{region}/bucket", ListObjects(bucket=bucket, after=after))
            found += page.objects
            after, truncated = found[-1].key if found else "", page.truncated
        return found

    def body(self, bucket: str, key: str, region: str = "us-east-1") -> bytes:
        answer = self.world.ask(f"{region}/bucket", GetObject(bucket=bucket, key=key))
        body: bytes = answer.body
        return body


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """This module: tests cannot import a neighbour, so they are handed it."""
    return sys.modules[__name__]
