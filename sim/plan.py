"""A fault plan as data: lines in an operator's words, with times fixed when the length is known.

Grammar: ``[at TIME] FAULT TARGET [for DURATION] [with NAME=VALUE ...]``. FAULT is a name of a
table of faults; TARGET a place, ``A<->B`` or ``A->B``; DURATION such as ``90s``, ``40m``, ``3h``,
``30d``, ``1y`` or a percentage of the run; TIME a duration from the start or a percentage of the
run; the options after ``with`` are the fault's own.
What does not belong here: what a fault does (faults/).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sim.faults import FAULTS, Fault
from sim.network import within
from sim.options import UNITS
from sim.options import parse_duration as _parse_duration
from sim.units import ms
from sim.world import World

_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_GRAMMAR: Final = "[at TIME] FAULT TARGET [for DURATION] [with NAME=VALUE ...]"

#: Name of a fault -> its class.
Table = Mapping[str, type[Fault]]


class PlanError(ValueError):
    """A fault line that cannot be understood; the text names it and what was expected."""


def parse_duration(text: str) -> int:
    """Return the nanoseconds of ``90s``, ``40m``, ``3h``, ``30d``, ``1y``, ``250ms`` or ``5us``.

    Raises:
      PlanError: it is none of these.
    """
    try:
        return _parse_duration(text)
    except ValueError as error:
        raise PlanError(str(error)) from error


def print_duration(duration_ns: int) -> str:
    """Return a duration in the largest unit that prints it exactly, as parse_duration reads it."""
    if duration_ns == 0:
        return "0s"
    for unit, size in sorted(UNITS.items(), key=lambda item: -item[1](1)):
        if duration_ns % size(1) == 0:
            return f"{duration_ns // size(1)}{unit}"
    return f"{_plain(duration_ns / ms(1))}ms"


def _plain(number: float) -> str:
    """Return a number in digits that read back as the same number: no exponent, no rounding."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


@dataclass(frozen=True, slots=True)
class When:
    """A duration, or a share of the run."""

    ns: int = 0
    percent: float | None = None

    @classmethod
    def parse(cls, text: str) -> "When":
        """Read a duration or a percentage.

        Raises:
          PlanError: it is neither, or above 100 %.
        """
        match = _PERCENT.fullmatch(text)
        if match is None:
            return cls(ns=parse_duration(text))
        if float(match[1]) > 100:
            raise PlanError(f"time {text!r}: expected at most 100% of the run")
        return cls(percent=float(match[1]))

    def of(self, span_ns: int) -> int:
        """Return the nanoseconds within a run of that length."""
        return self.ns if self.percent is None else int(span_ns * self.percent / 100)

    def __str__(self) -> str:
        return print_duration(self.ns) if self.percent is None else f"{_plain(self.percent)}%"


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One line of a plan."""

    fault: str
    target: str
    at: When = When()
    lasts: When | None = None  #: None: until the heal of all faults at the end
    options: tuple[tuple[str, str], ...] = ()  #: (name, value as written), in order

    @classmethod
    def parse(cls, text: str, faults: Table = FAULTS) -> "FaultLine":
        """Read one line of the grammar.

        Args:
          faults: those there are.

        Raises:
          PlanError: the text names the line, what is wrong, and what was expected.
        """
        words = text.split()
        at, lasts = When(), None
        options: tuple[tuple[str, str], ...] = ()
        if "with" in words[2:]:
            cut = words.index("with", 2)
            options, words = _options(text, words[cut + 1 :]), words[:cut]
        if words[:1] == ["at"] and len(words) > 1:
            at, words = When.parse(words[1]), words[2:]
        if len(words) > 2 and words[-2] == "for":
            lasts, words = When.parse(words[-1]), words[:-2]
        if len(words) != 2:
            raise PlanError(f"fault line {text!r}: expected {_GRAMMAR}")
        name, target = words
        if name not in faults:
            known = ", ".join(sorted(faults))
            raise PlanError(f"fault line {text!r}: no fault {name!r}; there are: {known}")
        try:
            faults[name].check(target)
            for option, value in options:
                faults[name].check_option(option, value)
        except ValueError as error:
            raise PlanError(f"fault line {text!r}: {error}") from error
        return cls(name, target, at, lasts, options)

    def __str__(self) -> str:
        lasts = "" if self.lasts is None else f" for {self.lasts}"
        chosen = "".join(f" {name}={value}" for name, value in self.options)
        options = f" with{chosen}" if chosen else ""
        return f"at {self.at} {self.fault} {self.target}{lasts}{options}"


def _options(text: str, words: list[str]) -> tuple[tuple[str, str], ...]:
    """Return the options that stand after ``with``."""
    pairs = [(name, value) for name, _, value in (word.partition("=") for word in words)]
    if not pairs or not all(name and value for name, value in pairs):
        raise PlanError(f"fault line {text!r}: expected NAME=VALUE after 'with'")
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise PlanError(f"fault line {text!r}: option {name!r} is given twice")
    return tuple((name, value) for name, value in pairs)


@dataclass(frozen=True, slots=True)
class Plan:
    """Fault lines in the order written."""

    lines: tuple[FaultLine, ...] = ()

    @classmethod
    def parse(cls, lines: Iterable[str], faults: Table = FAULTS) -> "Plan":
        """Read fault lines."""
        return cls(tuple(FaultLine.parse(line, faults) for line in lines))

    def schedule(
        self, world: World, start_ns: int, span_ns: int, faults: Table = FAULTS
    ) -> tuple["Scheduled", ...]:
        """Put every fault and its healing on the world's heap; all heal by the span's end.

        Raises:
          PlanError: a target names a place where nothing is.
        """
        made = [line.target for line in self.lines if faults[line.fault].makes_place]
        for line in self.lines:
            for place in re.split("<->|->|,", line.target):
                # A role is looked up only when the fault begins, like what other lines make.
                comes = "@" in place or any(within(target, place) for target in made)
                if not comes and not world.names(place):
                    zones = sorted({name.rpartition("/")[0] or name for name in world.names()})
                    there = ", ".join(zones)
                    raise PlanError(f"fault line '{line}': nothing is at {place!r}; known: {there}")
        return tuple(Scheduled(world, line, start_ns, span_ns, faults) for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self.lines)


class Scheduled:
    """One fault line bound to a world: when it begins and ends, and whether it has."""

    def __init__(
        self,
        world: World,
        line: FaultLine,
        start_ns: int,
        span_ns: int,
        faults: Table = FAULTS,
    ) -> None:
        self.line = line
        self.begin_ns = start_ns + min(line.at.of(span_ns), span_ns)
        lasts_ns = span_ns if line.lasts is None else line.lasts.of(span_ns)
        self.end_ns = min(self.begin_ns + lasts_ns, start_ns + span_ns)
        self.state = "planned"  #: planned, active or healed
        self._world = world
        self.fault: Fault = faults[line.fault](line.target, **dict(line.options))
        self.fault.ends_ns = self.end_ns
        world.at(self.begin_ns, self._inject)
        world.at(self.end_ns, self.heal)

    def _inject(self) -> None:
        self._world.note("fault", self.line.target, inject=self.line.fault)
        self.state = "active"
        self.fault.inject(self._world)

    def heal(self) -> None:
        """End the fault now, if it has begun and not ended."""
        if self.state == "active":
            self._world.note("fault", self.line.target, heal=self.line.fault)
            self.state = "healed"
            self.fault.heal(self._world)
