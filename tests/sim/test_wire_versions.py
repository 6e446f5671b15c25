"""Two versions of the software on one wire: later fields are filled in, or passed over."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from sim import Actor, Codec, Message, Request, SimWorld
from sim.wire import SINCE, FrameError


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Message):
    n: int
    m: int = field(default=5, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Message):
    one: Leaf
    text: str = field(default="new", metadata={SINCE: 2})
    leaf: Leaf | None = field(default=None, metadata={SINCE: 3})
    many: tuple[Leaf, ...] = field(default=(), metadata={SINCE: 3})


CODEC = Codec({1: Leaf, 2: Grown})
FULL = Grown(one=Leaf(n=1, m=2), text="x", leaf=Leaf(n=3, m=4), many=(Leaf(n=5, m=6),))


def test_a_codec_knows_the_newest_version_of_its_table() -> None:
    assert CODEC.version == 3
    assert Codec({}).version == 1


@pytest.mark.parametrize(
    ("version", "frame", "read"),
    [
        (1, "9202920101", Grown(one=Leaf(n=1))),
        (2, "930293010102a178", Grown(one=Leaf(n=1, m=2), text="x")),
        (3, "950293010102a17893010304919301" + "0506", FULL),
    ],
)
def test_older_software_writes_less_and_newer_software_fills_in_the_defaults(
    version: int, frame: str, read: Grown
) -> None:
    assert CODEC.at(version).encode(FULL).hex() == frame
    assert CODEC.decode(bytes.fromhex(frame)) == read


@pytest.mark.parametrize("version", [1, 2, 3])
def test_older_software_passes_over_what_newer_software_wrote(version: int) -> None:
    old = CODEC.at(version)
    assert old.decode(CODEC.encode(FULL)) == CODEC.decode(old.encode(FULL))


def test_a_field_that_nobody_here_knows_is_passed_over() -> None:
    assert CODEC.decode(bytes.fromhex("9401010203")) == Leaf(n=1, m=2)


def test_a_frame_that_lacks_a_field_of_the_first_version_does_not_decode() -> None:
    with pytest.raises(FrameError, match=r"does not decode: ValueError\('field count'\)$"):
        CODEC.decode(bytes.fromhex("9101"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDefault(Message):
    n: int = field(metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled(Message):
    n: Leaf | None = field(default=Leaf(n=1), metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Backwards(Message):
    new: int = field(default=0, metadata={SINCE: 2})
    old: int = 0


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (NoDefault, "^NoDefault.n, since version 2, needs a plain or empty default$"),
        (Filled, "^Filled.n, since version 2, needs a plain or empty default$"),
        (Backwards, "^old stands behind a newer one$"),
    ],
)
def test_a_message_that_could_not_grow_so_is_refused(cls: type[Any], text: str) -> None:
    with pytest.raises(AssertionError, match=f"(?m){text}"):
        Codec({1: cls})


class Echo(Actor):
    inline: ClassVar[frozenset[type[Any]]] = frozenset({Leaf})

    def receive(self, request: Request) -> None:
        request.reply(request.body)


def test_an_actor_of_an_older_version_neither_reads_nor_writes_the_new_field() -> None:
    with SimWorld(codec=CODEC) as world:
        echo = world.start(Echo, None, name="echo")
        assert world.ask(echo, Leaf(n=1, m=2)) == Leaf(n=1, m=2)
        frames: list[str] = []
        world.tap_frames(lambda _source, _target, frame: frames.append(frame.hex()))
        world.speak(echo, 1)
        assert world.ask(echo, Leaf(n=1, m=2)) == Leaf(n=1, m=5)
        world.speak(echo, None)
        assert world.ask(echo, Leaf(n=1, m=2)) == Leaf(n=1, m=2)
        assert frames == ["93010102", "920101", "93010102", "93010102"]


class Pass(Actor):
    """Hands everything on, at once or when told."""

    inline: ClassVar[frozenset[type[Any]]] = frozenset({Leaf})
    held: Request | None = None

    def receive(self, request: Request) -> None:
        if self.held is None and self.config:
            self.held = request
        else:
            request.forward("echo")
            if self.held is not None:
                self.held.forward("echo")


def test_what_older_software_hands_on_arrives_as_it_was_written() -> None:
    # Goal: a request that was read without its newer field, and is handed on after the upgrade,
    # still has the field where it arrives.
    with SimWorld(codec=CODEC) as world:
        world.start(Echo, None, name="echo")
        hand = world.start(Pass, True, name="pass")
        answers: list[Any] = []
        world.speak(hand, 1)
        world.call(hand, Leaf(n=1, m=2), answers.append)
        world.run_until_idle(world.now_ns + 10**9)
        world.speak(hand, None)
        assert world.ask(hand, Leaf(n=3, m=4)) == Leaf(n=3, m=4)
        world.run_for(10**9)
        assert answers == [Leaf(n=1, m=2)]


def test_a_frame_that_is_handed_on_is_read_once_and_arrives_whole() -> None:
    with SimWorld(codec=CODEC) as world:
        seen: list[Leaf] = []

        class Keep(Echo):
            def receive(self, request: Request) -> None:
                seen.append(request.body)
                super().receive(request)

        world.start(Keep, None, name="echo")
        hand = world.start(Pass, False, name="pass")
        leaf = Leaf(n=1, m=2)
        assert world.ask(hand, leaf) == leaf
        assert seen == [leaf]
        assert seen[0] is not leaf
        world.speak("echo", 1)
        assert world.ask(hand, leaf) == Leaf(n=1, m=5)
