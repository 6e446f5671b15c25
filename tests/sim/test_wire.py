"""The wire codec: every message comes back equal, garbage never does."""

import dataclasses
import keyword
from dataclasses import dataclass, field
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Codec, FrameError, Message, Overloaded, Refusal, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Message):
    number: int
    share: float
    text: str
    data: bytes = field(repr=False)
    yes: bool
    maybe: str | None
    many: tuple[int, ...]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Message):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Message):
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Message):
    one: Leaf
    either: Leaf | Empty
    perhaps: Leaf | None
    all: tuple[Leaf | Empty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child(Leaf):
    m: int


class Denied(Refusal):
    """A refusal of a test."""


CODEC = Codec({1: Plain, 2: Empty, 3: Leaf, 4: Tree, 5: Child, 80: Denied})

INTEGERS = st.integers(min_value=-(2**63), max_value=2**64 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text() | st.binary() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)
PLAINS = st.builds(
    Plain,
    number=INTEGERS,
    share=st.floats(allow_nan=False),
    text=st.text(),
    data=st.binary(),
    yes=st.booleans(),
    maybe=st.none() | st.text(),
    many=st.lists(INTEGERS).map(tuple),
    body=st.dictionaries(st.text(), VALUES),
)
LEAVES = st.builds(Leaf, n=INTEGERS)
EITHER = LEAVES | st.just(Empty())
TREES = st.builds(
    Tree, one=LEAVES, either=EITHER, perhaps=st.none() | LEAVES, all=st.lists(EITHER).map(tuple)
)


@given(PLAINS | TREES | st.just(Empty()) | st.builds(Child, n=INTEGERS, m=INTEGERS))
def test_every_message_comes_back_equal_and_of_its_own_class(message: Message) -> None:
    back = CODEC.decode(CODEC.encode(message))
    assert back == message
    assert type(back) is type(message)


SHAPES: dict[Any, st.SearchStrategy[Any]] = {
    int: INTEGERS,
    float: st.floats(allow_nan=False),
    str: st.text(),
    bytes: st.binary(),
    bool: st.booleans(),
    int | None: st.none() | INTEGERS,
    str | int: st.text() | INTEGERS,
    tuple[str, ...]: st.lists(st.text()).map(tuple),
    tuple[tuple[str, bytes], ...]: st.lists(st.tuples(st.text(), st.binary())).map(tuple),
    dict[str, Any]: st.dictionaries(st.text(), VALUES),
    Leaf: LEAVES,
    Leaf | None: st.none() | LEAVES,
    Leaf | Empty: EITHER,
    tuple[Leaf, ...]: st.lists(LEAVES).map(tuple),
}
NAMES = st.text("abcdefgmtoxencdw_", min_size=1, max_size=6).filter(
    lambda name: not keyword.iskeyword(name) and not name.startswith("__")
)


@given(st.data())
def test_any_class_of_any_fields_makes_the_round_trip(data: st.DataObject) -> None:
    # Goal: the generated code is right for every shape and order of fields, whatever their names.
    kinds = st.sampled_from(sorted(SHAPES, key=str))
    fields = data.draw(st.dictionaries(NAMES, kinds, max_size=6))
    made = dataclasses.make_dataclass(
        "Made", list(fields.items()), bases=(Message,), frozen=True, slots=True, kw_only=True
    )
    made.__module__ = __name__
    message = made(**{name: data.draw(SHAPES[kind]) for name, kind in fields.items()})
    codec = Codec({1: made, 2: Empty, 3: Leaf})
    assert codec.decode(codec.encode(message)) == message


GOLDEN = {
    "9102": Empty(),
    "92032a": Leaf(n=42),
    "9305292a": Child(n=41, m=42),
    "95049203019102920303929203019102": Tree(
        one=Leaf(n=1), either=Empty(), perhaps=Leaf(n=3), all=(Leaf(n=1), Empty())
    ),
    "9901ffcb3ff8000000000000a568c3a96c6cc40200ffc3c0920180"[:-2] + "0281a16b92c0a176": Plain(
        number=-1,
        share=1.5,
        text="héll",
        data=b"\0\xff",
        yes=True,
        maybe=None,
        many=(1, 2),
        body={"k": (None, "v")},
    ),
    "93cd0384a46c61746505": Overloaded("late", 5),
    "92cd0385a161": Unreachable("a"),
    "9150": Denied(),
}


@pytest.mark.parametrize(("frame", "message"), GOLDEN.items())
def test_frames_are_as_they_always_were(frame: str, message: Message | Refusal) -> None:
    # Golden: the format is positional msgpack arrays behind a numeric id.
    assert CODEC.encode(message).hex() == frame
    back = CODEC.decode(bytes.fromhex(frame))
    if isinstance(message, Refusal):
        assert (type(back), back.args) == (type(message), message.args)
    else:
        assert back == message


@given(st.lists(INTEGERS | st.text() | st.binary()).map(tuple))
def test_refusals_travel_with_their_arguments(args: tuple[Any, ...]) -> None:
    back = CODEC.decode(CODEC.encode(Denied(*args)))
    assert (type(back), back.args) == (Denied, args)


@given(st.binary(max_size=64) | VALUES.map(msgpack.packb) | st.lists(VALUES).map(msgpack.packb))
def test_garbage_decodes_to_a_message_or_raises_frame_error_and_nothing_else(frame: bytes) -> None:
    try:
        message = CODEC.decode(frame)
    except FrameError as error:
        assert str(error).startswith(f"frame of {len(frame)} bytes does not decode: ")  # noqa: PT017
    else:
        assert type(message) in CODEC.ids


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (b"", "frame of 0 bytes does not decode: ValueError('Unpack failed: incomplete input')"),
        (b"\x91\x63", "frame of 2 bytes does not decode: KeyError(99)"),
        (b"\x91\x03", "frame of 2 bytes does not decode: ValueError('field count')"),
        (b"\xc4\x02\x03\x01", "frame of 4 bytes does not decode: KeyError('bytes')"),
        (b"\x81\x00\x03", "frame of 3 bytes does not decode: KeyError('dict')"),
        (b"\x90", "frame of 1 bytes does not decode: IndexError('tuple index out of range')"),
    ],
)
def test_a_frame_error_names_what_was_found(frame: bytes, text: str) -> None:
    with pytest.raises(FrameError) as caught:
        CODEC.decode(frame)
    assert str(caught.value) == text


