"""What a plan may say about a fault besides its place and time, and how it is read.

What does not belong here: the grammar of a plan's line (plan.py), and what an option does.
"""

import re
from dataclasses import dataclass
from typing import Final

from sim.units import days, hours, minutes, ms, seconds, us, years

UNITS: Final = {
    "us": us, "ms": ms, "s": seconds, "m": minutes, "h": hours, "d": days, "y": years,
}
_DURATION: Final = re.compile(r"([+-]?)(\d+(?:\.\d+)?)(us|ms|s|m|h|d|y)")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_WORD: Final = re.compile(r"[A-Za-z0-9_./@:*-]+")


def parse_duration(text: str, *, signed: bool = False) -> int:
    """Return the nanoseconds of ``90s``, ``40m``, ``3h``, ``30d``, ``1y``, ``250ms`` or ``5us``.

    Raises:
      ValueError: it is none of these, or has a sign where none is wanted.
    """
    match = _DURATION.fullmatch(text)
    if match is None or (match[1] and not signed):
        raise ValueError(
            f"duration {text!r}: expected a number and us, ms, s, m, h, d or y, as 40m"
        )
    found: int = UNITS[match[3]](float(match[2]))
    return -found if match[1] == "-" else found


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be set.

    Args:
      default: as a plan would write it.
      kind: ``share`` (``30%``), ``duration`` (``500ms``, may be negative), ``number`` or ``word``.
      doc: one line for people.
      words: of a ``word``, those that are allowed; () allows any.
      least: of a ``duration`` or ``number``, the smallest that is allowed, as a plan writes it.
      most: the largest, likewise.
      form: of a ``word``, a regular expression that it must match as a whole.
      like: what has that form, for people.
    """

    default: str
    kind: str
    doc: str
    words: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    form: str = ""
    like: str = ""

    def parse(self, text: str) -> float | int | str:
        """Return the value of a text.

        Raises:
          ValueError: it is none; the message says what was expected.
        """
        if self.kind == "share":
            match = _SHARE.fullmatch(text)
            if match is None or float(match[1]) > 100:
                raise ValueError(f"{text!r} is no share; expected 0% to 100%")
            return float(match[1]) / 100
        if self.kind in {"duration", "number"}:
            found = self._amount(text)
            if self.least and found < self._amount(self.least):
                raise ValueError(f"{text!r} is too little; expected at least {self.least}")
            if self.most and found > self._amount(self.most):
                raise ValueError(f"{text!r} is too much; expected at most {self.most}")
            return found
        assert self.kind == "word", f"an option cannot be a {self.kind!r}"
        if self.words and text not in self.words:
            raise ValueError(f"{text!r} is not one of {', '.join(self.words)}")
        if _WORD.fullmatch(text) is None:
            raise ValueError(f"{text!r} is no word")
        if self.form and re.fullmatch(self.form, text) is None:
            raise ValueError(f"{text!r} is not {self.like}")
        return text

    def _amount(self, text: str) -> float | int:
        if self.kind == "duration":
            return parse_duration(text, signed=True)
        if _NUMBER.fullmatch(text) is None:
            raise ValueError(f"{text!r} is no number; expected one such as 20 or 0.5")
        return float(text)
