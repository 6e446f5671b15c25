"""Reads plain values, as a TOML file has them, into frozen dataclasses, and writes them back.

Every complaint is an OptionError that knows the path of the key it is about. A dataclass says
what may be set by its fields: ``think_ns: int`` is the key ``think`` with a duration such as
``"4s"``; a field of a type that no file can hold, such as a principal, is no option.
What does not belong here: which keys a scenario file has (files.py), and lines (positions.py).
"""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from typing import (
    Any,
    Final,
    Literal,
    NoReturn,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from sim.plan import PlanError, parse_duration, print_duration

T = TypeVar("T")
Path = tuple[str | int, ...]

#: Stands for "no default": the key must be given.
REQUIRED: Final[Any] = object()
_NS: Final = "_ns"


class OptionError(ValueError):
    """A value that cannot be used; ``path`` leads to its key, ``problem`` says what was expected.

    Numbers in a path count the tables of a list, from 0; they are not shown.
    """

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        self.key = ".".join(part for part in path if isinstance(part, str))
        super().__init__(f"key {self.key!r}: {problem}")


class Options:
    """One table of keys and values, read key by key; ``close`` refuses those nobody asked for."""

    def __init__(self, given: Mapping[str, Any], path: Path = ()) -> None:
        self.given, self.path = given, path
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.given

    def fail(self, key: str, problem: str) -> NoReturn:
        """Raise an OptionError about a key of this table."""
        raise OptionError((*self.path, key), problem)

    def _value(self, key: str, expected: str, default: Any) -> Any:
        self._asked.append(key)
        if key in self.given:
            return self.given[key]
        if default is REQUIRED:
            self.fail(key, f"missing; expected {expected}")
        return default

    def _wrong(self, key: str, value: Any, expected: str) -> NoReturn:
        self.fail(key, f"expected {expected}, not {show(value)}")

    def text(self, key: str, default: Any = REQUIRED, *, expected: str = "a text") -> Any:
        """Return a text of one line."""
        value = self._value(key, expected, default)
        if value is default:
            return value
        if not isinstance(value, str) or not value.isprintable():
            self._wrong(key, value, expected)
        return value

    def word(self, key: str, words: Sequence[str], default: Any = REQUIRED) -> Any:
        """Return one of a few words."""
        expected = f"one of {', '.join(words)}"
        value = self._value(key, expected, default)
        if value is not default and value not in words:
            self._wrong(key, value, expected)
        return value

    def texts(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a tuple of texts."""
        expected = "a list of texts"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(key, value, expected)
        return tuple(value)

    def flag(self, key: str, default: Any = REQUIRED) -> Any:
        """Return true or false."""
        value = self._value(key, "true or false", default)
        if value is not default and not isinstance(value, bool):
            self._wrong(key, value, "true or false")
        return value

    def integer(
        self, key: str, default: Any = REQUIRED, *, lowest: int = 0, highest: int = 2**63 - 1
    ) -> Any:
        """Return an integer of a range."""
        expected = f"an integer from {lowest} to {highest}"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            self._wrong(key, value, expected)
        return value

    def number(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a number of zero or more."""
        expected = "a number of 0 or more"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if not isinstance(value, int | float) or isinstance(value, bool):
            self._wrong(key, value, expected)
        if not 0 <= value < float("inf"):  # NaN is no number either
            self._wrong(key, value, expected)
        return float(value)

    def duration_ns(self, key: str, default: Any = REQUIRED) -> Any:
        """Return the nanoseconds of a duration such as ``"40m"``."""
        expected = "a duration such as '90s', '40m' or '3h'"
        value = self._value(key, expected, default)
        if value is default:
            return value
        try:
            return parse_duration(value) if isinstance(value, str) else self._wrong(
                key, value, expected
            )
        except PlanError:
            self._wrong(key, value, expected)

    def table(self, key: str) -> "Options":
        """Return a table of this table; an empty one when it is not there."""
        value = self._value(key, "a table", {})
        if not isinstance(value, dict):
            self._wrong(key, value, "a table")
        return Options(value, (*self.path, key))

    def tables(self, key: str) -> list["Options"]:
        """Return the tables of a list, such as ``[[fault]]`` writes one."""
        value = self._value(key, f"tables [[{key}]]", [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(key, value, f"tables [[{key}]]")
        return [Options(item, (*self.path, key, number)) for number, item in enumerate(value)]

    def rest(self) -> dict[str, Any]:
        """Return what was not asked for, and count it as asked for."""
        found = {key: value for key, value in self.given.items() if key not in self._asked}
        self._asked.extend(found)
        return found

    def close(self) -> None:
        """Refuse every key that nobody asked for."""
        known = ", ".join(dict.fromkeys(self._asked)) or "none"
        for key in self.given:
            if key not in self._asked:
                self.fail(key, f"unknown key; expected one of {known}")


def show(value: Any) -> str:
    """Return a value as an error message names it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"[{', '.join(show(item) for item in value)}]"
    return repr(value) if isinstance(value, str) else str(value)


def read(kind: type[T], options: Options) -> T:
    """Return a dataclass whose fields are the options of a table.

    Raises:
      OptionError: a key is unknown or missing, or a value is of the wrong type.
    """
    found = {}
    for field, hint in settable(kind):
        default: Any = REQUIRED
        if field.default is not dataclasses.MISSING:
            default = field.default
        elif field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        value = _read_one(options, field.name, hint, default)
        if value is not default:
            found[field.name] = value
    options.close()
    return kind(**found)


#: Name in a field's metadata that keeps it from files: only live worlds have it.
LIVE_ONLY: Final = "live_only"


def settable(kind: Any) -> list[tuple["dataclasses.Field[Any]", Any]]:
    """Return the fields of a dataclass that a file can hold, with their types."""
    hints = get_type_hints(kind)
    fields = [(field, _plain(hints[field.name])) for field in dataclasses.fields(kind)]
    return [
        (field, hint)
        for field, hint in fields
        if _holdable(hint) and not field.metadata.get(LIVE_ONLY)
    ]


def _plain(hint: Any) -> Any:
    """Return a type without its ``| None``."""
    if get_origin(hint) in {Union, types.UnionType}:
        others = [one for one in get_args(hint) if one is not type(None)]
        return others[0] if len(others) == 1 else hint
    return hint


def _holdable(hint: Any) -> bool:
    if get_origin(hint) in {dict, Mapping}:
        return _holdable(get_args(hint)[1])
    return hint in {int, float, bool, str, tuple[str, ...]} or get_origin(hint) is Literal


def key_of(name: str) -> str:
    """Return the key of a field: its name, without its unit when durations say their own."""
    return name.removesuffix(_NS)


def _read_one(options: Options, name: str, hint: Any, default: Any) -> Any:
    key = key_of(name)
    if get_origin(hint) in {dict, Mapping}:
        if key not in options:
            return options.table(key).given or default
        inner, of = options.table(key), get_args(hint)[1]
        return {each: _read_one(inner, each, of, REQUIRED) for each in inner.given}
    if hint is int and name != key:
        return options.duration_ns(key, default)
    if get_origin(hint) is Literal:
        return options.word(key, get_args(hint), default)
    readers = {
        int: options.integer,
        float: options.number,
        bool: options.flag,
        str: options.text,
        tuple[str, ...]: options.texts,
    }
    return readers[hint](key, default)


def spell(value: Any, *, changed_only: bool = False) -> dict[str, Any]:
    """Return a dataclass as the plain values that ``read`` makes it of.

    Args:
      changed_only: leave out what is as it is by default.
    """
    found: dict[str, Any] = {}
    for field, hint in settable(type(value)):
        here = getattr(value, field.name)
        if here is None or (changed_only and here == _default(field)):
            continue
        duration = hint is int and field.name.endswith(_NS)
        found[key_of(field.name)] = print_duration(here) if duration else _plainly(here)
    return found


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _plainly(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plainly(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
