"""Reads a table of a model file: durations in years, rates, shares and laws.

What does not belong here: which keys a model has (files.py).
"""

import math
from typing import Any

from scenarios.durability.laws import LAWS, Exponential, Law
from scenarios.durability.model import HOURS_PER_YEAR
from scenarios.options import REQUIRED, Options, show
from sim.plan import PlanError, parse_duration, print_duration
from sim.units import hours

_LAW: str = "a duration, or a table with a law such as { law = 'erlang', mean = '6h', stages = 4 }"


def years_of(text: str) -> float:
    """Return the years of a duration in the grammar of fault plans; here ``1y`` is 365.25 days.

    Raises:
      PlanError: it is none.
    """
    if text.endswith("y"):
        parse_duration(text)
        return float(text[:-1])
    return parse_duration(text) / hours(1) / HOURS_PER_YEAR


def spell_years(years: float) -> str:
    """Return a duration as years_of reads it, to the nanosecond."""
    if years >= 1 and years == int(years):
        return f"{int(years)}y"
    return print_duration(round(years * HOURS_PER_YEAR * hours(1)))


class Reader(Options):
    """One table; every complaint is an OptionError that names the key and what was expected."""

    def years(self, key: str, default: Any = REQUIRED) -> Any:
        """Return the years of a duration above 0; or the default."""
        value = self._value(key, "a duration such as '6h' or '14d'", default)
        return value if value is default else self._years(key, value)

    def _years(self, key: str, value: Any) -> float:
        expected = "a duration above 0 such as '10m', '6h', '14d' or '2y'"
        if not isinstance(value, str):
            self._wrong(key, value, expected)
        try:
            found = years_of(value)
        except PlanError:
            self._wrong(key, value, expected)
        if found <= 0:
            self._wrong(key, value, expected)
        return found

    def years_list(self, key: str) -> tuple[float, ...]:
        """Return the years of a list of durations, at least one."""
        expected = "a list of durations such as ['6h', '2d']"
        value = self._value(key, expected, REQUIRED)
        if not isinstance(value, list) or not value:
            self._wrong(key, value, expected)
        return tuple(self._years(key, item) for item in value)

    def shares(self, key: str, count: int) -> tuple[float, ...]:
        """Return that many probabilities."""
        expected = f"a list of {count} numbers from 0 to 1"
        value = self._value(key, expected, REQUIRED)
        if not isinstance(value, list) or len(value) != count:
            self._wrong(key, value, expected)
        for item in value:
            if isinstance(item, bool) or not isinstance(item, int | float) or not 0 <= item <= 1:
                self._wrong(key, value, expected)
        return tuple(float(item) for item in value)

    def weights(self, key: str, count: int) -> tuple[float, ...]:
        """Return that many probabilities whose sum is 1."""
        found = self.shares(key, count)
        if abs(math.fsum(found) - 1) > 1e-9:
            self.fail(key, f"expected numbers whose sum is 1, not {math.fsum(found):g}")
        return found

    def share(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a probability."""
        expected = "a number from 0 to 1"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self._wrong(key, value, expected)
        return float(value)

    def rate(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a number of events per year, 0 or more."""
        expected = "a number per year, 0 or more"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, value, expected)
        if not 0 <= value < math.inf:
            self._wrong(key, value, expected)
        return float(value)

    def positive(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a number above 0."""
        expected = "a number above 0"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, value, expected)
        if not 0 < value < math.inf:
            self._wrong(key, value, expected)
        return float(value)

    def law(self, key: str, default: Any = REQUIRED, *, never: bool = False) -> Any:
        """Return a law: of a duration (the mean of an exponential), a rate, or a table.

        Args:
          never: the word ``never`` is allowed too, and gives None.
        """
        expected = f"{_LAW}{', or never' if never else ''}"
        value = self._value(key, expected, default)
        if value is default:
            return value
        if never and value == "never":
            return None
        if isinstance(value, str):
            return Exponential(self._years(key, value))
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return Exponential.of_rate(float(value))
        if not isinstance(value, dict):
            self._wrong(key, value, expected)
        table = Reader(value, (*self.path, key))
        name = table.word("law", tuple(LAWS))
        found: Law = LAWS[name].read(table)
        table.close()
        return found


def spell_law(law: Law | None) -> str:
    """Return a law in a few words."""
    if law is None:
        return "never"
    mean = spell_years(law.mean)
    return mean if isinstance(law, Exponential) else f"{mean} ({law.name})"


__all__ = ["Reader", "show", "spell_law", "spell_years", "years_of"]
