"""Calls that faults make on behalf of a customer's staff, as a history for checkers.

Such a call is noted in the trace as it begins and as it ends (regions/faults/errand.py). It must
be on record like any other, and it may change keys. What does not belong here: workloads' calls.
"""

from typing import Final

from regions.errors import ERRORS, FAULT_STATUS
from regions.faults.errand import ACCOUNT, NOTE
from scenarios.witness import KeyUse
from sim.actor import Expired
from sim.check.history import OK, TIMEOUT, Call
from sim.trace import Event
from sim.world import SimWorld

#: Who makes them, where a history names callers.
CALLER: Final = "staff"


class Errands:
    """Collects the errands of one world from its trace."""

    def __init__(self, world: SimWorld) -> None:
        self.calls: dict[str, Call] = {}  #: request id -> the call
        world.trace.watch(NOTE, self._seen)

    def _seen(self, event: Event) -> None:
        pairs = (pair.partition("=") for pair in event.body.decode().split(" "))
        fields = {name: value for name, _, value in pairs}
        call = self.calls.get(fields["request_id"])
        if call is None:
            self.calls[fields["request_id"]] = Call(
                caller=CALLER,
                place=event.subject,
                service=fields.get("service", "kms"),
                action=fields["action"],
                request_id=fields["request_id"],
                begin_ns=event.time_ns,
                owner=fields.get("account", ACCOUNT),
                detail=_use(fields),
            )
        elif "outcome" in fields:
            call.end_ns, call.outcome = event.time_ns, fields["outcome"]
            error = ERRORS.get(call.outcome)
            if error is not None:
                call.definite, call.served = error.definite, error.status < FAULT_STATUS
            elif call.outcome == Expired.__name__:
                call.outcome, call.definite, call.served = TIMEOUT, False, False
            elif call.outcome != OK:
                call.served = False


def _use(fields: dict[str, str]) -> KeyUse:
    days = fields.get("PendingWindowInDays", "")
    parameters = {"KeyId": fields.get("KeyId", "")}
    return KeyUse.of(parameters | ({"PendingWindowInDays": int(days)} if days else {}))
