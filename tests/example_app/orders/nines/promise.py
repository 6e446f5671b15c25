"""A promise of the order service: customers' data keys are kept apart, and all are on record.

What does not belong here: the service's own code; a promise judges what was said on the wire.
"""

from typing import ClassVar

from regions import ApiCall
from scenarios import Arena, Promise, Sent
from sim import Call


class OrdersApart(Promise):
    """No data key of the order service serves two customers, and each is on record."""

    name: ClassVar[str] = "orders-apart"
    compared: ClassVar[str] = "the customer of every call for a data key, and event history"

    def __init__(self) -> None:
        super().__init__()
        self._customers: dict[bytes, str] = {}  #: wrapped data key -> whose it is
        self._asked: set[str] = set()  #: request ids of our calls
        self._made: dict[str, Call] = {}  #: answered calls that made a data key

    def attach(self, arena: Arena) -> None:
        """Read every call as it is sent, and every answer's outcome."""
        self.on_messages(arena, self._sent, ApiCall)
        self.on_calls(arena, self._ended)

    def _sent(self, sent: Sent) -> None:
        """Fire at the event: a call of ours without customer, or for another customer's key."""
        call: ApiCall = sent.message
        context = call.parameters.get("EncryptionContext", {})
        if context.get("app") != "orders" or not sent.by_caller:
            return
        self._asked.add(call.request_id)
        self.checked += 1
        customer = context.get("customer", "")
        if not customer:
            self.fail(sent.time_ns, f"{call.action} from {sent.source} names no customer")
            return
        blob = call.parameters.get("CiphertextBlob")
        if blob is not None and self._customers.setdefault(blob, customer) != customer:
            owner = self._customers[blob]
            text = f"{sent.source} asks for a data key of {owner} on behalf of {customer}"
            self.fail(sent.time_ns, text)

    def _ended(self, call: Call) -> None:
        made = call.action == "GenerateDataKey" and call.outcome == "ok" and call.definite
        if made and call.request_id in self._asked:
            self._made[call.request_id] = call

    def conclude(self, arena: Arena) -> None:
        """Fire at the end: a data key that was made, and that event history has no record of."""
        for region in arena.regions:
            recorded = {event.request_id for event in arena.event_history(region)}
            for call in self._made.values():
                if call.place == region and call.request_id not in recorded:
                    text = f"{call.action} {call.request_id} in {region} is not on record"
                    self.fail(call.end_ns, text, excuse=arena.allowance.records(region))
