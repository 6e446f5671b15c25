"""What SNS asks of whoever carries its messages out of the world.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
Deliver               SNS asks a courier             Delivered, or DeliveryFailed
====================  =============================  ==============================================

A live world has a courier (live/courier.py); a simulated one has none.
What does not belong here: API calls (calls.py), and what SNS keeps on its disk.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver(Message):
    """Carry this to an endpoint, once."""

    endpoint: str  #: ``http://`` on this machine, or ``file:///``
    headers: dict[str, Any]  #: of an HTTP request
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Message):
    """The endpoint has taken it."""

    status: int  #: of the HTTP answer, 200–299; 200 of a file


class DeliveryFailed(Refusal):
    """The endpoint did not take it; the text says why."""


#: Wire ids 510–512.
SNS_FRAMES: Final[dict[int, type[Any]]] = {510: Deliver, 511: Delivered, 512: DeliveryFailed}
