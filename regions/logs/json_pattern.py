"""JSON filter patterns: ``{ ($.a.b = "x*") && ($.c[0] > 5 || $.d NOT EXISTS) }``.

A selector that names nothing makes every comparison false, ``!=`` too; of an array's elements one
is enough. ``&&`` binds closer than ``||``.
What does not belong here: what a comparison means (comparison.py).
Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Match terms in JSON log events".
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from regions.logs.comparison import comparison
from regions.logs.pattern_error import PatternError
from regions.service.texts import storable

#: Brackets within brackets; chosen.
_DEPTH_MAX: Final = 64
_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<sign>&&|\|\||\(|\)|<=|>=|!=|=|<|>)
    | (?P<selector>\$(?:\.[\w@\-/:]+|\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\])+)
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | (?P<regex>%[^%]*%)
    | (?P<word>[^\s()&|=!<>"{}]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_STEP: Final = re.compile(r"""\.([\w@\-/:]+)|\.?\[(?:(\d+)|(\*)|'([^']*)'|"([^"]*)")\]""")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_COMPARES: Final = frozenset(("=", "!=", "<", "<=", ">", ">="))
_KEYWORDS: Final = {"TRUE": True, "FALSE": False, "NULL": None}

#: Tells whether a parsed event matches.
Test = Callable[[Any], bool]
Step = str | int | None  #: a member, an index, or None for every element


@dataclass(frozen=True, slots=True)
class Selector:
    """The way to values within a JSON event."""

    text: str
    steps: tuple[Step, ...]

    def values(self, event: Any) -> Iterator[Any]:
        """Yield what it names: nothing, one value, or those of an array's elements."""
        yield from _walk(event, self.steps)


def _walk(value: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from _walk(value[step], rest)
    elif isinstance(value, list):
        elements = value if step is None else value[step : step + 1]
        for element in elements:
            yield from _walk(element, rest)


def parse_selector(text: str) -> Selector | None:
    """Return a selector such as ``$.a[0].b``; None if the text is none."""
    if not text.startswith("$") or text == "$":
        return None
    steps: list[Step] = []
    place = 1
    while place < len(text):
        match = _STEP.match(text, place)
        if match is None:
            return None
        member, index, star, single, double = match.groups()
        if index is not None:
            steps.append(int(index) if len(index) < 10 else 10**9)
        else:
            steps.append(
                None if star else next(n for n in (member, single, double) if n is not None)
            )
        place = match.end()
    return Selector(text, tuple(steps))


def shown(value: Any) -> str:
    """Return a JSON value as text, as filters compare and extract it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, separators=(",", ":"), default=str)


def _parsed(message: str) -> Any:
    """Return a message's JSON object, None if it is none."""
    try:
        found = json.loads(message, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # The second of exponents out of range.
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class JsonPattern:
    """A pattern of JSON events, ready to be asked."""

    test: Test
    selectors: tuple[Selector, ...]

    def extract(self, message: str) -> Mapping[str, str] | None:
        """Return the values of all selectors, if the message matches."""
        event = _parsed(message)
        if event is None or not self.test(event):
            return None
        found = {}
        for selector in self.selectors:
            for value in selector.values(event):
                found[selector.text] = shown(value)
                break
        return found

    def value(self, message: str, selector: str) -> str | None:
        """Return what a selector names in a message, as text."""
        parsed, event = parse_selector(selector), _parsed(message)
        if parsed is None or event is None:
            return None
        return next((shown(value) for value in parsed.values(event)), None)


class _Parser:
    """Reads the expression between the braces."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self.selectors: dict[str, Selector] = {}

    def parse(self) -> Test:
        test = self._any(0)
        if self._place != len(self._tokens):
            raise self._wrong()
        return test

    def _wrong(self) -> PatternError:
        return PatternError("Invalid filter pattern")

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise self._wrong()
        self._place += 1
        return self._tokens[self._place - 1]

    def _takes(self, sign: str) -> bool:
        found = self._tokens[self._place : self._place + 1] == [("sign", sign)]
        self._place += found
        return found

    def _any(self, depth: int) -> Test:
        tests = [self._all(depth)]
        while self._takes("||"):
            tests.append(self._all(depth))
        return tests[0] if len(tests) == 1 else lambda event: any(test(event) for test in tests)

    def _all(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._takes("&&"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)

    def _one(self, depth: int) -> Test:
        if self._takes("("):
            if depth >= _DEPTH_MAX:
                raise self._wrong()
            test = self._any(depth + 1)
            if not self._takes(")"):
                raise self._wrong()
            return test
        kind, text = self._next()
        selector = parse_selector(text) if kind == "selector" else None
        if selector is None:
            raise self._wrong()
        self.selectors[text] = selector
        return self._condition(selector)

    def _condition(self, selector: Selector) -> Test:
        kind, text = self._next()
        if kind == "word":
            return self._keyword(selector, text.upper())
        if kind != "sign" or text not in _COMPARES:
            raise self._wrong()
        return self._compared(selector, text)

    def _keyword(self, selector: Selector, word: str) -> Test:
        _, following = self._next()
        if word == "NOT" and following.upper() == "EXISTS":
            return lambda event: next(iter(selector.values(event)), selector) is selector
        if word != "IS" or following.upper() not in _KEYWORDS:
            raise self._wrong()
        wanted = _KEYWORDS[following.upper()]
        return lambda event: any(value is wanted for value in selector.values(event))

    def _compared(self, selector: Selector, operator: str) -> Test:
        kind, literal = self._next()
        if kind == "regex":
            raise PatternError("regular expressions are not modelled")
        if kind not in ("word", "quoted"):
            raise self._wrong()
        compares = comparison(operator, literal, quoted=kind == "quoted")

        def test(event: Any) -> bool:
            for value in selector.values(event):
                is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
                as_number = Decimal(value) if is_number else None
                if not isinstance(value, dict | list) and compares.holds(shown(value), as_number):
                    return True
            return False

        return test


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise PatternError("Invalid filter pattern")
        found = match[match.lastgroup]
        yield match.lastgroup, _ESCAPED.sub(r"\1", found) if match.lastgroup == "quoted" else found
        place = match.end()


def parse_json_pattern(text: str) -> JsonPattern:
    """Return the pattern of a text that begins with a brace.

    Raises:
      PatternError: it is none, or uses what is not modelled.
    """
    if not text.endswith("}"):
        raise PatternError("Invalid filter pattern")
    parser = _Parser(text[1:-1])
    test = parser.parse()
    return JsonPattern(test, tuple(parser.selectors.values()))
