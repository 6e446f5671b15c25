"""A planted bug: a few lines of one named function of ours, replaced while a block runs.

The code object of the function is swapped in place, so everybody who holds the function gets the
bug, whatever name they know it by. What does not belong here: the bugs (one file per area).
"""

import importlib
import inspect
import textwrap
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


class NoLongerApplies(AssertionError):
    """The function or the lines that a bug replaces are gone; the bug must be planted anew."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One mutation of our own code, kept as a patch.

    Args:
      function: ``module:Class.method`` or ``module:function``.
      old: lines of it that occur exactly once; indentation as in the dedented function.
      new: what stands there instead.
      scenario: name of a catalogue scenario whose small form is run; "" draws worlds.
      focus: FAULT@PLACE that each drawn plan begins with.
      text: a whole scenario file instead.
      beyond: draw more faults at once than must be survivable.
      expects: the checkers of which one shall catch it: promises, ``assertion`` or ``hang``.
      says: what our own assertion says that may catch it; "" when none may.
    """

    name: str
    summary: str
    function: str
    old: str
    new: str
    expects: tuple[str, ...]
    scenario: str = ""
    focus: str = ""
    text: str = ""
    beyond: bool = False
    says: str = ""
    names: dict[str, Any] = field(default_factory=dict)  #: what the new lines need

    @property
    def world(self) -> str:
        """What kind of world shows it, in a few words."""
        if self.text or self.scenario:
            return self.scenario or "given"
        return f"aimed at {self.focus}" if self.focus else "drawn"

    @cached_property
    def target(self) -> types.FunctionType:
        """The function as it is now."""
        module, _, path = self.function.partition(":")
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            if isinstance(found, type):
                found = inspect.getattr_static(found, part, None)
            else:
                found = getattr(found, part, None)
            if found is None:
                raise NoLongerApplies(f"{self.name}: there is no {self.function}")
        if isinstance(found, property):
            found = found.fget
        found = getattr(found, "__func__", found)
        found = inspect.unwrap(found)
        assert isinstance(found, types.FunctionType), f"{self.function} is no function"
        return found

    def source(self) -> str:
        """Return the function's source with the bug in it.

        Raises:
          NoLongerApplies: the lines do not occur exactly once.
        """
        text = textwrap.dedent(inspect.getsource(self.target))
        count = text.count(self.old)
        if count != 1:
            raise NoLongerApplies(f"{self.name}: its lines occur {count} times in {self.function}")
        return text.replace(self.old, self.new)

    def code(self) -> types.CodeType:
        """Compile the buggy function; a method's own class stays known to it."""
        target = self.target
        source = _undecorated(self.source())
        free = target.__code__.co_freevars
        if free:
            # The names that the function closes over must be those of some outer scope again.
            inner = textwrap.indent(source, "    ")
            source = f"def _outer({', '.join(free)}):\n{inner}\n    return {target.__name__}\n"
        module = compile(source, f"<bug {self.name}>", "exec", dont_inherit=True)
        return _find(module, target.__name__)

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Put the bug into the running program for the length of the block."""
        target, code = self.target, self.code()
        before, names = target.__code__, target.__globals__
        missing = object()
        shadowed = {name: names.get(name, missing) for name in self.names}
        names.update(self.names)
        target.__code__ = code
        try:
            yield
        finally:
            target.__code__ = before
            for name, value in shadowed.items():
                if value is missing:
                    del names[name]
                else:
                    names[name] = value


def _undecorated(source: str) -> str:
    """Return a function's source from its ``def`` on."""
    lines = source.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(("def ", "async def ")))
    return "\n".join(lines[start:]) + "\n"


def _find(code: types.CodeType, name: str) -> types.CodeType:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_name == name:
                return constant
            try:
                return _find(constant, name)
            except LookupError:
                continue
    raise LookupError(name)
