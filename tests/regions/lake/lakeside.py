"""Two simulated regions with trails, buckets and lakes, and calls to them checked by the model."""

import json
from collections.abc import Iterable
from typing import Any

from regions.api.shapes import check_answer
from regions.bucket import CreateBucket
from regions.calls import ApiCall, Principal
from regions.endpoints import endpoint_of
from regions.frames import FRAMES
from regions.latency import latency
from regions.topology import Topology, build, build_services, default_azs
from regions.trail.messages import Publish
from regions.trail.record import AuditRecord, Resource
from sim.units import seconds
from sim.wire import Codec
from sim.world import SimWorld

HOME, AWAY, ACCOUNT, OTHER = "us-east-1", "eu-west-1", "111122223333", "444455556666"
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
STRANGER = Principal(kind="Root", account=OTHER, arn=f"arn:aws:iam::{OTHER}:root")
MISSING = "00000000-0000-4000-8000-000000000000"
ACTIVITY = [
    {"Name": "outside", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}
]  # fmt: skip


def user(*actions: str, resource: str = "*") -> Principal:
    """Return somebody who may do just these."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": statement}
    return Principal(
        kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/eve", user_name="eve",
        policies=(json.dumps(policy),) if actions else (),
    )  # fmt: skip


class Lakeside:
    """The regions, and how to call their CloudTrail."""

    def __init__(self, world: SimWorld, *regions: str) -> None:
        self.world = world
        self.called: set[str] = set()
        names = regions or (HOME, AWAY)
        topology = Topology(regions={name: default_azs(name) for name in names}, services=True)
        deployment = build(world, topology)
        self.endpoints = {("cloudtrail", name): deployment.trails[name] for name in names}
        self.endpoints |= build_services(world, topology, {}, "")
        self._published = 0

    def call(
        self, action: str, who: Principal = ROOT, region: str = HOME,
        service: str = "cloudtrail", **parameters: Any,
    ) -> Any:  # fmt: skip
        self.called.add(action)
        call = ApiCall(
            service=service, region=region, action=action, parameters=parameters,
            principal=who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        actor = endpoint_of(self.endpoints, call)
        assert actor is not None
        body = self.world.ask(actor, call).body
        check_answer(service, action, body)
        return json.loads(json.dumps(body, default=bytes.hex))

    def store(self, name: str = "events", **settings: Any) -> str:
        """Make an event data store that takes events in; return its id."""
        made = self.call("CreateEventDataStore", Name=name, **settings)
        self.world.run_for(seconds(11))
        return str(made["EventDataStoreArn"].rpartition("/")[2])

    def record(self, name: str = "Encrypt", region: str = HOME, **members: Any) -> AuditRecord:
        """Return a record of now, of a user of the account."""
        self._published += 1
        number = self._published
        usual: dict[str, Any] = {
            "event_id": f"00000000-0000-4000-8000-{number:012}",
            "request_id": f"request-{number}",
            "time_ns": self.world.calendar_ns,
            "source": "kms.amazonaws.com",
            "principal": Principal(
                kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/bob",
                user_name="bob",
            ),
            "source_ip": "192.0.2.7",
            "user_agent": "sdk",
            "request_parameters": {"keyId": f"key-{number}"},
            "resources": (Resource(arn=f"arn:aws:kms:{region}:{ACCOUNT}:key/k", account=ACCOUNT),),
            "recipient_account": ACCOUNT,
        }  # fmt: skip
        return AuditRecord(name=name, region=region, **{**usual, **members})

    def publish(self, *records: AuditRecord) -> None:
        """Hand records to their region's trail, and let lakes read them."""
        for record in records:
            self.world.ask(f"{record.region}/trail", Publish(records=(record,)))
        self.world.run_for(seconds(3))

    def query(self, statement: str, who: Principal = ROOT) -> list[dict[str, str]]:
        """Run a query to its end; return its rows."""
        query_id = self.call("StartQuery", who, QueryStatement=statement)["QueryId"]
        return self.rows(query_id)

    def rows(self, query_id: str) -> list[dict[str, str]]:
        """Wait for the end of a query; return its rows."""
        self.world.run_for(seconds(5))
        answer = self.call("GetQueryResults", QueryId=query_id)
        assert answer["QueryStatus"] == "FINISHED", answer
        found: Iterable[Iterable[dict[str, str]]] = answer["QueryResultRows"]
        return [{name: value for cell in row for name, value in cell.items()} for row in found]

    def names(self, store: str) -> list[str]:
        """Return the names of the events of a store, sorted, without those of its own calls."""
        return [
            row["eventName"]
            for row in self.query(
                f"SELECT eventName FROM {store} WHERE eventSource <> 'cloudtrail.amazonaws.com'"
                " ORDER BY eventName"
            )
        ]

    def bucket(self, name: str, region: str = HOME) -> None:
        """Make a bucket that CloudTrail may write to."""
        self.world.ask(f"{region}/bucket", CreateBucket(bucket=name, owner=ACCOUNT))


def opened(seed: int = 7) -> SimWorld:
    """Return a world for a Lakeside."""
    return SimWorld(seed=seed, codec=Codec(FRAMES), latency=latency)
