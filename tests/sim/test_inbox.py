"""Inboxes: bounded queues, a fixed number of workers, and order between two actors."""

from dataclasses import dataclass

import pytest

from sim import (
    Actor,
    Codec,
    Expired,
    LinkSpec,
    Message,
    Overloaded,
    Partition,
    Refusal,
    Request,
    SimWorld,
    ms,
    seconds,
    us,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Message):
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek(Message):
    pass


CODEC = Codec({401: Job, 402: Peek})


class Shop(Actor):
    """Works one millisecond on each job; peeks are answered at once."""

    workers = 2
    inbox_limit = 3
    inline = frozenset({Peek})

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self.done: list[tuple[int, int]] = []

    def receive(self, request: Request) -> None:
        request.reply(Job(number=len(self.done)))

    async def serve(self, request: Request) -> None:
        await self.work(ms(1))
        self.done.append((request.body.number, self.now_ns))
        request.reply(request.body)


class Sender(Actor):
    """Sends so many numbered jobs to the shop at once."""

    def start(self) -> None:
        for number in range(self.config):
            self.send("b/shop", Job(number=number))


def test_workers_serve_side_by_side_and_the_rest_waits_in_order() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Shop, None, name="b/shop")
        world.start(Sender, 5, name="b/sender")
        world.run_for(seconds(1))
        shop = world.kernel.cells["b/shop"].actor
        assert isinstance(shop, Shop)
        first, second, third = us(20) + ms(1), us(20) + ms(2), us(20) + ms(3)
        assert shop.done == [(0, first), (1, first), (2, second), (3, second), (4, third)]


def test_what_the_queue_cannot_hold_is_refused_as_overloaded_and_counted() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Shop, None, name="b/shop")
        answers: list[object] = []
        for number in range(7):
            world.call("b/shop", Job(number=number), answers.append)
        world.run_for(ms(10))
        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [(type(r), r.args) for r in refused] == [
            (Overloaded, ("b/shop has 3 requests waiting",))
        ] * 2
        assert [a.number for a in answers if isinstance(a, Job)] == [0, 1, 2, 3, 4]
        counts = world.statistics()["actors"]["b/shop"]
        assert (counts["refused"], counts["queue_max"], counts["queue"]) == (2, 3, 0)
        assert counts["busy_ns"] == 5 * ms(1)


def test_inline_messages_pass_a_full_queue() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Shop, None, name="b/shop")
        world.start(Sender, 5, name="b/sender")
        world.run_for(us(30))
        assert world.ask("b/shop", Peek()) == Job(number=0)
        assert world.now_ns < ms(1)


class Listener(Actor):
    inline = frozenset({Job})

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self.heard: list[int] = []

    def receive(self, request: Request) -> None:
        self.heard.append(request.body.number)


def test_messages_between_two_actors_keep_their_order_whatever_the_jitter() -> None:
    jittery = LinkSpec(base_ns=us(10), jitter_ns=ms(50), spike=0.1)
    with SimWorld(seed=3, codec=CODEC, latency=lambda *_: jittery) as world:
        world.start(Listener, None, name="b/shop")
        world.start(Sender, 500, name="a/sender")
        world.run_for(seconds(1))
        listener = world.kernel.cells["b/shop"].actor
        assert isinstance(listener, Listener)
        assert listener.heard == list(range(500))


def test_a_message_that_no_handler_takes_is_an_error_of_ours_and_not_a_refusal() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Listener, None, name="b/shop")
        world.call("b/shop", Peek(), lambda _: None)
        with pytest.raises(AssertionError, match=r"^b/shop has no handler for Peek\n"):
            world.run_for(ms(1))


class Silent(Actor):
    workers = 1

    async def serve(self, request: Request) -> None:
        pass


class Twice(Actor):
    workers = 1

    async def serve(self, request: Request) -> None:
        request.reply(request.body)
        request.reply(request.body)


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Silent, r"^b/shop never answered Job\n"),
        (Twice, r"^b/shop answered a request twice\n"),
    ],
)
def test_an_ask_is_answered_exactly_once(cls: type[Actor], text: str) -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(cls, None, name="b/shop")
        world.call("b/shop", Job(number=1), lambda _: None)
        with pytest.raises(AssertionError, match=text):
            world.run_for(ms(1))


class Lossy(Actor):
    workers = 1

    async def serve(self, request: Request) -> None:
        request.lose()


def test_an_ask_that_an_ill_actor_loses_expires_and_its_worker_goes_on() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Lossy, None, name="b/shop")
        for number in (1, 2):
            with pytest.raises(Expired):
                world.ask("b/shop", Job(number=number), timeout_ns=ms(1))
        assert world.statistics()["actors"]["b/shop"]["delivered"] == 2


def test_a_one_way_message_may_stay_without_answer_or_be_answered_into_nothing() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Twice, None, name="b/shop")
        world.start(Sender, 3, name="b/sender")
        world.run_for(ms(1))
        assert world.statistics()["actors"]["b/shop"]["delivered"] == 3
        assert world.statistics()["actors"]["b/sender"]["delivered"] == 0


def test_workers_begin_when_there_is_work_for_them_and_never_more_than_declared() -> None:
    with SimWorld(codec=CODEC) as world:
        shop = world.start(Shop, None, name="shop")
        world.run_for(ms(1))
        counts = [world.kernel.cells[shop].tasks]
        for jobs in (1, 2, 4):
            for number in range(jobs):
                world.call(shop, Job(number=number), lambda _: None)
            world.run_for(ms(20))
            counts.append(world.kernel.cells[shop].tasks)
    assert counts == [0, 1, 2, 2]


def test_a_visitor_asks_from_a_place_and_its_links_may_be_cut() -> None:
    with SimWorld(codec=CODEC) as world:
        shop = world.start(Shop, None, name="mall/shop")
        visitor = world.visitor("street/visitor")
        assert world.ask(shop, Job(number=1), sender=visitor).number == 1
        world.add_rule(Partition(one="street", other="mall"))
        with pytest.raises(Expired):
            world.ask(shop, Job(number=2), sender=visitor)
        assert world.ask(shop, Job(number=3)).number == 3
        assert world.names() == ("mall/shop",)
        with pytest.raises(ValueError, match=r"^the name 'street/visitor' is taken$"):
            world.visitor("street/visitor")


def test_without_frames_messages_have_them_only_while_something_looks() -> None:
    with SimWorld(codec=CODEC, frames=False) as world:
        shop = world.start(Shop, None, name="shop")
        world.ask(shop, Job(number=1))
        assert not any(event.kind == "deliver" for event in world.trace.events())
        rule = Partition(one="elsewhere")
        world.add_rule(rule)
        world.ask(shop, Job(number=2))
        assert sum(event.kind == "deliver" for event in world.trace.events()) == 2
        world.remove_rule(rule)
        world.ask(shop, Job(number=3))
        assert sum(event.kind == "deliver" for event in world.trace.events()) == 2
