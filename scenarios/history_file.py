"""The history of a run as JSON lines, for checkers of other people: Jepsen's fields and meaning.

Each call makes two lines, in order of time; one that was under way at the end makes one:
``index``    number of the line, from 0
``process``  an integer; it never has two calls under way, and a caller whose call ended with
             ``info`` goes on as another process, because the lost call may still take effect
``type``     ``invoke``; then ``ok`` (answered with success), ``fail`` (surely nothing happened) or
             ``info`` (nobody knows: it may have happened, may still happen, or never)
``f``        the API action
``value``    ``{"key": KEY ID or null, "state": KeyState that the answer showed or null}``
``time``     nanoseconds of virtual time since the world began
``error``    the code of the failure, or null
``caller``, ``region``, ``service``, ``request_id``  as the history has them
Operations of one key, or of one service, are chosen by these fields. What does not belong here:
judging (sim/check), or running (run.py). Nothing secret is in a history, so nothing is left out.
Source: Jepsen's history of operations; processes of indeterminate operations are never used again.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from scenarios.witness import KeyUse
from sim.check.history import OK, Call

INVOKE: Final = "invoke"
FAIL: Final = "fail"
INFO: Final = "info"


def lines(calls: Iterable[Call]) -> Iterator[str]:
    """Yield one JSON object for each begin and each end of a call, without line ends."""
    for row in rows(calls):
        yield json.dumps(row, ensure_ascii=False)


def rows(calls: Iterable[Call]) -> Iterator[dict[str, Any]]:
    """Yield what the lines hold."""
    begun = sorted(calls, key=lambda call: call.begin_ns)
    # A call that began no later than another one's end at the same instant stays before it.
    events = [(call.begin_ns, 2 * place, INVOKE, call) for place, call in enumerate(begun)]
    events += [
        (call.end_ns, 2 * place + 1, _type(call), call)
        for place, call in enumerate(begun)
        if call.outcome
    ]
    events.sort(key=lambda event: event[:2])
    idle: dict[str, list[int]] = {}  #: caller -> its processes that may begin something
    busy: dict[int, int] = {}  #: place of a call under way -> its process
    taken = 0
    for index, (time_ns, order, kind, call) in enumerate(events):
        place, free = order // 2, idle.setdefault(call.caller, [])
        if kind == INVOKE:
            if not free:
                free.append(taken)
                taken += 1
            busy[place] = free.pop()
        process = busy[place]
        if kind in {OK, FAIL}:
            free.append(process)
        yield {
            "index": index,
            "process": process,
            "type": kind,
            "f": call.action,
            "value": _value(call, told=kind == OK),
            "time": time_ns,
            "error": call.outcome if kind in {FAIL, INFO} else None,
            "caller": call.caller,
            "region": call.place,
            "service": call.service,
            "request_id": call.request_id,
        }


def _type(call: Call) -> str:
    if call.indefinite:
        return INFO
    return OK if call.outcome == OK else FAIL


def _value(call: Call, *, told: bool) -> dict[str, str | None]:
    use = call.detail if isinstance(call.detail, KeyUse) else KeyUse()
    return {"key": use.key_id or None, "state": (use.state or None) if told else None}
