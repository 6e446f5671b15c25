"""How the values of a result read: each one a text, as Trino casts values to texts.

What does not belong here: rows and pages.
Source: CloudTrail User Guide, "Example queries", for times (``2023-01-22 16:53:53.000``) and
counts; Trino documentation, "Conversion functions"; maps and rows as Athena shows them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"


def _map(value: Mapping[Any, Any]) -> str:
    return "{" + ", ".join(f"{name}={cell(item)}" for name, item in value.items()) + "}"


def _list(value: list[Any]) -> str:
    return "[" + ", ".join(map(cell, value)) + "]"


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    datetime: _time,
    dict: _map,
    list: _list,
    tuple: _list,
}


def cell(value: Any) -> str:
    """Return a value as a text; what is missing is ``null`` (chosen: no example shows it)."""
    return _WRITERS.get(type(value), str)(value)
