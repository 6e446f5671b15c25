"""SNS in a simulated world: what it owes is tried again, and not for ever."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from regions.calls import ApiCall, Principal
from regions.frames import FRAMES
from regions.latency import latency
from regions.sns.changes import CHANGES, Subscription
from regions.sns.errors import AuthorizationErrorException
from regions.sns.messages import Deliver, Delivered, DeliveryFailed
from regions.sns.sns import Sns, SnsConfig
from regions.sns.state import SnsState
from regions.topology import Topology, build, default_azs
from sim.actor import Actor, Request
from sim.trace import Event
from sim.units import seconds
from sim.wire import Codec
from sim.world import SimWorld

REGION, ACCOUNT = "us-east-1", "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"


class ToyCourier(Actor):
    """Refuses as often as told, and keeps what it was asked."""

    kind = "courier"
    workers: ClassVar[int] = 1
    refuses: ClassVar[int] = 0
    asked: ClassVar[list[tuple[int, Deliver]]] = []

    async def serve(self, request: Request) -> None:
        cls = type(self)
        cls.asked.append((self.now_ns, request.body))
        cls.refuses -= 1
        answer = DeliveryFailed("no") if cls.refuses >= 0 else Delivered(status=200)
        request.reply(answer)


class Town:
    def __init__(self, world: SimWorld, courier: str) -> None:
        self.world = world
        self.failed: list[str] = []
        ToyCourier.asked, ToyCourier.refuses = [], 0
        world.trace.watch("delivery-failed", self._note)
        build(world, Topology(regions={REGION: default_azs(REGION)}))
        if courier:
            world.start(ToyCourier, None, name=courier)
        config = SnsConfig(
            region=REGION, trail=f"{REGION}/trail", courier=courier, url="http://127.0.0.1:4599"
        )
        self.sns = world.start(Sns, config, name=f"{REGION}/sns")

    def _note(self, event: Event) -> None:
        self.failed.append(event.body.decode())

    def call(self, action: str, **parameters: Any) -> Any:
        principal = Principal(
            kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root"
        )
        return self.world.ask(
            self.sns,
            ApiCall(
                service="sns", region=REGION, action=action, parameters=parameters,
                principal=principal, source_ip="192.0.2.1", user_agent="test",
            ),
        ).body  # fmt: skip

    def subscribed(self, endpoint: str = "file:///tmp/x.jsonl") -> None:
        self.call("CreateTopic", Name="news")
        self.call("Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint=endpoint)


@pytest.fixture
def town() -> Iterator[Town]:
    with SimWorld(seed=5, codec=Codec(FRAMES), latency=latency) as world:
        yield Town(world, f"{REGION}/courier")


def test_a_refused_message_is_tried_three_more_times_twenty_seconds_apart(town: Town) -> None:
    town.subscribed()
    ToyCourier.refuses = 100
    town.call("Publish", TopicArn=TOPIC, Message="m")
    town.world.run_for(seconds(600))
    times = [now_ns for now_ns, _ in ToyCourier.asked]
    gaps = [round((later - now) / 1e9) for now, later in pairwise(times)]
    assert gaps == [20, 20, 20]
    assert len(town.failed) == 1
    assert "tries=4" in town.failed[0]


def test_a_message_that_is_owed_is_sent_after_a_power_cut(town: Town) -> None:
    town.subscribed()
    ToyCourier.refuses = 1
    town.call("Publish", TopicArn=TOPIC, Message="owed")
    town.world.run_for(seconds(5))
    town.world.crash(town.sns)
    town.world.restart(town.sns)
    town.world.run_for(seconds(5))
    assert ['"owed"' in asked.body for _, asked in ToyCourier.asked] == [True, True]
    town.world.crash(town.sns)
    town.world.restart(town.sns)
    town.world.run_for(seconds(600))
    assert len(ToyCourier.asked) == 2


def test_a_topic_is_quiet_while_nothing_is_owed(town: Town) -> None:
    town.subscribed()
    town.call("Publish", TopicArn=TOPIC, Message="m")
    town.world.run_for(seconds(60))
    before = len(ToyCourier.asked)
    town.world.run_for(seconds(86_400))
    assert len(ToyCourier.asked) == before == 1


def test_an_unconfirmed_endpoint_gets_nothing_but_the_question(town: Town) -> None:
    town.subscribed("http://127.0.0.1:9/in")
    town.call("Publish", TopicArn=TOPIC, Message="m")
    town.world.run_for(seconds(60))
    kinds = [asked.headers["x-amz-sns-message-type"] for _, asked in ToyCourier.asked]
    assert kinds == ["SubscriptionConfirmation"]


def test_a_token_is_worth_nothing_after_two_days(town: Town) -> None:
    town.subscribed("http://127.0.0.1:9/in")
    town.world.run_for(seconds(2 * 86_400 + 60))
    state = town.world.kernel.cells[town.sns].actor.state  # type: ignore[union-attr]
    (subscription,) = state.subscriptions.values()
    with pytest.raises(Exception, match=r"^InvalidParameter: Invalid parameter: Token$"):
        town.call("ConfirmSubscription", TopicArn=TOPIC, Token=subscription.token)


def test_what_has_no_courier_cannot_be_delivered() -> None:
    with SimWorld(seed=5, codec=Codec(FRAMES), latency=latency) as world:
        town = Town(world, "")
        town.subscribed()
        town.call("Publish", TopicArn=TOPIC, Message="m")
        world.run_for(seconds(600))
        assert ["there is no courier" in failed for failed in town.failed] == [True]


def test_who_followed_no_link_cannot_end_a_subscription_that_wants_a_signature(town: Town) -> None:
    town.subscribed()
    sns = town.world.kernel.cells[town.sns].actor
    assert isinstance(sns, Sns)
    assert isinstance(sns.state, SnsState)
    (subscription,) = sns.state.subscriptions.values()
    sns.state.apply(
        Subscription(
            arn=subscription.arn, topic=TOPIC, account=ACCOUNT, protocol="http",
            endpoint=subscription.endpoint, token="", asked_ms=0, confirmed=True, authenticated=True,
        )
    )  # fmt: skip
    anonymous = ApiCall(
        service="sns", region=REGION, action="Unsubscribe",
        parameters={"SubscriptionArn": subscription.arn},
        principal=Principal(kind="Anonymous", account="", arn=""),
        source_ip="192.0.2.1", user_agent="test",
    )  # fmt: skip
    with pytest.raises(AuthorizationErrorException):
        town.world.ask(town.sns, anonymous)


def test_a_state_is_made_again_out_of_its_own_changes(town: Town) -> None:
    ToyCourier.refuses = 100
    town.subscribed()
    town.call("Subscribe", TopicArn=TOPIC, Protocol="http", Endpoint="http://127.0.0.1:9/in")
    town.call("Publish", TopicArn=TOPIC, Message="m")
    state = town.world.kernel.cells[town.sns].actor.state  # type: ignore[union-attr]
    codec, copy = Codec(CHANGES), SnsState()
    for change in state.changes():
        copy.apply(codec.decode(codec.encode(change)))
    assert (copy.topics, copy.subscriptions, copy.outbox.parcels) == (
        state.topics, state.subscriptions, state.outbox.parcels,
    )  # fmt: skip
    assert len(copy.outbox.parcels) == 2
