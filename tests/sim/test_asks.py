"""Asks: deadlines, expiry, refusals, forwarding, late replies."""

import re
from dataclasses import dataclass

import pytest

from sim import (
    PASS,
    Actor,
    Codec,
    Deliver,
    Expired,
    LinkSpec,
    Message,
    Partition,
    Refusal,
    Request,
    SimWorld,
    Unreachable,
    ms,
    seconds,
    uniform,
    us,
)
from sim.network import Verdict

LINK_NS = us(100)
LOCAL_NS = us(20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Message):
    to: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(Message):
    to: str


class TooOld(Refusal):
    """A refusal of a test."""


CODEC = Codec({401: Word, 402: Nested, 403: Pass, 404: TooOld})


class Echo(Actor):
    """Answers with what it was told, after a while; asks or forwards when told so."""

    workers = 4

    def __init__(self, config: int) -> None:
        super().__init__(config)
        self.seen: list[tuple[str, str, int]] = []

    async def serve(self, request: Request) -> None:
        body = request.body
        self.seen.append((type(body).__name__, request.sender, request.deadline_ns))
        await self.work(self.config)
        if isinstance(body, Nested):
            answer = await request.ask(body.to, Word(text=body.text))
            request.reply(Word(text=f"{self.name} heard {answer.text}"))
        elif isinstance(body, Pass):
            request.forward(body.to, Word(text="passed on"))
        elif body.text == "refuse":
            raise TooOld("key-1", 3)
        else:
            request.reply(Word(text=body.text))


class Caller(Actor):
    """Asks once as it starts, with a callback, and keeps what comes."""

    def __init__(self, config: tuple[str, int]) -> None:
        super().__init__(config)
        self.answers: list[tuple[int, object]] = []

    def start(self) -> None:
        to, timeout_ns = self.config
        self.call(to, Word(text="hello"), self.heard, timeout_ns=timeout_ns)

    def heard(self, answer: object) -> None:
        self.answers.append((self.now_ns, answer))


def actor(world: SimWorld, name: str) -> Actor:
    found = world.kernel.cells[name].actor
    assert found is not None
    return found


def echo(world: SimWorld, name: str) -> Echo:
    found = actor(world, name)
    assert isinstance(found, Echo)
    return found


def test_an_ask_takes_one_latency_each_way_and_the_work_between() -> None:
    with SimWorld(codec=CODEC, latency=uniform(LINK_NS)) as world:
        world.start(Echo, ms(1), name="a/echo")
        assert world.ask("a/echo", Word(text="hi")) == Word(text="hi")
        assert world.now_ns == 2 * LINK_NS + ms(1)


def test_a_refusal_is_raised_where_the_call_was_asked() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, 0, name="a/echo")
        world.start(Echo, 0, name="a/front")
        with pytest.raises(TooOld) as caught:
            world.ask("a/front", Nested(to="a/echo", text="refuse"))
        assert caught.value.args == ("key-1", 3)


def test_a_nested_ask_inherits_what_is_left_of_the_deadline() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, ms(3), name="a/front")
        world.start(Echo, 0, name="a/echo")
        world.run_for(seconds(2))
        world.ask("a/front", Nested(to="a/echo", text="hi"), timeout_ns=seconds(7))
        assert echo(world, "a/front").seen == [("Nested", "host", seconds(9))]
        assert echo(world, "a/echo").seen == [("Word", "a/front", seconds(9))]


def test_the_default_deadline_is_sixty_seconds() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, 0, name="a/echo")
        world.ask("a/echo", Word(text="hi"))
        assert echo(world, "a/echo").seen == [("Word", "host", seconds(60))]


def test_a_forwarded_ask_is_answered_straight_to_its_asker_and_keeps_its_deadline() -> None:
    with SimWorld(codec=CODEC, latency=uniform(LINK_NS)) as world:
        world.start(Echo, 0, name="a/front")
        world.start(Echo, 0, name="b/echo")
        assert world.ask("a/front", Pass(to="b/echo")) == Word(text="passed on")
        assert world.now_ns == 3 * LINK_NS
        assert echo(world, "b/echo").seen == [("Word", "a/front", seconds(60))]


def test_asking_a_name_that_nobody_has_is_refused_as_unreachable() -> None:
    with (
        SimWorld(codec=CODEC) as world,
        pytest.raises(Unreachable, match=r"^nobody is called a/ghost$"),
    ):
        world.ask("a/ghost", Word(text="hi"))


def test_an_expired_ask_of_the_host_shows_the_whole_wait_graph() -> None:
    # Goal: who asks whom since when, queues, and what is down, paused or cut off, in exact words.
    with SimWorld(codec=CODEC, latency=uniform(LINK_NS)) as world:
        for name in ("a/front", "a/echo", "b/dark", "b/still"):
            world.start(Echo, 0, name=name)
        world.run_for(ms(1))
        world.crash("b/dark")
        world.pause("b/still")
        rule = Partition(one="a/front", other="a/echo", both_ways=False)
        world.add_rule(rule)
        with pytest.raises(Expired) as caught:
            world.ask("a/front", Nested(to="a/echo", text="hi"), timeout_ns=ms(5))
        assert str(caught.value).splitlines() == (
            [
                "host asked a/front (Nested) at 1000000 ns and had no answer by 6000000 ns",
                "wait graph at 6000000 ns:",
                "  a/front: up, 0 waiting in its inbox",
                "    asks a/echo (Word) since 1100000 ns",
                "  b/dark: down, 0 waiting in its inbox",
                "  b/still: paused, 0 waiting in its inbox",
                "  network rule: Partition(one='a/front', other='a/echo', both_ways=False)",
            ]
        )


