"""Adds parts of a user's own to the tables by hand: for a test suite that is no package.

What does not belong here: entry points (sim/registry.py), which need no call at all.
"""

from types import TracebackType
from typing import Any, Final, Self

from regions.faults import FAULTS, Fault
from scenarios.catalogue import SCENARIOS
from scenarios.invariants import INVARIANTS
from scenarios.invariants.promise import Promise
from scenarios.scenario import Scenario
from scenarios.workloads import WORKLOADS
from scenarios.workloads.sdk import SdkClient
from sim.registry import PluginError, Registry

#: What a part is -> its table, and the attribute that says its name.
_KINDS: Final[tuple[tuple[type[Any], Registry[Any], str], ...]] = (
    (Promise, INVARIANTS, "name"),
    (Fault, FAULTS, "name"),
    (SdkClient, WORKLOADS, "label"),
)


class Registration:
    """Parts that were added; as a context manager it takes them away again at the end."""

    def __init__(self) -> None:
        self._held: list[tuple[Registry[Any], str]] = []

    def add(self, part: Any) -> None:
        """Add one part.

        Raises:
          PluginError: it is none, or its name is taken.
        """
        table, name = _place_of(part)
        module = part.__module__ if isinstance(part, type) else "this process"
        table.add(name, part, module)
        self._held.append((table, name))

    def close(self) -> None:
        """Take the parts away again; harmless the second time."""
        while self._held:
            table, name = self._held.pop()
            table.remove(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def register(*parts: type[Promise] | type[Fault] | type[SdkClient] | Scenario) -> Registration:
    """Make parts known by their names in this process, as an entry point would everywhere.

    A ``conftest.py`` is the place for it: markers, plans and scenarios of the tests may then use
    the names. Processes that a command starts, such as those of ``nines swarm --jobs``, know
    nothing of it.

    Args:
      parts: subclasses of Promise, Fault and SdkClient, and Scenarios; a caller's name is its
        ``label``.
    Returns:
      What takes them away again when it is closed or leaves its ``with`` block.
    Raises:
      PluginError: one is of the wrong kind, or its name is taken; then none is added.
    """
    found = Registration()
    try:
        for part in parts:
            found.add(part)
    except PluginError:
        found.close()
        raise
    return found


def _place_of(part: Any) -> tuple[Registry[Any], str]:
    if isinstance(part, Scenario):
        return SCENARIOS, part.name
    for base, table, attribute in _KINDS:
        if isinstance(part, type) and issubclass(part, base):
            name = getattr(part, attribute, None)
            if isinstance(name, str):
                return table, name
            raise PluginError(f"{part.__qualname__}: expected a text {attribute!r} in the class")
    raise PluginError(
        f"{part!r}: expected a subclass of scenarios.Promise, sim.Fault or scenarios.SdkClient,"
        " or a scenarios.Scenario"
    )
