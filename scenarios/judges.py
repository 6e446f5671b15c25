"""Which promises a run is held to: names of the table, or classes and objects of a user's own.

What does not belong here: any particular promise (invariants/), and judging (run.py).
"""

from collections.abc import Iterable
from typing import Final

from scenarios.invariants import INVARIANTS
from scenarios.invariants.promise import Promise
from sim.registry import says

#: Stands for every promise that comes with the project.
ALL: Final = "all"

#: A promise as users name one: of the table, a class of their own, or a fresh object of one.
Wanted = str | type[Promise] | Promise


class PromiseError(ValueError):
    """A promise that does not exist, or cannot judge; one line with what was expected."""


def named(name: str) -> type[Promise]:
    """Return a promise of the table.

    Raises:
      PromiseError: there is none of that name; the text says which there are.
      PluginError: it is another package's, and cannot be used.
    """
    if name not in INVARIANTS:
        raise PromiseError(f"no promise {name!r}; there are: {', '.join(INVARIANTS)}")
    return INVARIANTS[name]


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """Return the promises of some words, each once; ``all`` is all that come with the project.

    Raises:
      PromiseError: one does not exist.
    """
    found: list[str] = []
    for name in names:
        if name == ALL:
            found += INVARIANTS.builtin
        else:
            named(name)
            found.append(name)
    return tuple(dict.fromkeys(found))


def with_more(promises: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Return a scenario's promises with some more; () stands for all that come with the project.

    Raises:
      PromiseError: one does not exist.
    """
    added = chosen(more)
    return chosen((*(promises or (ALL,)), *added)) if added else promises


def judges(promises: Iterable[Wanted]) -> list[Promise]:
    """Return fresh objects that judge one run.

    Raises:
      PromiseError: one does not exist, is of the wrong kind, has judged already, or two have one
        name.
      PluginError: one is another package's, and cannot be used.
    """
    found: dict[str, Promise] = {}
    for wanted in promises:
        promise = _fresh(wanted)
        if promise.name in found:
            raise PromiseError(f"promise {promise.name!r} is asked for twice; expected it once")
        found[promise.name] = promise
    return list(found.values())


def _fresh(wanted: Wanted) -> Promise:
    if isinstance(wanted, str):
        return named(wanted)()
    if isinstance(wanted, type) and issubclass(wanted, Promise):
        return _whole(wanted())
    if not isinstance(wanted, Promise):
        raise PromiseError(
            f"promise {wanted!r}: expected a name, a subclass of scenarios.Promise or an object of"
            " one"
        )
    if wanted.checked or wanted.broken or wanted.allowed:
        raise PromiseError(f"promise {wanted.name!r} has judged already; expected a fresh object")
    return _whole(wanted)


def _whole(promise: Promise) -> Promise:
    for said in ("name", "compared"):
        if not says(promise, said):
            kind = type(promise).__qualname__
            raise PromiseError(f"promise {kind}: expected a text {said!r} in its class")
    return promise
