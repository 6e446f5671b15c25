"""Comparisons of filter patterns: one operator and one literal, asked of one value.

What does not belong here: where the value comes from (json_pattern.py, space_pattern.py).
Source: CloudWatch Logs User Guide, "Filter pattern syntax": strings with ``*``, numbers also in
scientific notation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from regions.logs.pattern_error import PatternError

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ORDERS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


def number(text: str) -> Decimal | None:
    """Return a text as a number, None if it is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def glob(pattern: str) -> Callable[[str], bool]:
    """Return a matcher for ``*``, any run of characters; it takes linear time for each star."""
    parts = pattern.split("*")
    if len(parts) == 1:
        return pattern.__eq__
    head, *middle, tail = parts

    def match(text: str) -> bool:
        if len(text) < len(head) + len(tail) or not text.startswith(head):
            return False
        place, end = len(head), len(text) - len(tail)
        for part in middle:
            found = text.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return text.endswith(tail)

    return match


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator with its literal, ready to be asked.

    A number equals numbers of the same value, and texts that are spelled alike.
    """

    operator: str
    literal: str
    bound: Decimal | None
    matches: Callable[[str], bool]

    def holds(self, text: str, value: Decimal | None) -> bool:
        """Tell whether it holds of a value: its text, and its number if it is one."""
        if self.operator in _ORDERS:
            assert self.bound is not None, "an order has a number"
            return value is not None and _ORDERS[self.operator](value, self.bound)
        if self.bound is not None and value is not None:
            equal = value == self.bound
        else:
            equal = self.matches(text)
        return equal if self.operator == "=" else not equal


def comparison(operator: str, literal: str, *, quoted: bool) -> Comparison:
    """Return a comparison.

    Raises:
      PatternError: an order is asked of a text.
    """
    bound = None if quoted else number(literal)
    if operator in _ORDERS and bound is None:
        raise PatternError(f"Invalid filter pattern: {operator} needs a number, not '{literal}'")
    return Comparison(operator, literal, bound, glob(literal))
