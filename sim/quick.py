"""Frozen dataclasses with slots that are made, and made anew, in half the time.

The ``__init__`` of a frozen dataclass stores each field through ``object.__setattr__``, by name; a
slot's own setter knows its place. Messages get such an ``__init__`` by themselves (wire.py).
What does not belong here: what the fields mean.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def hastened(cls: type[T]) -> type[T]:
    """Give a dataclass an ``__init__`` of the same signature that sets its slots directly.

    Args:
      cls: a dataclass with ``frozen=True`` and ``slots=True``; one that has a ``__post_init__``, or
        a field that its ``__init__`` does not take, stays as it is.
    """
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every dataclass is one
    if hasattr(cls, "__post_init__") or not all(one.init for one in fields):
        return cls
    scope: dict[str, Any] = {"unset": dataclasses.MISSING}
    placed, named, lines = list[str](), list[str](), list[str]()
    for one in fields:
        name, value = one.name, one.name
        argument = name
        if one.default is not dataclasses.MISSING:
            scope[f"default_{name}"], argument = one.default, f"{name}=default_{name}"
        elif one.default_factory is not dataclasses.MISSING:
            scope[f"make_{name}"], argument = one.default_factory, f"{name}=unset"
            value = f"make_{name}() if {name} is unset else {name}"
        (named if one.kw_only else placed).append(argument)
        scope[f"set_{name}"] = getattr(cls, name).__set__
        lines.append(f"    set_{name}(self, {value})")
    arguments = ", ".join(["self", *placed, *(["*", *named] if named else [])])
    source = "\n".join([f"def __init__({arguments}):", *lines, "    return"])
    exec(source, scope)  # noqa: S102 - generated from our own class definitions
    made, given = scope["__init__"], cls.__dict__["__init__"]
    for name in ("__module__", "__qualname__", "__annotations__"):
        setattr(made, name, getattr(given, name))
    cls.__init__ = made  # type: ignore[method-assign]  # in the place of dataclass's own
    return cls


Copy = Callable[[Any, Any], None]


@cache
def _copier(cls: type[Any]) -> tuple[Copy, dict[str, Callable[[Any, Any], None]]]:
    """Return what copies all fields from one value into another, and the setter of each field."""
    assert not hasattr(cls, "__post_init__"), f"{cls.__name__} is not made by its fields alone"
    setters = {one.name: getattr(cls, one.name).__set__ for one in dataclasses.fields(cls)}
    scope: dict[str, Any] = {f"set_{name}": setter for name, setter in setters.items()}
    lines = [f"    set_{name}(made, value.{name})" for name in setters]
    source = "\n".join(["def copy(value, made):", *lines, "    return"])
    exec(source, scope)  # noqa: S102 - generated from our own class definitions
    return scope["copy"], setters


def changed(value: T, **fields: Any) -> T:
    """Return a value with some fields changed, as ``dataclasses.replace`` does.

    Args:
      value: of a dataclass with ``frozen=True`` and ``slots=True``, without a ``__post_init__``.

    Raises:
      KeyError: it has no such field.
    """
    cls: Any = value.__class__
    made: T = object.__new__(cls)
    copy, setters = _copier(cls)
    copy(value, made)
    for name, content in fields.items():
        setters[name](made, content)
    return made
