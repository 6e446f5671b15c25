"""TOML documents: read with errors that name file, line and key, and written from plain values.

What does not belong here: which keys there are (files.py, plans.py), and types (options.py).
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from scenarios.options import OptionError, Options
from scenarios.positions import Positions

T = TypeVar("T")

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
#: Where tomllib says that a mistake is.
_PLACE: Final = re.compile(r" \(at line (\d+), column \d+\)$")
#: A line that gives a key a value.
_ASSIGNED: Final = re.compile(r"\s*([A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=")


class FileError(ValueError):
    """A file that is not what was expected; one line with file, line and key."""


def text_of(path: Path, expected: str) -> str:
    """Return the text of a file.

    Raises:
      FileError: it cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileError(
            f"file {str(path)!r} is no UTF-8 text (byte {error.start}); expected {expected}"
        ) from None
    except OSError as error:
        raise FileError(
            f"file {str(path)!r} cannot be read ({error.strerror}); expected {expected}"
        ) from error


def build(text: str, source: str, make: Callable[[Options], T]) -> T:
    """Return what a function makes of a document's table.

    Args:
      source: names the file in errors.
    Raises:
      FileError: it is no TOML, or ``make`` raised an OptionError.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"file {source!r}{_no_toml(text, str(error))}") from error
    try:
        return make(Options(table))
    except OptionError as error:
        line = Positions(text).line(error.path)
        # What is missing from the top of a file stands nowhere.
        where = "" if line is None else f", line {line}"
        raise FileError(f"file {source!r}{where}, {error}") from error


def _no_toml(text: str, words: str) -> str:
    """Return the place of a mistake, with the key that begins its line if one does, and the words.

    Args:
      words: of tomllib; they end in ``(at line 3, column 7)`` or ``(at end of document)``.
    """
    found = _PLACE.search(words)
    lines = text.splitlines() or [""]
    number = len(lines) if found is None else int(found[1])
    where = f", line {number}"
    if found is not None:
        words = words[: found.start()]
    key = _ASSIGNED.match(lines[number - 1]) if number <= len(lines) else None
    if key is not None:
        where += f", key {key[1]!r}"
    return f"{where}: no TOML: {words[:1].lower()}{words[1:]}"


def pairs(values: Mapping[str, Any]) -> list[str]:
    """Return the lines of keys with values: texts, numbers, flags, and lists or tables of them."""
    return [f"{_key(key)} = {_value(value)}" for key, value in values.items()]


def table(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return the lines of a table and of the tables in it; empty inner ones are left out."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    lines = ["", f"[{name}]", *pairs(plain)]
    for key, value in values.items():
        if isinstance(value, dict) and value:
            lines += table(f"{name}.{_key(key)}", value)
    return lines


def element(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return the lines of one table of an array of tables."""
    return ["", f"[[{name}]]", *pairs(values)]


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _value(text)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(pairs(value))
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON string is a TOML basic string, once DEL is escaped and no surrogate pairs are written.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
