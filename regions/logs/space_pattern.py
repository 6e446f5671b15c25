"""Filter patterns of fields between spaces: ``[ip, user, ..., status = 4*, bytes > 1000]``.

A message's fields are parted by spaces; what stands in quotes or square brackets is one field.
``...`` stands for any number of fields. Every field of the pattern has its field in the message,
and none is left over.
What does not belong here: what a comparison means (comparison.py).
Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Match terms in space-delimited log
events".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regions.logs.comparison import Comparison, comparison, number
from regions.logs.pattern_error import PatternError

_FIELD: Final = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')
_NAME: Final = re.compile(r"\s*(\w+)\s*")
_TEST: Final = re.compile(
    r'\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"&|,]+))\s*', re.DOTALL
)
_JOIN: Final = re.compile(r"\s*(&&|\|\|)\s*")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_REST: Final = "..."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a pattern: its name, and what must hold of it: any of these runs."""

    name: str
    runs: tuple[tuple[Comparison, ...], ...]

    def holds(self, text: str) -> bool:
        """Tell whether a message's field is one of these."""
        value = number(text)
        return not self.runs or any(all(one.holds(text, value) for one in run) for run in self.runs)


@dataclass(frozen=True, slots=True)
class SpacePattern:
    """A pattern of fields, ready to be asked; ``rest`` is where any number of fields may be."""

    fields: tuple[Field, ...]
    rest: int | None

    def extract(self, message: str) -> Mapping[str, str] | None:
        """Return the fields by name, as ``$name``, if the message matches."""
        texts = _split(message)
        fields, surplus = self.fields, len(texts) - len(self.fields)
        if surplus < 0 or (self.rest is None and surplus):
            return None
        rest = len(fields) if self.rest is None else self.rest
        chosen = texts[:rest] + texts[rest + surplus :]
        if not all(field.holds(text) for field, text in zip(fields, chosen, strict=True)):
            return None
        found = {f"${field.name}": text for field, text in zip(fields, chosen, strict=True)}
        skipped = texts[rest : rest + surplus]
        return found | {f"${rest + n}": text for n, text in enumerate(skipped, start=1)}

    def value(self, message: str, selector: str) -> str | None:
        """Return the field of that name, written ``$name``."""
        return (self.extract(message) or {}).get(selector)


def _split(message: str) -> list[str]:
    return [next(g for g in match.groups() if g is not None) for match in _FIELD.finditer(message)]


def parse_space_pattern(text: str) -> SpacePattern:
    """Return the pattern of a text that begins with a square bracket.

    Raises:
      PatternError: it is none, or uses what is not modelled.
    """
    if not text.endswith("]"):
        raise PatternError("Invalid filter pattern")
    parts = _parts(text[1:-1])
    places = [place for place, part in enumerate(parts) if part.strip() == _REST]
    if len(places) > 1:
        raise PatternError("Invalid filter pattern: more than one ellipsis")
    fields = [
        _field(part, place) for place, part in enumerate(parts, start=1) if part.strip() != _REST
    ]
    return SpacePattern(tuple(fields), places[0] if places else None)


def _parts(text: str) -> list[str]:
    """Part at commas, but not within quotes."""
    parts, inside = [""], False
    for sign in text:
        inside ^= sign == '"'
        if sign == "," and not inside:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _field(part: str, place: int) -> Field:
    if not part.strip():
        return Field(str(place), ())
    name = _NAME.fullmatch(part)
    if name is not None:
        return Field(name[1], ())
    called, runs, at = "", [[]], 0  # type: tuple[str, list[list[Comparison]], int]
    while True:
        match = _TEST.match(part, at)
        if match is None or (called and match[1] != called):
            raise PatternError("Invalid filter pattern")
        called, operator, quoted, plain = match.groups()
        if plain is not None and plain.startswith("%"):
            raise PatternError("regular expressions are not modelled")
        literal = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
        runs[-1].append(comparison(operator, literal, quoted=quoted is not None))
        at = match.end()
        join = _JOIN.match(part, at)
        if join is None:
            break
        if join[1] == "||":
            runs.append([])
        at = join.end()
    if at != len(part):
        raise PatternError("Invalid filter pattern")
    return Field(called, tuple(tuple(run) for run in runs))
