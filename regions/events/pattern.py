"""Event patterns: a JSON text is compiled once, then asked of each event.

==========================  =====================================================================
in a pattern                matches
==========================  =====================================================================
``{"a": ["x", 1, null]}``   one of these values; numbers by value, ``1`` and ``1.0`` alike
``{"a": {"b": [...]}}``     within an object; of an array of objects, one that has it all
``{"prefix": "x"}``         texts that begin so; also ``suffix``, ``wildcard`` with ``*``
``{"equals-ignore-case"}``  texts alike but for case; also within ``prefix`` and ``suffix``
``{"anything-but": ...}``   any value but these; also texts that do not begin or end so
``{"numeric": [">", 0]}``   numbers within bounds
``{"cidr": "10.0.0.0/8"}``  addresses of a network
``{"exists": false}``       a leaf that is there, or is not
``{"$or": [{...}, {...}]}`` one of several patterns
==========================  =====================================================================

All fields of a pattern must match; of an array in the event, one element is enough.
What does not belong here: who has which pattern (state.py), and JSON of events (routing.py).
Source: EventBridge User Guide, "Event patterns" and "Comparison operators"; AWS's public rule
engine for the refusals and for how arrays, $or and exists are read.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

#: Source: User Guide, "Numeric matching": five billion, either way.
NUMBER_MAX: Final = 5_000_000_000
#: Objects within objects; chosen, far beyond what an event pattern's 4,096 characters are used for.
_DEPTH_MAX: Final = 100

#: Tells whether one leaf value of an event matches.
Leaf = Callable[[Any], bool]
#: Tells whether an object of an event matches.
Test = Callable[[dict[str, Any]], bool]

_OR: Final = "$or"


class PatternError(ValueError):
    """An event pattern that is none; the text is the service's reason."""


# ---- values ----


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _same(expected: Any) -> Leaf:
    if isinstance(expected, bool) or expected is None:
        return lambda value: value is expected
    if _is_number(expected):
        return lambda value: _is_number(value) and value == expected
    return lambda value: isinstance(value, str) and value == expected


def _text(value: Any, kind: str) -> str:
    if not isinstance(value, str):
        raise PatternError(f"{kind} match pattern must be a string")
    return value


def _of_text(test: Callable[[str], bool]) -> Leaf:
    return lambda value: isinstance(value, str) and test(value)


def _ignoring_case(value: Any) -> Leaf:
    folded = _text(value, "equals-ignore-case").casefold()
    return _of_text(lambda text: text.casefold() == folded)


def _affix(value: Any, kind: str, has: Callable[[str, str], bool]) -> Leaf:
    """Return the test of a prefix or a suffix."""
    if isinstance(value, dict):
        if list(value) != ["equals-ignore-case"]:
            raise PatternError(f"Unsupported {kind} pattern: {', '.join(value)}")
        folded = _text(value["equals-ignore-case"], kind).casefold()
        return _of_text(lambda text: has(text.casefold(), folded))
    affix = _text(value, kind)
    return _of_text(lambda text: has(text, affix))


def _prefix(value: Any) -> Leaf:
    return _affix(value, "prefix", str.startswith)


def _suffix(value: Any) -> Leaf:
    return _affix(value, "suffix", str.endswith)


_WILD: Final = re.compile(r"\\[*\\]|[^\\]", re.DOTALL)


def _wildcard(value: Any) -> Leaf:
    pattern = _text(value, "wildcard")
    parts, place = [""], 0
    while place < len(pattern):
        match = _WILD.match(pattern, place)
        if match is None:
            raise PatternError(f"Invalid escape character at pos {place}")
        if match[0] == "*":
            if parts[-1] == "" and len(parts) > 1:
                raise PatternError(f"Consecutive wildcard characters at pos {place - 1}")
            parts.append("")
        else:
            parts[-1] += match[0][-1]
        place = match.end()
    return _of_text(lambda text: _covers(parts, text))


def _covers(parts: list[str], text: str) -> bool:
    """Tell whether a text has these parts in order, the first at its begin, the last at its end."""
    if len(parts) == 1:
        return text == parts[0]
    head, *middle, tail = parts
    if len(text) < len(head) + len(tail) or not text.startswith(head) or not text.endswith(tail):
        return False
    place, end = len(head), len(text) - len(tail)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda value, bound: bool(value == bound),
    "<": lambda value, bound: bool(value < bound),
    "<=": lambda value, bound: bool(value <= bound),
    ">": lambda value, bound: bool(value > bound),
    ">=": lambda value, bound: bool(value >= bound),
}


