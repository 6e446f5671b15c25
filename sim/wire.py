"""Messages on the wire: frozen dataclass to msgpack frame and back.

Every message type has one numeric id in one table; a frame is one msgpack array
``[id, field, field, ...]``, fields in the order of the class, nested messages as nested arrays.
Encoders are generated per class, because a generic walk costs ten times as much.

A message may grow: a field at its end that has a default and ``metadata={"since": 2}`` is unknown
to software of wire version 1. A decoder fills the defaults of fields that an older writer left
out, and passes over fields that a newer writer put behind those it knows.
What does not belong here: what a message means, or how it travels (network.py).
Source: msgpack specification (github.com/msgpack/msgpack/blob/master/spec.md).
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgpack

from sim.quick import hastened


class Message:
    """The base of everything that travels: frozen, keyword-only dataclasses with slots.

    Field types: int (64 bits), float, str, bytes, bool, None, Message, a union of those,
    ``tuple[X, ...]`` of one of those, and ``dict[str, Any]`` of plain values for API bodies.
    Inside such a dict a JSON array arrives as a tuple.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # dataclass(slots=True) makes a class twice; the second one has slots, and fields by now.
        if {"__slots__", "__dataclass_fields__"} <= cls.__dict__.keys():
            hastened(cls)


class Refusal(Exception):
    """An error that travels: raised while serving, it is raised again where the call was asked.

    Subclasses keep everything in ``args`` (plain values), and rebuild from ``cls(*args)``.
    """


class Overloaded(Refusal):
    """The queue of the addressed actor is full; nothing was done."""


class Unreachable(Refusal):
    """Nobody of that name is there to answer; nothing was done."""


class Crashed(Refusal):
    """The addressed actor failed as it served this; whether anything was done is open."""


class FrameError(ValueError):
    """A frame that does not decode; the text names what was found."""


Encoder = Callable[[Any], tuple[Any, ...]]
Decoder = Callable[[tuple[Any, ...]], Any]

#: Name in a field's metadata of the wire version that brought it; fields without are of version 1.
SINCE: Final = "since"

#: How msgpack begins an array of up to 15 items, and one of more: its length follows.
_SHORT_ARRAYS: Final = tuple(bytes([0x90 + items]) for items in range(16))
_LONG_ARRAY: Final = b"\xdc"

#: Ids 900–999 are the kernel's own.
KERNEL_FRAMES: Final[dict[int, type[Any]]] = {900: Overloaded, 901: Unreachable, 902: Crashed}


def _is_message(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Message)


def _shape(annotation: object) -> str:
    """Say how a field is carried: ``plain``, ``one``, ``optional`` or ``many`` messages."""
    if _is_message(annotation):
        return "one"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        kinds = {_shape(a) for a in arguments if a is not types.NoneType}
        if kinds == {"one"}:
            return "optional" if types.NoneType in arguments else "one"
        assert kinds <= {"plain"}, f"a union may not mix messages and values: {annotation}"
    if origin is tuple and arguments and _shape(arguments[0]) == "one":
        return "many"
    nested = any(_shape(a) != "plain" for a in arguments if a is not ...)
    assert not nested, f"messages travel alone or in one tuple, not as {annotation}"
    return "plain"


