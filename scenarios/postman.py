"""Actor: carries messages of SNS within a simulated world, to callers and into a checker's inbox.

==============================================  =================================================
endpoint of a subscription                      who gets its messages
==============================================  =================================================
``http://127.0.0.1/us-east-1/clients/x-0``      the caller of that name, as if by HTTP
``file:///inbox.jsonl``                         the inbox, which checkers read
==============================================  =================================================

What does not belong here: who has subscribed (regions/sns), and live worlds (regions/live/courier).
"""

from typing import Any, ClassVar, Final

from regions.sns.endpoints import address_of, is_file
from regions.sns.messages import Deliver, Delivered, DeliveryFailed
from sim.actor import Actor, Request

#: The endpoint whose messages are kept for checkers.
INBOX: Final = "file:///inbox.jsonl"
_TAKEN: Final = 200


def endpoint_of(caller: str) -> str:
    """Return the endpoint under which a caller gets messages."""
    return f"http://127.0.0.1/{caller}"


class Postman(Actor):
    """Hands each message on at once.

    Args:
      config: the inbox, which grows by what is carried there; nobody else changes it.
    """

    kind: ClassVar[str] = "courier"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({Deliver})

    def __init__(self, config: list[Deliver]) -> None:
        super().__init__(config)
        self._inbox = config

    def receive(self, request: Request) -> None:
        """Carry one message."""
        message: Deliver = request.body
        if is_file(message.endpoint):
            self._inbox.append(message)
            request.reply(Delivered(status=_TAKEN))
            return
        caller = address_of(message.endpoint)[2].removeprefix("/")
        if caller in self.kernel.cells:
            request.forward(caller)
        else:
            request.refuse(DeliveryFailed(f"nobody is called {caller!r}"))
