"""Actor: EventBridge of one region.

Buses other than the default one, schedules, input transformers, dead-letter queues, archives and
targets other than SNS topics and log groups of the region are not modelled.
What does not belong here: any one action (operations/), its state (state.py), and what targets do.
Source: EventBridge User Guide, "Retrying event delivery": for 24 hours, with growing pauses; "Using
resource-based policies": topics and log groups must let events.amazonaws.com in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.events.changes import CHANGES
from regions.events.messages import PutServiceEvents, ServiceEvent, ServiceEventsTaken
from regions.events.operations import OPERATIONS
from regions.events.places import kind_of_target, log_group_of
from regions.events.routing import event_text, routed
from regions.events.state import EventsState
from regions.logs.errors import ResourceNotFoundException
from regions.service.operation import Desk, Operation
from regions.service.outbox import Parcel
from regions.service.post import Post, Then
from regions.service.service import Service, ServiceConfig
from regions.service.state import State, state_codec
from sim.actor import Request
from sim.units import NS_PER_SECOND, seconds
from sim.wire import Codec

#: Doubled from one second on; together some 18 hours. Chosen, within the real 24 hours.
RETRIES_NS: Final = tuple(seconds(2**number) for number in range(16))
TARGET_TIMEOUT_NS: Final = seconds(10)
_NAME: Final = "events.amazonaws.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsConfig(ServiceConfig):
    """Also, who takes events: the region's other services."""

    sns: str
    logs: str


class Events(Service):
    """Rules of all accounts in one region."""

    kind = "events"
    asks: ClassVar[tuple[str, ...]] = ("sns", "logs")
    service, source = "events", _NAME
    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS
    inline: ClassVar[frozenset[type[Any]]] = frozenset({PutServiceEvents})
    codec: ClassVar[Codec] = state_codec(CHANGES)

    def new_state(self) -> State:
        """Return an empty state."""
        return EventsState()

    def start(self) -> None:
        """Read the journal, and send what was not sent yet."""
        super().start()
        assert isinstance(self.state, EventsState), "as new_state made it"
        self.post = Post(
            self,
            self.state.outbox,
            self._hand_on,
            RETRIES_NS,
            lambda change: self.journal.keep([change], self.state),
        )
        self.post.resume()

    def receive(self, request: Request) -> None:
        """Take events of CloudTrail; the answer says that what they cause is durable."""
        parcels = [parcel for event in request.body.events for parcel in self._routed(event)]
        for parcel in parcels:
            self.state.apply(parcel)

        def durable() -> None:
            request.reply(ServiceEventsTaken())
            self.post.take(parcels)

        self.journal.keep(parcels, self.state, durable)

    def _routed(self, event: ServiceEvent) -> list[Parcel]:
        """Return what an event sends to targets; its accounts may have no rules."""
        assert isinstance(self.state, EventsState), "as new_state made it"
        region, account = self.config.region, event.account
        if not self.state.of_account(account):
            return []
        entry = {
            "Source": event.source,
            "DetailType": event.detail_type,
            "Detail": event.detail,
            "Time": event.time_ns // NS_PER_SECOND,
        }
        event_id = self.rng("event").uuid()
        text = event_text(event_id, account, region, event.time_ns, entry)
        return routed(
            self.state,
            region,
            account,
            text,
            self.rng("parcel").uuid,
            read_only_management=event.read_only_management,
        )

    async def _keep(self, desk: Desk) -> None:
        await super()._keep(desk)
        self.post.take(desk.changed)

    def _hand_on(self, parcel: Parcel, then: Then) -> None:
        """Try one target once."""
        if kind_of_target(parcel.to, self.config.region, parcel.account) == "sns":
            self._publish(parcel, then)
        else:
            self._put(parcel, then, may_create=True)

    def _publish(self, parcel: Parcel, then: Then) -> None:
        given = {"TopicArn": parcel.to, "Message": parcel.body}
        self._as_service(parcel, "sns", "Publish", given, lambda answer: then(_failure(answer)))

    def _put(self, parcel: Parcel, then: Then, *, may_create: bool) -> None:
        """Put an event into a log group, whose stream is made when it is not there."""
        _, name = log_group_of(parcel.to)
        place = {"logGroupName": name, "logStreamName": parcel.headers["stream"]}
        event = {"timestamp": self.calendar_ns // 1_000_000, "message": parcel.body}

        def answered(answer: Any) -> None:
            if may_create and isinstance(answer, ResourceNotFoundException):
                self._as_service(parcel, "logs", "CreateLogStream", place, created)
            else:
                then(_failure(answer))

        def created(answer: Any) -> None:
            if isinstance(answer, ApiAnswer):
                self._put(parcel, then, may_create=False)
            else:
                then(_failure(answer))

        self._as_service(parcel, "logs", "PutLogEvents", place | {"logEvents": (event,)}, answered)

    def _as_service(
        self,
        parcel: Parcel,
        service: str,
        action: str,
        parameters: dict[str, Any],
        then: Callable[[Any], None],
    ) -> None:
        """Call another service for a rule."""
        call = ApiCall(
            service=service,
            region=self.config.region,
            action=action,
            parameters=parameters,
            principal=Principal(
                kind="AWSService",
                account=parcel.account,
                arn="",
                invoked_by=_NAME,
                source_arn=parcel.about,
            ),
            source_ip=_NAME,
            user_agent=_NAME,
        )
        config = self.config
        assert isinstance(config, EventsConfig), "EventBridge knows its targets"
        to = config.sns if service == "sns" else config.logs
        self.call(to, call, then, timeout_ns=TARGET_TIMEOUT_NS)


def _failure(answer: Any) -> str:
    """Return why a call did not do what it should; "" if it did."""
    return "" if isinstance(answer, ApiAnswer) else f"{type(answer).__name__}: {answer}"
