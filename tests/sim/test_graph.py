"""The ask graph: waits can never go in a circle."""

from dataclasses import dataclass

from sim import Actor, Codec, Message, Request, SimWorld
from sim.graph import ask_cycles, undeclared_asks


def kind(name: str, *asked: str, threads: int = 1) -> type[Actor]:
    return type(name, (Actor,), {"kind": name, "asks": asked, "workers": threads})


def test_a_tree_of_kinds_is_well() -> None:
    kinds = [kind("client", "front"), kind("front", "az"), kind("az", "hsm", "node")]
    assert ask_cycles([*kinds, kind("hsm"), kind("node")]) == []


def test_a_circle_is_named_once_with_its_whole_way() -> None:
    kinds = [kind("a", "b", "d"), kind("b", "c"), kind("c", "a"), kind("d")]
    assert ask_cycles(kinds) == ["a -> b -> c -> a is a circle"]


def test_two_circles_are_both_named() -> None:
    kinds = [kind("a", "b"), kind("b", "a", "c"), kind("c", "b")]
    assert ask_cycles(kinds) == ["a -> b -> a is a circle", "b -> c -> b is a circle"]


def test_a_handler_that_serves_an_ask_from_a_peer_of_its_own_kind_never_asks() -> None:
    text = (
        "node asks its own kind, so its handlers must all be inline: "
        "a handler that serves a peer of its own kind never waits for one"
    )
    assert ask_cycles([kind("node", "node", threads=1)]) == [text]
    assert ask_cycles([kind("node", "node", threads=0)]) == []


def test_a_kind_that_nobody_has_is_a_slip_of_the_pen() -> None:
    assert ask_cycles([kind("a", "b")]) == ["a asks b, a kind that no class has"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Go(Message):
    to: str


def test_an_ask_that_takes_no_worker_is_no_part_of_a_circle() -> None:
    clerk = kind("clerk", "archive")
    archive = type("archive", (kind("archive"),), {"inline": frozenset({Go})})
    archive.asks_inline = {"clerk": frozenset({Go})}
    text = "archive asks clerk inline for Go, which clerk does not handle inline"
    assert ask_cycles([clerk, archive]) == [text]
    clerk.inline = frozenset({Go})
    assert ask_cycles([clerk, archive]) == []


class Asker(Actor):
    kind = "asker"
    workers = 1

    async def serve(self, request: Request) -> None:
        if request.body.to:
            await request.ask(request.body.to, Go(to=""))
        request.reply(request.body)


class Honest(Asker):
    kind = "honest"
    asks = ("asker",)


def test_an_ask_that_no_table_declares_is_found_in_a_run() -> None:
    # Goal: the tables that the walk trusts are true of what actors do.
    with SimWorld(codec=Codec({401: Go})) as world:
        world.start(Honest, None, name="a/honest")
        world.start(Asker, None, name="a/asker")
        world.ask("a/honest", Go(to="a/asker"))
        assert undeclared_asks(world) == []
        world.ask("a/asker", Go(to="a/honest"))
        assert undeclared_asks(world) == ["asker asks honest"]
