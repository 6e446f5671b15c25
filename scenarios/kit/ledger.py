"""What an application's clients saw, as the promises' history of calls.

What does not belong here: judging (invariants/), and how calls travel (port.py).
"""

from typing import Any, Final

from regions.calls import ApiAnswer, ApiCall
from regions.trail.messages import Publish
from scenarios.arena import Arena
from scenarios.kit.unrecorded import is_recorded
from scenarios.witness import KeyUse
from sim.check.history import OK, TIMEOUT, Call
from sim.wire import Refusal

_FAULT_STATUS: Final = 500


class Ledger:
    """Enters calls into the history of an arena.

    Args:
      home: the region whose trail has the records of services without regions.
    """

    def __init__(self, arena: Arena, home: str) -> None:
        self._arena = arena
        self._home = home

    def begin(self, caller: str, call: ApiCall) -> Call:
        """Enter a call that is sent now."""
        return self._arena.history.begin(
            Call(
                caller=caller,
                place=self._home if call.service == "iam" else self._place(call.region),
                service=call.service,
                action=call.action,
                request_id=call.request_id,
                begin_ns=self._arena.world.now_ns,
                owner=call.principal.account,
                detail=KeyUse.of(call.parameters, call.region),
            )
        )

    def _place(self, region: str) -> str:
        return region if region in self._arena.deployment.trails else self._home

    def answered(self, call: Call, answer: ApiAnswer) -> None:
        """Enter a success."""
        now_ns, body = self._arena.world.now_ns, answer.body
        if call.service == "kms":
            call.detail.learn(body)
            if call.action == "CreateKey":
                self._arena.witness.key_acknowledged(call.place, call.detail.key_id, now_ns)
        self._end(call, OK, definite=is_recorded(call.service, call.action))

    def refused(self, call: Call, error: Refusal) -> None:
        """Enter an error that the service has answered with."""
        outcome = getattr(error, "code", type(error).__name__)
        definite = getattr(error, "definite", True) and is_recorded(call.service, call.action)
        served = getattr(error, "status", _FAULT_STATUS) < _FAULT_STATUS
        self._end(call, outcome, definite=definite, served=served)

    def unanswered(self, call: Call) -> None:
        """Enter that nobody knows what became of a call."""
        self._end(call, TIMEOUT, definite=False, served=False)

    def refused_at_edge(self, message: Publish) -> None:
        """Enter what no service has heard of, though it is on record."""
        now_ns = self._arena.world.now_ns
        for record in message.records:
            call = Call(
                caller="",
                place=record.region,
                service=record.source.partition(".")[0],
                action=record.name,
                request_id=record.request_id,
                begin_ns=now_ns,
            )
            self._arena.history.begin(call)
            self._end(call, record.error_code, definite=False)

    def _end(self, call: Call, outcome: str, *, definite: bool, **how: Any) -> None:
        now_ns = self._arena.world.now_ns
        self._arena.history.end(call, now_ns=now_ns, outcome=outcome, definite=definite, **how)
