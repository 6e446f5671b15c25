"""Lets ``time.sleep`` spend virtual time in a thread that works inside a cloud.

The SDK sleeps between its attempts and its waiters' looks, and an application sleeps where it
polls; inside a cloud none of that takes wall time. While no cloud is open, ``time.sleep`` is what
it was. What does not belong here: what time does to a world (cloud.py), and Trio's clock.
Source: Python reference, ``time.sleep``; botocore calls it by that name (endpoint.py, waiter.py).
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

#: Lets so many seconds pass.
Spend = Callable[[float], None]

#: Thread -> who spends its time, the innermost last.
_spenders: Final[dict[int, list[Spend]]] = {}
_lock: Final = threading.Lock()
#: What ``time.sleep`` was before the first cloud was opened.
_found: Any = time.sleep


def _sleep(seconds: Any) -> None:
    """Spend virtual time where a cloud is open in this thread, wall time elsewhere."""
    spenders = _spenders.get(threading.get_ident())
    if not spenders:
        _found(seconds)
        return
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    spenders[-1](float(seconds))


def begin(spend: Spend) -> int:
    """Let ``time.sleep`` call ``spend`` in this thread; return what ``end`` takes."""
    global _found
    thread = threading.get_ident()
    with _lock:
        if time.sleep is not _sleep:
            _found, time.sleep = time.sleep, _sleep
        _spenders.setdefault(thread, []).append(spend)
    return thread


def end(thread: int, spend: Spend) -> None:
    """Undo ``begin``; the last one puts ``time.sleep`` back, if it is still ours."""
    with _lock:
        spenders = _spenders[thread]
        spenders.remove(spend)
        if not spenders:
            del _spenders[thread]
        if not _spenders and time.sleep is _sleep:
            time.sleep = _found
