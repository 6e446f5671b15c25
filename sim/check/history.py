"""What callers asked, when, and what they were told.

A history is what a checker may know of the outside: it is written by the callers, never by what
is checked. What does not belong here: what an operation means.
Source: the idea of a history of invocations and completions is Jepsen's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

#: Outcome of a call that was answered well.
OK = "ok"
#: Outcome of a call that was never answered: it may have happened.
TIMEOUT = "timeout"


@dataclass(slots=True)
class Call:
    """One attempt of one caller."""

    caller: str
    place: str  #: where it was sent, such as a region
    service: str
    action: str
    request_id: str  #: chosen by the caller, repeated by the service; unique
    begin_ns: int
    owner: str = ""  #: on whose behalf, such as an account
    end_ns: int = 0
    outcome: str = ""  #: OK, TIMEOUT or an error code; "" while it is under way
    definite: bool = True  #: the outcome is what really happened
    served: bool = True  #: the service answered, and not with a failure of its own
    detail: Any = None  #: what a workload wants its checkers to know; never a secret

    @property
    def indefinite(self) -> bool:
        """Nobody knows whether it happened: it may have, at any time since it began, or never."""
        return not self.outcome or not self.definite

    @property
    def may_have_happened(self) -> bool:
        """It was answered well, or nobody knows."""
        return self.outcome == OK or self.indefinite


class History:
    """All calls of a run, in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        #: Called with every call as it ends.
        self.observers: list[Callable[[Call], None]] = []

    def begin(self, call: Call) -> Call:
        """Enter a call that starts now."""
        self._calls.append(call)
        return call

    def end(
        self, call: Call, *, now_ns: int, outcome: str, definite: bool = True, served: bool = True
    ) -> None:
        """Enter how it ended."""
        assert not call.outcome, f"{call.request_id} ended twice"
        call.end_ns, call.outcome = now_ns, outcome
        call.definite, call.served = definite, served
        for observer in self.observers:
            observer(call)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, index: int) -> Call:
        return self._calls[index]
