"""Actor: SNS of one region.

Signatures of messages, FIFO topics, filter policies, protocols other than http, delivery policies,
dead-letter queues and encryption are not modelled.
What does not belong here: any one action (operations/), its state (state.py), and how a message
leaves the world (live/courier.py).
Source: SNS Developer Guide, "Amazon SNS message delivery retries": the default policy for HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.calls import ApiCall
from regions.errors import AccessDeniedException, ServiceError
from regions.service.operation import Desk, Operation
from regions.service.outbox import Parcel
from regions.service.post import Post, Then
from regions.service.service import Service, ServiceConfig
from regions.service.state import State, state_codec
from regions.sns.changes import CHANGES
from regions.sns.errors import AuthorizationErrorException
from regions.sns.messages import Deliver, Delivered
from regions.sns.operations import OPERATIONS
from regions.sns.state import SnsState
from regions.trail.record import AuditRecord
from sim.quick import changed
from sim.units import seconds
from sim.wire import Codec

#: Three more tries, twenty seconds apart.
RETRIES_NS: Final = (seconds(20),) * 3
#: An endpoint gets so long to answer. Source: the same, 15 seconds.
DELIVERY_TIMEOUT_NS: Final = seconds(15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsConfig(ServiceConfig):
    """Also, who carries messages, and where the links in them lead."""

    courier: str = ""  #: "": there is none, as in a simulated world, and every delivery fails
    url: str = ""  #: such as ``http://127.0.0.1:4599``


class Sns(Service):
    """Topics and subscriptions of all accounts in one region."""

    kind = "sns"
    asks: ClassVar[tuple[str, ...]] = ("courier",)
    service, source = "sns", "sns.amazonaws.com"
    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS
    codec: ClassVar[Codec] = state_codec(CHANGES)

    def new_state(self) -> State:
        """Return an empty state."""
        return SnsState(self._settings.url)

    @property
    def _settings(self) -> SnsConfig:
        assert isinstance(self.config, SnsConfig), "SNS knows its courier"
        return self.config

    def start(self) -> None:
        """Read the journal, and send what was not sent yet."""
        super().start()
        assert isinstance(self.state, SnsState), "as new_state made it"
        self.post = Post(
            self,
            self.state.outbox,
            self._carry,
            RETRIES_NS,
            lambda change: self.journal.keep([change], self.state),
        )
        self.post.resume()

    def authorize(self, desk: Desk, operation: Operation) -> None:
        """Refuse what no policy allows, in the words of SNS."""
        try:
            super().authorize(desk, operation)
        except AccessDeniedException as error:
            raise AuthorizationErrorException(error.message) from None

    async def _keep(self, desk: Desk) -> None:
        await super()._keep(desk)
        self.post.take(desk.changed)

    def record(
        self,
        desk: Desk,
        operation: Operation | None,
        request_id: str,
        answer: dict[str, Any] | ServiceError,
    ) -> AuditRecord:
        """Return the record of a call; of one that nobody signed, for the topic's owner."""
        record = super().record(desk, operation, request_id, answer)
        return record if desk.account else changed(record, recipient_account=_owner(desk.call))

    def _carry(self, parcel: Parcel, then: Then) -> None:
        """Try one delivery."""
        courier = self._settings.courier
        if not courier:
            then("there is no courier")
            return

        def answered(answer: Any) -> None:
            then("" if isinstance(answer, Delivered) else f"{type(answer).__name__}: {answer}")

        deliver = Deliver(endpoint=parcel.to, headers=parcel.headers, body=parcel.body)
        self.call(courier, deliver, answered, timeout_ns=2 * DELIVERY_TIMEOUT_NS)


def _owner(call: ApiCall) -> str:
    """Return the account in the ARN that a call names, "" if it names none."""
    arn = call.parameters.get("TopicArn") or call.parameters.get("SubscriptionArn") or ""
    parts = str(arn).split(":")
    return parts[4] if len(parts) > 5 else ""