_ENCODE: Final = {
    "plain": "m.{0}",
    "one": "enc[m.{0}.__class__](m.{0})",
    "optional": "(None if m.{0} is None else enc[m.{0}.__class__](m.{0}))",
    "many": "[enc[x.__class__](x) for x in m.{0}]",
}
_DECODE: Final = {
    "plain": "t[{0}]",
    "one": "dec[t[{0}][0]](t[{0}])",
    "optional": "(None if t[{0}] is None else dec[t[{0}][0]](t[{0}]))",
    "many": "tuple([dec[x[0]](x) for x in t[{0}]])",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Slot:
    """One field of a message class."""

    name: str
    shape: str
    since: int  #: wire version that brought it
    default: Any  #: of a field that came later; not read for one that was always there


def _slots(cls: type[Any]) -> list[_Slot]:
    """Return the fields of a message class in their order on the wire."""
    hints = typing.get_type_hints(cls)
    found: list[_Slot] = []
    for one in dataclasses.fields(cast(Any, cls)):
        since, shape = one.metadata.get(SINCE, 1), _shape(hints[one.name])
        found.append(_Slot(one.name, shape, since, one.default))
        if since > 1:
            plain = shape == "plain" and one.default is not dataclasses.MISSING
            empty = {"optional": None, "many": ()}.get(shape, one) == one.default
            what = f"{cls.__name__}.{one.name}, since version {since},"
            assert plain or empty, f"{what} needs a plain or empty default"
        assert since >= found[max(0, len(found) - 2)].since, f"{one.name} stands behind a newer one"
    return found


class Codec:
    """Turns messages of one id table into frames and back.

    Args:
      frames: id (1–65535) to message or Refusal class; the kernel's own ids are added.
      version: writes and reads what software of that wire version knew; None: everything.
    """

    def __init__(self, frames: Mapping[int, type[Any]], *, version: int | None = None) -> None:
        table = {**KERNEL_FRAMES, **frames}
        assert len(set(table.values())) == len(table), "a class stands twice in the frame table"
        self._limit = version
        self.version = 1  #: the newest wire version that any of these messages knows of
        self._older: dict[int, Codec] = {}
        self.types: Final[dict[int, type[Any]]] = dict(sorted(table.items()))
        self._names = {msgpack.packb(n): cls.__name__ for n, cls in self.types.items()}
        self.ids: Final[dict[type[Any], int]] = {cls: n for n, cls in self.types.items()}
        self._encode: dict[type[Any], Encoder] = {}
        self._decode: dict[int, Decoder] = {}
        self._pack = msgpack.Packer().pack
        for number, cls in self.types.items():
            if issubclass(cls, Refusal):
                self._add_refusal(number, cls)
            else:
                self._add_message(number, cls)

    def encode(self, message: Message | Refusal) -> bytes:
        """Return the frame of a message.

        Raises:
          KeyError: its class has no id in the table.
        """
        frame: bytes = self._pack(self._encode[message.__class__](message))
        return frame

    def decode(self, frame: bytes) -> Any:
        """Return the message of a frame.

        Raises:
          FrameError: the bytes are no frame of this table.
        """
        try:
            fields = msgpack.unpackb(frame, use_list=False, strict_map_key=False)
            # Bytes and maps have a first item too.
            number: Any = fields[0] if fields.__class__ is tuple else type(fields).__name__
            return self._decode[number](fields)
        except (ValueError, TypeError, LookupError, msgpack.UnpackException) as error:
            raise FrameError(f"frame of {len(frame)} bytes does not decode: {error!r}") from error

    def name(self, frame: bytes) -> str:
        """Return the class name of a frame's message, for people; ``?`` if unknown."""
        if frame.startswith(_SHORT_ARRAYS):
            number = frame[1:4]
        elif frame.startswith(_LONG_ARRAY):
            number = frame[3:6]
        else:
            return "?"
        # Packed numbers take one, two or three bytes, and none begins as another one does.
        names = self._names
        return names.get(number[:1]) or names.get(number[:2]) or names.get(number) or "?"

    def at(self, version: int) -> "Codec":
        """Return the codec of software of that wire version: later fields do not exist for it."""
        found = self._older.get(version)
        if found is None:
            found = self._older[version] = Codec(self.types, version=version)
        return found

    def _add_refusal(self, number: int, cls: type[Any]) -> None:
        self._encode[cls] = lambda e: (number, *e.args)
        self._decode[number] = lambda t: cls(*t[1:])

    def _add_message(self, number: int, cls: type[Any]) -> None:
        assert issubclass(cls, Message), f"{cls.__name__} is no Message"
        assert "__slots__" in cls.__dict__, f"{cls.__name__} needs slots=True"
        assert cast(Any, cls).__dataclass_params__.frozen, f"{cls.__name__} needs frozen=True"
        slots = _slots(cls)
        self.version = max(self.version, *(slot.since for slot in slots), 1)
        limit = self._limit
        known = [slot for slot in slots if limit is None or slot.since <= limit]
        defaults = [slot.default for slot in slots if slot.since > 1]
        gets = [_ENCODE[slot.shape].format(slot.name) for slot in known]
        # A slot's own setter stores past the frozen __setattr__, at a third of __init__'s cost.
        sets = [
            f"    set_{slot.name}(o, {_DECODE[slot.shape].format(i)})"
            for i, slot in enumerate(known, start=1)
        ]
        unknown = [f"    set_{one.name}(o, new_{one.name})" for one in slots[len(known) :]]
        size = len(known) + 1
        #: How long a frame of the first version is.
        least = 1 + sum(slot.since == 1 for slot in slots)

        def fit(fields: tuple[Any, ...]) -> tuple[Any, ...]:
            if len(fields) < least:
                raise ValueError("field count")
            return (fields + tuple(defaults[len(fields) - least :]))[:size]

        source = "\n".join(
            [
                f"def encode(m): return ({', '.join([str(number), *gets])},)",
                "def decode(t):",
                f"    if len(t) != {size}: t = fit(t)",
                "    o = new(cls)",
                *sets,
                *unknown,
                "    return o",
            ]
        )
        scope: dict[str, Any] = {
            "enc": self._encode,
            "dec": self._decode,
            "new": object.__new__,
            "cls": cls,
            "fit": fit,
            **{f"set_{slot.name}": getattr(cls, slot.name).__set__ for slot in slots},
            **{f"new_{slot.name}": slot.default for slot in slots[len(known) :]},
        }
        exec(source, scope)  # noqa: S102 - generated from our own class definitions
        self._encode[cls], self._decode[number] = scope["encode"], scope["decode"]
