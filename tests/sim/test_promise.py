"""A promise joins two steps of one actor: one waits, another gives."""

from dataclasses import dataclass

import pytest

from sim import Actor, Codec, Message, Overloaded, Request, SimWorld, ms, us
from sim.promise import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Message):
    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Give(Message):
    key: int


CODEC = Codec({401: Wait, 402: Give})


class Cloakroom(Actor):
    """Keeps who waits until somebody gives."""

    workers = 5
    inline = frozenset({Give})

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self.promises: dict[int, Promise] = {}

    def promise(self, key: int) -> Promise:
        return self.promises.setdefault(key, Promise(self))

    async def serve(self, request: Request) -> None:
        request.reply(await self.promise(request.body.key).wait())

    def receive(self, request: Request) -> None:
        key = request.body.key
        if key < 0:
            for promise in self.promises.values():
                promise.fail(Overloaded("closed"))
        else:
            self.promise(key).set(request.body)
            self.promise(key).set("ignored: a promise is given once")
        request.reply(request.body)


def test_who_waits_gets_what_is_given_whichever_comes_first() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Cloakroom, None, name="a/room")
        heard: list[object] = []
        world.call("a/room", Wait(key=1), heard.append)
        world.run_for(ms(1))
        assert heard == []
        world.ask("a/room", Give(key=1))
        world.run_for(us(200))
        assert heard == [Give(key=1)]
        world.ask("a/room", Give(key=2))
        assert world.ask("a/room", Wait(key=2)) == Give(key=2)


def test_one_step_may_settle_many_promises_and_a_failure_is_raised_where_it_is_awaited() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Cloakroom, None, name="a/room")
        heard: list[object] = []
        for key in range(4):
            world.call("a/room", Wait(key=key), heard.append)
        world.run_for(ms(1))
        world.ask("a/room", Give(key=-1))
        world.run_for(ms(1))
        assert [(type(a), a.args) for a in heard] == [(Overloaded, ("closed",))] * 4


def test_a_promise_ends_with_its_incarnation() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Cloakroom, None, name="a/room")
        world.call("a/room", Wait(key=1), lambda _: None)
        world.run_for(ms(1))
        world.call("a/room", Give(key=1), lambda _: None)
        world.at(world.now_ns + us(100), world.crash, "a/room")
        world.run_for(ms(1))
        world.restart("a/room")
        world.run_for(ms(1))
        assert world.statistics()["actors"]["a/room"]["incarnation"] == 2


def test_a_promise_has_one_waiter() -> None:
    with SimWorld(codec=CODEC) as world:
        world.start(Cloakroom, None, name="a/room")
        for _ in range(2):
            world.call("a/room", Wait(key=1), lambda _: None)
        with pytest.raises(AssertionError, match=r"^a promise is awaited by one task\n"):
            world.run_for(ms(1))
