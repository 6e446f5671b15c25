"""Tables of parts that other packages may add to: by entry points, or by hand in one process.

Our own parts come first, in their order; then what others offer, sorted by name, whatever the
order in which packages were installed. Only names are read at first: a part is imported when it
is first asked for, and our own names never look at other packages at all, so that what is
installed and not used changes nothing.
What does not belong here: what a part must be; each table's own ``accept`` says that.
Source: Python Packaging User Guide, "Entry points specification".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")

#: Returns what an entry of that name stands for: name -> a function that gives the part.
#: Raises ValueError, saying what was expected, if it stands for nothing of the kind.
Accept = Callable[[str, object], Mapping[str, Callable[[], T]]]


class PluginError(ValueError):
    """Another package's part that cannot be used; one line with package, entry and expectation."""


@dataclass(frozen=True, slots=True)
class _Offer(Generic[T]):
    """Who offers a part, and how it is had."""

    package: str  #: distribution and version
    origin: str  #: as an error names it
    get: Callable[[], T]


class Registry(Mapping[str, T]):
    """Our parts by name, and those that other packages offer.

    Args:
      group: of the entry points, such as ``nines.faults``.
      noun: what one part is called, such as ``fault``.
      builtin: our own parts; their names cannot be taken.
      accept: checks what an entry point leads to, and unpacks it.
      several: one entry may stand for parts of other names than its own, so that names are known
        only once all entries are imported.
    """

    def __init__(
        self,
        group: str,
        noun: str,
        builtin: Mapping[str, T],
        accept: Accept[T],
        *,
        several: bool = False,
    ) -> None:
        self.group, self.noun, self.builtin = group, noun, builtin
        self._accept, self._several = accept, several
        self._added: dict[str, _Offer[T]] = {}
        self._offers: dict[str, list[_Offer[T]]] | None = None
        self._broken: list[PluginError] = []  #: of entries that had to be imported for their names
        self._had: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """Return one part.

        Raises:
          KeyError: there is none of that name.
          PluginError: another package offers it, and it cannot be used.
        """
        if name in self.builtin:
            return self.builtin[name]
        if name not in self._had:
            offers = self._rivals(name)
            if not offers:
                raise KeyError(name)
            if len(offers) > 1:
                who = " and ".join(offer.package for offer in offers)
                raise PluginError(f"{self.noun} {name!r} comes from {who}; expected one of them")
            self._had[name] = offers[0].get()
        return self._had[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.builtin
        yield from sorted(name for name in self._all_offers() if name not in self.builtin)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        """Say whether there is such a part, usable or not."""
        return name in self.builtin or name in self._all_offers()

    def package(self, name: str) -> str:
        """Return which distribution a part comes from; "" if it is one of ours."""
        if name in self.builtin:
            return ""
        return " and ".join(offer.package for offer in self._rivals(name))

    def broken(self) -> tuple[PluginError, ...]:
        """Return what is wrong with entries whose parts' very names are unknown for it."""
        self._all_offers()
        return tuple(self._broken)

    def problems(self) -> list[str]:
        """Import everything that is offered; return one line for each part that cannot be used."""
        found: list[str] = []
        for name, offers in sorted(self._all_offers().items()):
            if name in self.builtin:
                found += [f"{offer.origin}: {self._taken(name)}" for offer in offers]
                continue
            try:
                self[name]
            except PluginError as error:
                found.append(str(error))
        return [*map(str, self._broken), *found]

    def add(self, name: str, part: T, package: str) -> None:
        """Add a part by hand, for this process.

        Args:
          package: whom lists name as its origin.
        Raises:
          PluginError: the name is taken, or the part is of the wrong kind.
        """
        origin = f"{self.noun} {name!r} of {package}"
        if name in self.builtin or name in self._added:
            raise PluginError(f"{origin}: {self._taken(name)}")
        try:
            _check_name(name)
            self._accept(name, part)
        except ValueError as error:
            raise PluginError(f"{origin}: {error}") from error
        self._added[name] = _Offer(package, origin, lambda: part)
        self._had.pop(name, None)

    def remove(self, name: str) -> None:
        """Take a part away that was added by hand."""
        del self._added[name]
        self._had.pop(name, None)

    def _taken(self, name: str) -> str:
        owner = "of Eleven Nines" if name in self.builtin else "registered already"
        return f"the name {name!r} is one {owner}; expected another name"

    def _rivals(self, name: str) -> list[_Offer[T]]:
        return self._all_offers().get(name, [])

    def _all_offers(self) -> dict[str, list[_Offer[T]]]:
        if self._offers is None:
            # Late import: most runs ask for nothing but our own parts.
            from importlib.metadata import entry_points  # noqa: PLC0415

            self._offers = {}
            # By name and package: the order in which packages lie on the disk says nothing.
            for entry in sorted(entry_points(group=self.group), key=_order):
                for name, offer in self._offered(entry):
                    self._offers.setdefault(name, []).append(offer)
        found = {name: list(offers) for name, offers in self._offers.items()}
        for name, offer in self._added.items():
            found.setdefault(name, []).append(offer)
        return found

    def _offered(self, entry: "EntryPoint") -> list[tuple[str, _Offer[T]]]:
        """Return what one entry point offers, by name; what cannot be imported is kept aside."""
        package, origin = _package(entry), self._origin(entry)
        if self._several:
            try:
                parts = self._load(entry)
            except PluginError as error:
                self._broken.append(error)
                return []
            return [
                (name, _Offer(package, origin, self._guarded(origin, get)))
                for name, get in parts.items()
            ]

        def get() -> T:
            return self._load(entry)[entry.name]()

        return [(entry.name, _Offer(package, origin, get))]

    def _guarded(self, origin: str, get: Callable[[], T]) -> Callable[[], T]:
        def guarded() -> T:
            try:
                return get()
            except ValueError as error:  # Such as a file that is no scenario.
                raise PluginError(f"{origin}: {error}") from error

        return guarded

    def _load(self, entry: "EntryPoint") -> Mapping[str, Callable[[], T]]:
        """Import what an entry point leads to.

        Raises:
          PluginError: it cannot be imported, or is of the wrong kind.
        """
        try:
            _check_name(entry.name)
            try:
                loaded = entry.load()
            except (Exception, SystemExit) as error:
                what = f"{type(error).__name__}: {error}"
                raise ValueError(f"cannot be imported ({' '.join(what.split())}); "
                                 f"expected a {self.noun}") from error
            return self._accept(entry.name, loaded)
        except ValueError as error:
            raise PluginError(f"{self._origin(entry)}: {error}") from error

    def _origin(self, entry: "EntryPoint") -> str:
        return f"package {_package(entry)}, entry {entry.name!r} of {self.group} = {entry.value}"


def _order(entry: "EntryPoint") -> tuple[str, str, str]:
    return entry.name, _package(entry), entry.value


def _package(entry: "EntryPoint") -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"expected a name of small letters, digits and hyphens, not {name!r}")


def subclass(
    part: object, base: type[T], name: str, attribute: str, *, public: str
) -> type[T]:
    """Return a part that is a class of its own kind and called as its entry is.

    Args:
      attribute: of the class, that says its name.
      public: where users find ``base``, such as ``sim.Fault``.
    Raises:
      ValueError: it is not; the text says what was expected.
    """
    if not isinstance(part, type) or not issubclass(part, base) or part is base:
        raise ValueError(f"expected a subclass of {public}, not {_shown(part)}")
    called = getattr(part, attribute, None)
    if called != name:
        raise ValueError(
            f"expected a class whose {attribute} is {name!r}, as its entry says, not {called!r}"
        )
    return part


def says(part: object, attribute: str) -> bool:
    """Tell whether a class has a text of that name."""
    return isinstance(getattr(part, attribute, None), str)


def _shown(part: object) -> str:
    if isinstance(part, type):
        return f"the class {part.__qualname__}"
    return f"an object of type {type(part).__name__}"