@given(TREES)
def test_a_cut_frame_never_decodes(message: Tree) -> None:
    frame = CODEC.encode(message)
    for length in range(len(frame)):
        with pytest.raises(FrameError):
            CODEC.decode(frame[:length])


def test_a_frame_names_its_message_for_people() -> None:
    assert CODEC.name(CODEC.encode(Leaf(n=1))) == "Leaf"
    assert [CODEC.name(frame) for frame in (b"", b"\x91\x63", b"\xc1")] == ["?", "?", "?"]


def test_an_unknown_class_is_no_message() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Stranger(Message):
        pass

    with pytest.raises(KeyError):
        CODEC.encode(Stranger())


@dataclass(frozen=True, kw_only=True)
class NoSlots(Message):
    n: int


@dataclass(slots=True, kw_only=True)
class NotFrozen(Message):
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed(Message):
    n: Leaf | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped(Message):
    n: dict[str, Leaf]


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ({1: NoSlots}, r"^NoSlots needs slots=True$"),
        ({1: NotFrozen}, r"^NotFrozen needs frozen=True$"),
        ({1: Leaf, 2: Leaf}, r"^a class stands twice in the frame table$"),
        ({1: Mixed}, r"^a union may not mix messages and values: "),
        ({1: Mapped}, r"^messages travel alone or in one tuple, not as dict\["),
    ],
)
def test_a_table_that_could_not_travel_is_refused_when_it_is_made(
    frames: dict[int, type[Any]], text: str
) -> None:
    with pytest.raises(AssertionError, match=f"(?m){text}"):
        Codec(frames)
