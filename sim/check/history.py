"""What callers asked, when, and what they were told.

A history is what a checker may know of the outside: it is written by the callers, never by what
is checked. What does not belong here: what an operation means.
Source: the idea of a history of invocations and completions is Jepsen's.
"""

import pickle
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

#: Outcome of a call that was answered well.
OK = "ok"
#: Outcome of a call that was never answered: it may have happened.
TIMEOUT = "timeout"

#: Calls of a block, and how many are kept as they are; chosen: an ordinary run has fewer.
BLOCK_CALLS: Final = 4_096
PLAIN_CALLS: Final = 50_000


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
    """All calls of a run, in the order in which they began.

    The oldest of very many are kept compressed, once they have ended: each walk makes them anew.

    Args:
      plain: so many of the latest calls are kept as they are.
      block: so many are compressed together.
    """

    def __init__(self, plain: int = PLAIN_CALLS, block: int = BLOCK_CALLS) -> None:
        self._plain, self._size = plain, block
        self._blocks: list[bytes] = []
        self._calls: list[Call] = []
        #: Called with every call as it ends.
        self.observers: list[Callable[[Call], None]] = []

    def begin(self, call: Call) -> Call:
        """Enter a call that starts now."""
        self._calls.append(call)
        if len(self._calls) >= self._plain + self._size:
            self._pack()
        return call

    def _pack(self) -> None:
        oldest = self._calls[: self._size]
        if all(call.outcome for call in oldest):
            self._blocks.append(zlib.compress(pickle.dumps(oldest), 1))
            del self._calls[: self._size]

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
        for block in self._blocks:
            yield from pickle.loads(zlib.decompress(block))  # noqa: S301 - packed by ourselves
        yield from self._calls

    def __len__(self) -> int:
        return len(self._blocks) * self._size + len(self._calls)
