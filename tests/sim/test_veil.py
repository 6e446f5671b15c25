"""Chance that no seed gives does not show in a trace; everything else does."""

from typing import Any

import pytest

from sim import Actor, SimWorld
from sim.trace import Trace
from sim.veil import Veil

ONE, OTHER = bytes(range(32)), bytes(range(100, 132))


def test_zeros_stand_for_every_veiled_value_wherever_it_stands() -> None:
    veil = Veil()
    veil.add(ONE)
    veil.add(OTHER)
    veil.add(ONE)
    body = b"a" + ONE + b"bc" + OTHER + ONE
    assert veil.covered(body) == b"a" + bytes(32) + b"bc" + bytes(64)
    assert veil.covered(b"x" * 50) == b"x" * 50


def test_a_short_value_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match=r"(?m)^a random value of 5 bytes$"):
        Veil().add(b"short")


def test_traces_that_differ_in_veiled_bytes_alone_have_one_hash() -> None:
    def told(value: bytes, rest: bytes = b"") -> Trace:
        trace = Trace("all")
        trace.add(1, "note", "a", b"before")
        trace.veil(value)
        trace.add(2, "deliver", "a>b", b"signature " + value + rest)
        return trace

    assert told(ONE).hash == told(OTHER).hash
    assert told(ONE).hash != told(ONE + OTHER).hash  # Its length counts.
    assert told(ONE).hash != told(ONE, b"!").hash
    assert [event.body for event in told(ONE).events()][1] == b"signature " + bytes(32)


def test_a_trace_that_nobody_compares_remembers_no_values() -> None:
    trace = Trace("all", hashes=False)
    trace.veil(ONE)
    trace.add(1, "note", "a", ONE)
    assert [event.body for event in trace.events()] == [ONE]


def test_an_actor_veils_into_the_trace_of_its_world() -> None:
    class Dice(Actor):
        def start(self) -> None:
            self.veil(self.config)
            self.note("drawn", what=self.config.decode())

    def run(value: bytes) -> Any:
        with SimWorld() as world:
            world.start(Dice, value, name="a/dice")
            return world.trace.hash

    assert run(b"x" * 16) == run(b"y" * 16) != run(b"z" * 17)
