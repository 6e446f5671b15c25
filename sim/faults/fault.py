"""The contract of a fault: one way to go wrong, with a place, a beginning and an end.

What does not belong here: when it happens (plan.py), and reading options (options.py).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.options import Option, parse_duration
from sim.world import World


class Fault:
    """One fault at one place; the first line of a subclass's docstring is its summary.

    A subclass has a ``name``, says in ``options`` what a plan may set, and overrides ``inject``
    and ``heal``; and ``check``, if its target is anything but one place. ``stops``,
    ``cuts_power`` and ``forgets`` say what it may cost, so that promises can tell a permitted
    loss from a bug. It acts on the world's actors, links, disks and clocks through methods of
    ``World``, draws from ``world.rng("fault", ...)`` only, and gives back all that it took.

    Args:
      target: a place of the failure-domain tree, or two places joined by ``<->`` or ``->``.
      options: values as a plan writes them, for names in ``options``; the rest are defaults.
    """

    name: ClassVar[str]
    #: What a plan may set after ``with``, by name.
    options: ClassVar[Mapping[str, Option]] = {}
    #: What it hits may be unable to take part while the fault lasts.
    stops: ClassVar[bool] = True
    #: What it hits loses its power now and then: what was not flushed yet may be gone.
    cuts_power: ClassVar[bool] = False
    #: What it is aimed at is not there before it.
    makes_place: ClassVar[bool] = False
    #: Bytes that were flushed may be gone for good from what it hits.
    forgets: ClassVar[bool] = False

    def __init__(self, target: str, **options: str) -> None:
        self.target = target
        #: World time at which it will be healed at the latest, if a plan has fixed one.
        self.ends_ns: int | None = None
        self.given: dict[str, str] = options
        for name, text in options.items():
            self.check_option(name, text)

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError, saying what was expected, if a target has the wrong form."""
        if not target or any(mark in target for mark in ("<->", "->", ",")):
            raise ValueError(f"fault {cls.name} wants one place as its target, not {target!r}")

    @classmethod
    def check_option(cls, name: str, text: str) -> None:
        """Raise ValueError, saying what was expected, if there is no such option or value."""
        if name not in cls.options:
            known = ", ".join(cls.options) or "none"
            raise ValueError(f"fault {cls.name} has no option {name!r}; there are: {known}")
        try:
            cls.options[name].parse(text)
        except ValueError as error:
            raise ValueError(f"option {name} of {cls.name}: {error}") from error

    def _text(self, name: str) -> str:
        return self.given.get(name, self.options[name].default)

    def share(self, name: str) -> float:
        """Return an option that is a share, 0.0–1.0."""
        return float(self.options[name].parse(self._text(name)))

    def duration_ns(self, name: str) -> int:
        """Return an option that is a duration, which may be negative, in ns."""
        return int(self.options[name].parse(self._text(name)))

    def number(self, name: str) -> float:
        """Return an option that is a number."""
        return float(self.options[name].parse(self._text(name)))

    def word(self, name: str) -> str:
        """Return an option that is one of a few words, or any word."""
        return str(self.options[name].parse(self._text(name)))

    def inject(self, world: World) -> None:
        """Begin to go wrong."""
        raise NotImplementedError

    def heal(self, world: World) -> None:
        """End it; everything that was taken is given back."""
        raise NotImplementedError


def names_in(world: World, place: str) -> tuple[str, ...]:
    """Return the actors in a place.

    Raises:
      ValueError: nobody lives there; the text lists the places there are.
    """
    names = world.names(place)
    if not names:
        zones = sorted({name.rpartition("/")[0] or name for name in world.names()})
        raise ValueError(f"nothing is at {place!r}; there are: {', '.join(zones)}")
    return names


__all__ = ["Fault", "Option", "names_in", "parse_duration"]