def _numeric(value: Any) -> Leaf:
    if not isinstance(value, list) or len(value) not in (2, 4):
        raise PatternError("Value of numeric must be an array of one or two comparisons.")
    signs, bounds = value[::2], value[1::2]
    for sign, bound in zip(signs, bounds, strict=True):
        if not isinstance(sign, str) or sign not in _ORDERS:
            raise PatternError(f"Unrecognized numeric range operator: {sign}")
        if not _is_number(bound):
            raise PatternError(f"Value of {sign} must be numeric")
        if not -NUMBER_MAX <= bound <= NUMBER_MAX:
            raise PatternError(f"Value must be between -{NUMBER_MAX} and {NUMBER_MAX}, inclusive")
    if len(signs) == 2 and (signs[0][0] != ">" or signs[1][0] != "<" or bounds[0] >= bounds[1]):
        raise PatternError("Bottom must be less than top")
    tests = [(_ORDERS[sign], bound) for sign, bound in zip(signs, bounds, strict=True)]
    return lambda found: _is_number(found) and all(order(found, bound) for order, bound in tests)


def _cidr(value: Any) -> Leaf:
    text = _text(value, "CIDR")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PatternError(f"Malformed CIDR, one '/' required: {text}") from None

    def inside(found: str) -> bool:
        try:
            return ipaddress.ip_address(found) in network
        except ValueError:
            return False

    return _of_text(inside)


def _anything_but(value: Any) -> Leaf:
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in _BUT:
            raise PatternError(f"Unsupported anything-but pattern: {', '.join(value)}")
        kind, inner = next(iter(value.items()))
        values = inner if isinstance(inner, list) else [inner]
    else:
        kind = ""
        values = value if isinstance(value, list) else [value]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    if not kind:
        texts = all(isinstance(one, str) for one in values)
        if not texts and not all(_is_number(one) for one in values):
            raise PatternError(
                "Inside anything but list, either all values are number or string, mixed type is"
                " not supported"
            )
    tests = [_BUT[kind](one) if kind else _same(one) for one in values]
    return lambda found: not any(test(found) for test in tests)


_BUT: Final[dict[str, Callable[[Any], Leaf]]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
}
_KINDS: Final[dict[str, Callable[[Any], Leaf]]] = _BUT | {
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
}


# ---- fields ----


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the leaf values of a field: itself, or those of an array."""
    if isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    elif not isinstance(value, dict):
        yield value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a field: itself, or those of an array."""
    if isinstance(value, list):
        for element in value:
            yield from _objects(element)
    elif isinstance(value, dict):
        yield value


def _there(_value: Any) -> bool:
    return True


def _leaf(value: Any) -> Leaf | None:
    """Return the test of one value of a pattern; None: the field must not be there."""
    if isinstance(value, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(value, dict):
        return _same(value)
    if len(value) != 1:
        raise PatternError("Only one key allowed in match expression")
    kind, expected = next(iter(value.items()))
    if kind == "exists":
        if not isinstance(expected, bool):
            raise PatternError("exists match pattern must be either true or false.")
        return _there if expected else None
    if kind not in _KINDS:
        raise PatternError(f"Unrecognized match type {kind}")
    return _KINDS[kind](expected)


def _field(name: str, values: list[Any]) -> Test:
    """Return the test of a field that has one of these values."""
    found = [_leaf(value) for value in values]
    tests = [one for one in found if one is not None]
    absent = None in found

    def test(event: dict[str, Any]) -> bool:
        leaves = list(_leaves(event[name])) if name in event else []
        if not leaves:
            return absent
        return any(one(leaf) for leaf in leaves for one in tests)

    return test


def _object(pattern: dict[str, Any], depth: int) -> Test:
    """Return the test of all fields of a pattern's object."""
    if not pattern:
        raise PatternError("Empty objects are not allowed")
    if depth > _DEPTH_MAX:
        raise PatternError("Objects are nested too deeply")
    tests = [_member(name, value, depth) for name, value in pattern.items()]
    return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)


def _member(name: str, value: Any, depth: int) -> Test:
    if name == _OR and _is_or(value):
        choices = [_object(one, depth + 1) for one in value]
        return lambda event: any(choice(event) for choice in choices)
    if isinstance(value, dict):
        inner = _object(value, depth + 1)

        def test(event: dict[str, Any]) -> bool:
            # An object that is not there has no fields: what must be absent, is.
            found = list(_objects(event.get(name))) or [{}]
            return any(inner(one) for one in found)

        return test
    if not isinstance(value, list):
        raise PatternError(f'"{name}" must be an object or an array')
    if not value:
        raise PatternError("Empty arrays are not allowed")
    return _field(name, value)


def _is_or(value: Any) -> bool:
    """Tell whether ``$or`` joins patterns; else it is a field of that name."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(one, dict) and one for one in value)
        and not any(name in _KINDS or name == "exists" for one in value for name in one)
    )


def read_json(text: str) -> Any:
    """Return a JSON text's value; its fractions are exact.

    Raises:
      ValueError: it is none.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:  # Of a decimal exponent beyond all bounds.
        raise ValueError("a number is out of range") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Test:
    """Return a pattern, ready to be asked of events as ``read_json`` returns them.

    Raises:
      PatternError: it is none.
    """
    try:
        found = read_json(text)
    except ValueError as error:
        raise PatternError(f"{error}".partition("\n")[0]) from None
    if not isinstance(found, dict):
        raise PatternError("Filter is not an object")
    return _object(found, 1)
