"""An answer that costs no worker: it leaves once its record is safe, and is an error if it is not.

What does not belong here: which calls are answered so (az.py).
"""

from typing import Final

from regions.errors import KMSInternalException
from regions.kms.loop import Outcome
from regions.trail.messages import Append
from sim.actor import Actor, Request
from sim.units import seconds

#: An audit append that takes longer counts as refused; above the recorder's own patience.
AUDIT_TIMEOUT_NS: Final = seconds(5)


def answer_recorded(host: Actor, request: Request, outcome: Outcome, recorder: str) -> None:
    """Have an outcome recorded, then answer with it; nothing of the call was committed."""
    assert outcome.record is not None, "nothing of the call was committed"

    def then(answer: object) -> None:
        if isinstance(answer, Exception):
            text = f"the call could not be made durable: {type(answer).__name__}"
            request.reply(KMSInternalException(text, request.body.call.request_id))
        else:
            request.reply(outcome.answer)

    host.call(recorder, Append(record=outcome.record), then, timeout_ns=AUDIT_TIMEOUT_NS)
