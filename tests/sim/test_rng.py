"""Chance: one seed, one independent stream for each name."""

import re
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, Codec, LinkSpec, Message, Request, SimWorld, seconds, stream, us


def test_a_stream_is_a_function_of_seed_and_name() -> None:
    # Golden: the same draws in any process and on any machine.
    assert stream(7, "net", "us-east-1", "eu-west-1").randbytes(8).hex() == "abc4145dce5cd059"
    assert stream(7, "a", "bc").random() != stream(7, "ab", "c").random()
    assert stream(7, "a").random() != stream(8, "a").random()


@given(st.integers())
def test_a_uuid_is_version_4_and_lower_case(seed: int) -> None:
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(pattern, stream(seed, "uuid").uuid())


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll(Message):
    pass


CODEC = Codec({401: Roll})


class Gambler(Actor):
    """Draws from its dice; one with ``config`` also draws from other dice, very often."""

    inline = frozenset({Roll})

    def __init__(self, config: bool) -> None:
        super().__init__(config)
        self.rolls: list[float] = []

    def start(self) -> None:
        self.after(us(500), self.roll)

    def roll(self) -> None:
        self.rolls.append(self.rng("dice").random())
        if self.config:
            self.rng("other").random()
            self.kernel.rng("other").random()
            self.rng("dice", "red").random()
        self.send("b/peer", Roll())
        self.after(us(500), self.roll)

    def receive(self, request: Request) -> None:
        self.rolls.append(request.sender == "")


def _rolls(*, others: bool, jitter_loss: bool = False) -> tuple[list[float], list[tuple[int, str]]]:
    spec = LinkSpec(base_ns=us(50), jitter_ns=us(400), loss=0.2 if jitter_loss else 0.0)
    with SimWorld(seed=5, codec=CODEC, latency=lambda *_: spec, keep="all") as world:
        world.start(Gambler, others, name="a/one")
        world.start(Gambler, others, name="b/peer")
        if others:
            world.start(Gambler, True, name="c/newcomer")
        world.run_for(seconds(0.05))
        actor = world.kernel.cells["a/one"].actor
        assert isinstance(actor, Gambler)
        times = [(e.time_ns, e.kind) for e in world.trace.events() if e.subject == "a/one>b/peer"]
        return actor.rolls, times


def test_a_new_draw_moves_no_other_dice() -> None:
    # Goal: other streams drawn, a new actor and its new link change neither draws nor latencies.
    assert _rolls(others=False) == _rolls(others=True)


def test_each_incarnation_has_dice_of_its_own() -> None:
    with SimWorld(seed=5) as world:
        world.start(Gambler, False, name="a/one")
        drawn = []
        for _ in range(3):
            world.run_for(0)
            actor = world.kernel.cells["a/one"].actor
            assert actor is not None
            drawn.append(actor.rng("dice").random())
            world.crash("a/one")
            world.restart("a/one")
        path = ("actor", "a/one")
        assert drawn == [stream(5, *path, str(n), "dice").random() for n in (1, 2, 3)]


def test_the_streams_of_a_world_are_made_once() -> None:
    with SimWorld(seed=5) as world:
        assert world.rng("a", "b") is world.rng("a", "b")
        assert world.rng("a", "b").random() == stream(5, "a", "b").random()
