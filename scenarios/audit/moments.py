"""Moments and spans as people type them.

What does not belong here: how records write them (event.py).
"""

import re
from datetime import UTC, datetime
from typing import Final

from scenarios.audit.event import TIME_FORMAT

EXPECTED: Final = "a time in UTC such as 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00:00Z"
_FORM: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?Z?")


class MomentError(ValueError):
    """A text that is no moment; one line."""


def parse_moment(text: str) -> str:
    """Return a moment as records write it.

    Raises:
      MomentError: it is none.
    """
    if _FORM.fullmatch(text):
        try:
            found = datetime.fromisoformat(text.removesuffix("Z"))
        except ValueError:
            pass
        else:
            return found.replace(tzinfo=UTC).strftime(TIME_FORMAT)
    raise MomentError(f"time {text!r}: expected {EXPECTED}")
