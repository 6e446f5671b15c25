"""Values of the shapes of the service models, and values that a shape just does not take.

Simple values come first: a shrunk request has what is required, as short and as plain as it may
be. Text is ASCII; what a pattern allows beyond it is not drawn.
What does not belong here: which actions there are (strategies/api_calls.py), and what a value
means to a service: a key id drawn from its shape is nobody's.
Source: botocore's service models, as regions/api/models.py reads them; their patterns are Java's.
"""

import re
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from regions.api.models import Shape, model_of, resolved

Values = st.SearchStrategy[Any]
#: Member name -> values that mean something where a member of that name stands.
Meanings = Mapping[str, Values]

#: Longer texts, lists and maps are drawn only where a shape asks for them; chosen.
_TEXT_MAX: Final = 24
_ITEMS_MAX: Final = 3
_BLOB_MAX: Final = 32
#: 2026-01-01 and ten years after it, in seconds since 1970: as worlds count; chosen.
_FIRST_S: Final = 1_767_225_600
_LAST_S: Final = _FIRST_S + 10 * 365 * 86_400
_INTEGER_MAX: Final = 2**31 - 1
#: In the order in which Hypothesis simplifies a text.
_ASCII: Final = string.digits + string.ascii_letters + "-_/.:@ +=,#!$%&'*?|~"
#: What Java's patterns write and Python's do not know; ``re.ASCII`` takes care of the rest.
_CLASSES: Final = (
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
    (r"\p{L}\p{Z}\p{N}", r"A-Za-z0-9 "),
    (r"\w-_", r"\w\-_"),
    (r"\u10000-\u10FFFF", ""),
)


def shape_values(service: str, name: str, meanings: Meanings | None = None) -> Values:
    """Return values of one shape of a service's model.

    Args:
      service: as its endpoint is called, such as ``kms``.
      name: of the shape, such as ``EncryptionContextType``.
      meanings: what to draw for members of certain names, at any depth; not for structures.
    """
    return _Builder(model_of(service)["shapes"], meanings or {}).of({"shape": name}, ())


class _Builder:
    """Makes the strategy of a shape from those of its members."""

    def __init__(self, shapes: Mapping[str, Shape], meanings: Meanings) -> None:
        self._shapes, self._meanings = shapes, meanings

    def of(self, reference: Shape, around: tuple[str, ...]) -> Values:
        """Return the values that a member may have.

        Args:
          around: names of the shapes that it stands in, to end what contains itself.
        """
        shape = resolved(self._shapes, reference)
        name = reference["shape"]
        make: Callable[[Shape, tuple[str, ...]], Values] = {
            "structure": self._structure,
            "list": self._list,
            "map": self._map,
        }.get(shape["type"], _scalar)
        return make(shape, (*around, name))

    def _structure(self, shape: Shape, around: tuple[str, ...]) -> Values:
        required: dict[str, Values] = {}
        optional: dict[str, Values] = {}
        for member, reference in shape.get("members", {}).items():
            if shape.get("union"):  # Exactly one member; the first is as good as any.
                return st.fixed_dictionaries({member: self.of(reference, around)})
            if reference["shape"] in around:
                continue
            values = self._member(member, reference, around)
            (required if member in shape.get("required", ()) else optional)[member] = values
        order = tuple(shape.get("members", {}))
        return st.fixed_dictionaries(required, optional=optional).map(
            lambda found: {member: found[member] for member in order if member in found}
        )

    def _member(self, name: str, reference: Shape, around: tuple[str, ...]) -> Values:
        """Return what a member of that name means, unless it is a structure of its own."""
        structure = self._shapes[reference["shape"]]["type"] == "structure"
        if name in self._meanings and not structure:
            return self._meanings[name]
        return self.of(reference, around)

    def _list(self, shape: Shape, around: tuple[str, ...]) -> Values:
        low, high = _size(shape, _ITEMS_MAX)
        if shape["member"]["shape"] in around:
            return st.just([])
        return st.lists(self.of(shape["member"], around), min_size=low, max_size=high)

    def _map(self, shape: Shape, around: tuple[str, ...]) -> Values:
        low, high = _size(shape, _ITEMS_MAX)
        keys, values = self.of(shape["key"], around), self.of(shape["value"], around)
        return st.dictionaries(keys, values, min_size=low, max_size=high)


def _size(shape: Shape, usual: int) -> tuple[int, int]:
    """Return how long a value may be, and how long those get that are drawn."""
    low = max(shape.get("min", 0), 0)
    return low, min(shape.get("max", max(low, usual)), max(low, usual))


