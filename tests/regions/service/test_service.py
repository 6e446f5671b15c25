"""A service keeps what it acknowledged, records each answered call, and asks the policies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from regions.calls import ApiCall, Principal
from regions.errors import AccessDeniedException, InternalFailure, UnknownOperationException
from regions.frames import FRAMES
from regions.latency import latency
from regions.service.operation import Desk, Operation, Values, Wanted
from regions.service.service import Service, ServiceConfig
from regions.service.state import state_codec
from regions.topology import Topology, build, default_azs
from regions.trail.messages import ReadHistory
from sim.units import seconds
from sim.wire import Codec, Message
from sim.world import SimWorld

REGION, ACCOUNT = "us-east-1", "111122223333"
ROOT = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
NOBODY = Principal(kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/eve")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet(Message):
    name: str
    state: str


class Rules:
    def __init__(self) -> None:
        self.rules: dict[str, str] = {}

    def apply(self, change: Message) -> None:
        assert isinstance(change, RuleSet)
        self.rules[change.name] = change.state

    def changes(self) -> Iterable[Message]:
        return [RuleSet(name=name, state=state) for name, state in self.rules.items()]


def _put(desk: Desk, parameters: Values) -> dict[str, Any]:
    desk.change(RuleSet(name=parameters["Name"], state=parameters.get("State", "ENABLED")))
    return {"RuleArn": f"arn:aws:events:{desk.region}:{desk.account}:rule/{parameters['Name']}"}


def _list(desk: Desk, _: Values) -> dict[str, Any]:
    return {"Rules": [{"Name": name} for name in sorted(desk.state.rules)]}


def _wants(desk: Desk, _: Values) -> Wanted:
    return Wanted(action="events:PutRule", resource="*", account=desk.account)


class Toy(Service):
    kind = "toy"
    service, source = "events", "events.amazonaws.com"
    operations: ClassVar[Mapping[str, Operation]] = {
        "PutRule": Operation(name="PutRule", perform=_put, read_only=False, wants=_wants),
        "ListRules": Operation(name="ListRules", perform=_list, read_only=True),
    }
    codec = state_codec({1: RuleSet})

    def new_state(self) -> Rules:
        return Rules()

    def check(self, call: ApiCall) -> None:
        """Nothing: the shapes of a service are tested with its API."""


class Town:
    def __init__(self, world: SimWorld) -> None:
        self.world = world
        build(world, Topology(regions={REGION: default_azs(REGION)}))
        self.toy = world.start(
            Toy, ServiceConfig(region=REGION, trail=f"{REGION}/trail"), name=f"{REGION}/toy"
        )

    def call(self, action: str, parameters: dict[str, Any], who: Principal = ROOT) -> Any:
        call = ApiCall(
            service="events", region=REGION, action=action, parameters=parameters,
            principal=who, source_ip="192.0.2.1", user_agent="test",
        )  # fmt: skip
        return self.world.ask(self.toy, call)

    def records(self) -> list[Any]:
        return list(self.world.ask(f"{REGION}/trail", ReadHistory()).records)


@pytest.fixture
def town() -> Iterable[Town]:
    with SimWorld(seed=3, codec=Codec(FRAMES), latency=latency) as world:
        yield Town(world)


def test_what_was_answered_is_there_after_a_power_cut(town: Town) -> None:
    town.call("PutRule", {"Name": "one"})
    town.call("PutRule", {"Name": "two"})
    town.world.crash(town.toy)
    town.world.restart(town.toy)
    assert town.call("ListRules", {}).body == {"Rules": ({"Name": "one"}, {"Name": "two"})}


def test_a_long_journal_is_written_afresh_and_says_the_same(town: Town) -> None:
    for number in range(3_000):
        town.call("PutRule", {"Name": f"r{number % 5}", "State": "DISABLED"})
    disk = town.world.disk(town.toy)
    assert [file for file in disk.files() if file.startswith("state:")] != ["state:1"]
    assert sum(disk.size(file) for file in disk.files()) < 1_000_000
    town.world.crash(town.toy)
    town.world.restart(town.toy)
    names = [rule["Name"] for rule in town.call("ListRules", {}).body["Rules"]]
    assert names == ["r0", "r1", "r2", "r3", "r4"]


def test_each_answered_call_has_one_record_with_its_request_id(town: Town) -> None:
    answer = town.call("PutRule", {"Name": "one"})
    (record,) = town.records()
    assert (record.request_id, record.name, record.source) == (
        answer.request_id, "PutRule", "events.amazonaws.com",
    )  # fmt: skip
    assert record.request_parameters == {"name": "one"}
    assert record.response_elements == {"ruleArn": "arn:aws:events:us-east-1:111122223333:rule/one"}


def test_a_refusal_is_recorded_with_its_code(town: Town) -> None:
    with pytest.raises(AccessDeniedException, match="events:PutRule"):
        town.call("PutRule", {"Name": "one"}, NOBODY)
    with pytest.raises(UnknownOperationException, match=r"^UnknownOperation.*Burn is not modelled$"):
        town.call("Burn", {})
    assert [(r.name, r.error_code) for r in town.records()] == [
        ("PutRule", "AccessDenied"),
        ("Burn", "UnknownOperationException"),
    ]


def test_a_call_whose_record_cannot_be_kept_fails(town: Town) -> None:
    town.world.crash(f"{REGION}/trail")
    with pytest.raises(InternalFailure, match="the call could not be recorded: Expired"):
        town.call("PutRule", {"Name": "one"})
    assert town.world.now_ns >= seconds(5)
