"""Values that are made in half the time are the same values."""

import inspect
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from sim.quick import changed, hastened
from sim.wire import Message


def declared() -> type[Any]:
    @dataclass(frozen=True, slots=True)
    class Order:
        """Every kind of field."""

        one: int
        two: str = "two"
        many: list[int] = field(default_factory=list)
        named: bytes = field(default=b"n", kw_only=True)

    return Order


PLAIN, QUICK = declared(), hastened(declared())


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Message):
    n: int
    text: str = ""


@pytest.mark.parametrize(
    "make",
    [
        lambda cls: cls(1),
        lambda cls: cls(1, "x"),
        lambda cls: cls(1, "x", [3], named=b"y"),
        lambda cls: cls(one=1, many=[2]),
        lambda cls: cls(named=b"z", two="", one=0),
    ],
)
def test_a_hastened_class_makes_what_the_plain_one_makes(make: Callable[[type[Any]], Any]) -> None:
    plain, quick = make(PLAIN), make(QUICK)
    names = list(PLAIN.__dataclass_fields__)
    assert [getattr(quick, name) for name in names] == [getattr(plain, name) for name in names]
    assert repr(quick) == repr(plain)
    assert quick == replace(quick)


@pytest.mark.parametrize(
    "make",
    [
        lambda cls: cls(),
        lambda cls: cls(1, "x", [], b"not placed"),
        lambda cls: cls(1, three=3),
    ],
)
def test_a_hastened_class_refuses_what_the_plain_one_refuses(
    make: Callable[[type[Any]], Any],
) -> None:
    texts = []
    for cls in (PLAIN, QUICK):
        with pytest.raises(TypeError) as refused:
            make(cls)
        texts.append(str(refused.value))
    assert texts[0] == texts[1]


def test_a_hastened_class_is_still_frozen_and_makes_its_defaults_anew() -> None:
    one, other = QUICK(1), QUICK(1)
    one.many.append(5)
    assert other.many == []
    with pytest.raises(FrozenInstanceError):
        one.two = "three"
    plain, quick = (inspect.signature(cls) for cls in (PLAIN, QUICK))
    assert list(quick.parameters) == list(plain.parameters)


def test_every_message_is_hastened() -> None:
    assert Leaf.__init__.__code__.co_names == ("set_n", "set_text")
    assert Leaf(n=1) == Leaf(n=1, text="")


def test_a_class_that_looks_at_its_fields_as_it_is_made_stays_as_it_is() -> None:
    @hastened
    @dataclass(frozen=True, slots=True)
    class Checked:
        n: int

        def __post_init__(self) -> None:
            assert self.n > 0, "too small"

    with pytest.raises(AssertionError, match=r"^too small"):
        Checked(0)


def test_a_changed_value_is_what_replace_gives_and_the_old_one_stays() -> None:
    leaf = Leaf(n=1, text="a")
    assert changed(leaf, text="b") == replace(leaf, text="b") == Leaf(n=1, text="b")
    assert changed(leaf) == leaf == Leaf(n=1, text="a")
    assert changed(leaf) is not leaf
    with pytest.raises(KeyError, match=r"^'size'$"):
        changed(leaf, size=1)