def test_when_nothing_can_run_an_ask_ends_at_its_deadline_with_the_wait_graph() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, 0, name="a/echo")
        world.crash("a/echo")
        with pytest.raises(
            Expired,
            match=re.escape(
                "wait graph at 60000000000 ns:\n  a/echo: down, 0 waiting in its inbox"
            ),
        ):
            world.ask("a/echo", Word(text="hi"))
        assert world.now_ns == seconds(60)


def test_an_ask_with_a_callback_gets_the_answer_the_refusal_or_the_expiry() -> None:
    with SimWorld(codec=CODEC, latency=uniform(LINK_NS)) as world:
        world.start(Echo, 0, name="b/echo")
        world.start(Echo, seconds(9), name="b/slow")
        world.start(Caller, ("b/echo", seconds(1)), name="a/1")
        world.start(Caller, ("b/slow", ms(2)), name="a/2")
        world.start(Caller, ("b/ghost", ms(2)), name="a/3")
        world.run_for(seconds(1))
        found = {
            n: [(t, repr(a)) for t, a in actor(world, n).answers] for n in ("a/1", "a/2", "a/3")
        }
        text = "a/2 asked b/slow (Word) at 0 ns and had no answer by 2000000 ns"
        assert found == {
            "a/1": [(2 * LINK_NS, "Word(text='hello')")],
            "a/2": [(ms(2), f"Expired('{text}')")],
            "a/3": [(LOCAL_NS, "Unreachable('nobody is called b/ghost')")],
        }


def test_a_late_reply_is_dropped_and_counted() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, ms(5), name="b/slow")
        world.start(Caller, ("b/slow", ms(2)), name="a/caller")
        world.run_for(ms(20))
        assert len(actor(world, "a/caller").answers) == 1
        assert world.statistics()["actors"]["a/caller"]["late_replies"] == 1


def test_a_reply_to_an_earlier_incarnation_is_late() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, ms(5), name="b/slow")
        world.start(Caller, ("b/slow", seconds(1)), name="a/caller")
        world.run_for(ms(1))
        world.crash("a/caller")
        world.restart("a/caller")
        world.run_for(ms(20))
        assert [answer for _, answer in actor(world, "a/caller").answers] == [Word(text="hello")]
        assert world.statistics()["actors"]["a/caller"]["late_replies"] == 1


class Crowd(Actor):
    """Asks very many questions at once, each in a task of its own."""

    def __init__(self, config: int) -> None:
        super().__init__(config)
        self.ended: list[tuple[int, int]] = []

    def start(self) -> None:
        for number in range(self.config):
            self.spawn(self.one, number)

    async def one(self, number: int) -> None:
        deadline_ns = ms(10) + number // 100
        try:
            await self.ask("b/dark", Word(text="hi"), deadline_ns=deadline_ns)
        except Expired:
            self.ended.append((number, self.now_ns))


def test_every_ask_expires_at_its_own_deadline_however_many_there_are() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, 0, name="b/dark")
        world.crash("b/dark")
        world.start(Crowd, 3_000, name="a/crowd")
        world.run_for(ms(11))
        ended = actor(world, "a/crowd").ended
        assert sorted(ended) == [(n, ms(10) + n // 100) for n in range(3_000)]
        assert world.statistics()["actors"]["a/crowd"]["asking"] == 0


def test_an_answer_at_the_very_deadline_is_in_time() -> None:
    with SimWorld(codec=CODEC, latency=uniform(LINK_NS)) as world:
        world.start(Echo, 0, name="b/echo")
        world.start(Caller, ("b/echo", 2 * LINK_NS), name="a/caller")
        world.run_for(ms(1))
        answers = actor(world, "a/caller").answers
        assert [(t, type(a)) for t, a in answers] == [(2 * LINK_NS, Word)]


def test_an_error_during_an_ask_of_the_host_leaves_later_runs_whole() -> None:
    # Goal: an answer that nobody waits for any more must not end a later run half-way.
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, ms(5), name="b/slow")

        def fail() -> None:
            raise ValueError("a broken promise")

        world.at(ms(1), fail)
        with pytest.raises(ValueError, match=r"^a broken promise\n"):
            world.ask("b/slow", Word(text="hi"))
        world.run_for(ms(50))
        assert world.now_ns == ms(51)


def test_the_host_may_ask_without_running_the_world() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, 0, name="a/echo")
        heard: list[object] = []
        world.call("a/echo", Word(text="1"), heard.append)
        world.call("a/echo", Word(text="2"), heard.append)
        assert heard == []
        world.run_for(ms(1))
        assert heard == [Word(text="1"), Word(text="2")]


class Held:
    """Delays what goes to one name."""

    def concerns(self, *_: object) -> bool:
        return True

    def verdict(self, source: str, *_: object) -> Verdict:
        return Deliver(ms(3)) if source == "a/echo" else PASS

    def __repr__(self) -> str:
        return "Held()"


def test_a_delay_on_the_way_back_only_delays_the_answer() -> None:
    with SimWorld(codec=CODEC, latency=lambda *_: LinkSpec(base_ns=LINK_NS)) as world:
        world.start(Echo, 0, name="a/echo")
        world.add_rule(Held())
        world.ask("a/echo", Word(text="hi"))
        assert world.now_ns == 2 * LINK_NS + ms(3)
