"""The contract of a promise: it watches, counts what it compared, and keeps what it caught.

An invariant sees the trace, taps of frames and disk blocks, histories and answers to messages; it
shares no code with what it checks. What does not belong here: any particular promise.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

#: More counterexamples than this teach nothing new; chosen.
VIOLATIONS_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Violation:
    """One counterexample."""

    time_ns: int
    text: str


class Invariant:
    """One promise; the first line of a subclass's docstring is its summary.

    ``attach`` is called once before the run, ``conclude`` once after its last quiet stretch.
    """

    name: ClassVar[str]
    compared: ClassVar[str]  #: what was compared, in one line, for a promise that holds

    def __init__(self) -> None:
        self.checked = 0  #: how many times the promise was put to the test; 0 proves nothing
        self.violations: list[Violation] = []
        self.broken = 0
        self.excused: list[str] = []  #: losses that are permitted, each with the reason
        self.allowed = 0

    def attach(self, arena: Any) -> None:
        """Subscribe to what is to be watched."""

    def conclude(self, arena: Any) -> None:
        """Compare what is left when all is quiet."""

    def fail(self, time_ns: int, text: str, *, excuse: str = "") -> None:
        """Keep a counterexample, or note a loss that is permitted.

        Args:
          excuse: why what happened may happen; "" if it may not.
        """
        if excuse:
            self.allowed += 1
            if len(self.excused) < VIOLATIONS_KEPT:
                self.excused.append(f"{text} ({excuse})")
            return
        self.broken += 1
        if len(self.violations) < VIOLATIONS_KEPT:
            self.violations.append(Violation(time_ns, text))

    @property
    def holds(self) -> bool:
        """Whether no counterexample was seen."""
        return self.broken == 0

    @property
    def detail(self) -> str:
        """The first counterexample or permitted loss, or what was compared, in one line."""
        if self.violations:
            return self.violations[0].text + _more(self.broken)
        if self.excused:
            return self.excused[0] + _more(self.allowed)
        return self.compared


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
