"""Filter patterns: a text is compiled once, then asked of each log event.

=========================  =======================================================================
form                       matches
=========================  =======================================================================
(empty)                    every event
``ERROR "exit code"``      events that contain all terms; case counts
``?ERROR ?WARN``           events that contain any of the terms; beside others they are ignored
``ERROR -"exit code 0"``   events that contain the one and not the other
``{ $.a = 1 }``            JSON events (json_pattern.py)
``[ip, user, status=4*]``  events of fields between spaces (space_pattern.py)
=========================  =======================================================================

A term matches anywhere in a message, also within a word. Regular expressions are not modelled.
What does not belong here: which events are asked (operations/).
Source: CloudWatch Logs User Guide, "Filter pattern syntax".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from regions.logs.json_pattern import JsonPattern, parse_json_pattern
from regions.logs.pattern_error import PatternError
from regions.logs.space_pattern import SpacePattern, parse_space_pattern

#: Source: PutMetricFilter; FilterPattern of the service model.
PATTERN_MAX: Final = 1024


class FilterPattern(Protocol):
    """What every form of pattern can do."""

    def extract(self, message: str) -> Mapping[str, str] | None:
        """Return the values that the pattern names, by selector; None: it does not match."""

    def value(self, message: str, selector: str) -> str | None:
        """Return what a selector such as ``$.latency`` names in a matching message, as text."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A pattern of terms; the empty one matches everything."""

    wanted: tuple[str, ...]
    optional: tuple[str, ...]
    unwanted: tuple[str, ...]

    def extract(self, message: str) -> Mapping[str, str] | None:
        """Return nothing, but not None, if the message has what is wanted."""
        matches = all(term in message for term in self.wanted) and not any(
            term in message for term in self.unwanted
        )
        if self.optional and not self.wanted and not self.unwanted:
            matches = any(term in message for term in self.optional)
        return {} if matches else None

    def value(self, message: str, selector: str) -> str | None:  # noqa: ARG002 - terms name no values
        """Return None: terms name no values."""
        return None


_TERM: Final = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
#: Characters of a term without quotes. Source: "alphanumeric", and the underscore.
_PLAIN: Final = re.compile(r"\w+")


def _parse_terms(text: str) -> Terms:
    found: dict[str, list[str]] = {"": [], "?": [], "-": []}
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TERM.match(text, place)
        if match is None:
            raise PatternError("Invalid filter pattern")
        sign, quoted, plain = match.groups()
        if plain is not None and not _PLAIN.fullmatch(plain):
            raise PatternError(f"Invalid character(s) in term '{sign}{plain}'")
        term = _ESCAPED.sub(r"\1", quoted) if plain is None else plain
        found[sign].append(term)
        place = match.end()
    return Terms(tuple(found[""]), tuple(found["?"]), tuple(found["-"]))


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> FilterPattern:
    """Return a pattern, ready to be asked.

    Raises:
      PatternError: it is none, or uses what is not modelled.
    """
    stripped = text.strip()
    if stripped.startswith("%"):
        raise PatternError("regular expressions are not modelled")
    if stripped.startswith("{"):
        return parse_json_pattern(stripped)
    if stripped.startswith("["):
        return parse_space_pattern(stripped)
    return _parse_terms(stripped)


__all__ = ["FilterPattern", "JsonPattern", "SpacePattern", "Terms", "compile_pattern"]