def _scalar(shape: Shape, _around: tuple[str, ...]) -> Values:
    kind = shape["type"]
    if kind == "string":
        return _text(shape)
    if kind == "blob":
        low, high = _size(shape, _BLOB_MAX)
        return st.binary(min_size=low, max_size=high)
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return st.integers(_FIRST_S, _LAST_S)
    low, high = shape.get("min", 0), shape.get("max", _INTEGER_MAX)
    if kind in ("float", "double"):
        return st.integers(low, high).map(float)
    return st.integers(low, high)


def _text(shape: Shape) -> Values:
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    low, high = _size(shape, _TEXT_MAX)
    if "pattern" not in shape:
        return st.text(_ASCII, min_size=low, max_size=high)
    pattern = python_pattern(shape["pattern"])
    alone = _letters(pattern, low)
    if alone:
        return st.text(alone, min_size=low, max_size=high).filter(pattern.fullmatch)
    return st.from_regex(pattern, fullmatch=True).filter(lambda text: low <= len(text) <= high)


@cache
def python_pattern(pattern: str) -> re.Pattern[str]:
    """Return a model's pattern, which is Java's, for Python; of it what is ASCII."""
    for theirs, ours in _CLASSES:
        pattern = pattern.replace(theirs, ours)
    return re.compile(pattern, re.ASCII)


@cache
def _letters(pattern: re.Pattern[str], low: int) -> str:
    """Return the characters of which texts of that length and more are made, each by itself."""
    sizes = (max(low, 1), max(low, 1) + 1)
    return "".join(c for c in _ASCII if any(pattern.fullmatch(c * size) for size in sizes))


# What a shape just does not take.


class Flaw(NamedTuple):
    """One way in which a request breaks what the model says."""

    path: tuple[str, ...]  #: names of members, from the outside in
    text: str  #: what is wrong, in a few words
    values: Values | None  #: what stands there instead; None: nothing does


def flaws(service: str, action: str) -> tuple[Flaw, ...]:
    """Return the ways in which a request for an action can be slightly wrong, simplest first.

    One member of the request is at fault: it is missing, too long or too short, too large or too
    small, or has a value that its pattern or its list of values does not have. Types are right.
    """
    model = model_of(service)
    entry = model["operations"][action].get("input")
    if entry is None:
        return ()
    found = _flaws_in(model["shapes"], resolved(model["shapes"], entry), (), (entry["shape"],))
    return tuple(sorted(found, key=lambda flaw: len(flaw.path)))


def _flaws_in(
    shapes: Mapping[str, Shape], shape: Shape, path: tuple[str, ...], around: tuple[str, ...]
) -> Iterator[Flaw]:
    for member, reference in shape.get("members", {}).items():
        where = (*path, member)
        if member in shape.get("required", ()):
            yield Flaw(where, "is missing", None)
        inner = resolved(shapes, reference)
        if inner["type"] == "structure":
            if reference["shape"] not in around and not inner.get("union"):
                yield from _flaws_in(shapes, inner, where, (*around, reference["shape"]))
        else:
            yield from (Flaw(where, text, values) for text, values in _wrong(inner))


def _wrong(shape: Shape) -> Iterator[tuple[str, Values]]:
    """Yield what is wrong with values that a shape does not take, and such values."""
    kind, low, high = shape["type"], shape.get("min"), shape.get("max")
    if kind in ("integer", "long"):
        if low is not None:
            yield f"is less than {low}", st.just(low - 1)
        if high is not None:
            yield f"is more than {high}", st.just(high + 1)
    elif kind == "blob":
        if low:
            yield f"has less than {low} bytes", st.just(bytes(low - 1))
        if high is not None:
            yield f"has more than {high} bytes", st.just(bytes(high + 1))
    elif kind == "string" and "enum" in shape:
        yield "is no value of its kind", st.just("NO_SUCH_VALUE")
    elif kind == "string":
        yield from _wrong_text(shape, low, high)


def _wrong_text(shape: Shape, low: int | None, high: int | None) -> Iterator[tuple[str, Values]]:
    pattern = python_pattern(shape["pattern"]) if "pattern" in shape else None
    letter = "0" if pattern is None else (_letters(pattern, high or 1) or "0")[0]
    if low:
        yield f"has less than {low} characters", st.just(letter * (low - 1))
    if high is not None:
        yield f"has more than {high} characters", st.just(letter * (high + 1))
    if pattern is not None:
        strange = [c for c in ("*", "^", "\x00") if not pattern.fullmatch(c * max(low or 1, 1))]
        if strange:
            yield f"has {strange[0]!r} in it", st.just(strange[0] * max(low or 1, 1))
