"""Actor: CloudWatch Logs of one region, with as much of CloudWatch as an alarm on a metric filter.

Encryption of log groups, other classes than STANDARD, subscription filters, queries and regular
expressions in patterns are not modelled.
What does not belong here: any one action (operations/), and its state (state.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.calls import ApiAnswer, ApiCall, Principal
from regions.logs.alarms import CLOUDWATCH, alarm_arn, fed, notification
from regions.logs.changes import CHANGES, Alarm, AlarmFed, MetricCounted
from regions.logs.messages import AlarmPut, LogMetric, LogMetrics, PutAlarm, ReadMetrics
from regions.logs.operations import OPERATIONS
from regions.logs.state import LogsState
from regions.service.operation import Desk, Operation
from regions.service.outbox import Parcel
from regions.service.post import Post, Then
from regions.service.service import Service, ServiceConfig
from regions.service.state import State, state_codec
from sim.actor import Request
from sim.units import seconds
from sim.wire import Codec

#: Doubled from one second on; together some 18 hours; chosen, as EventBridge's.
RETRIES_NS: Final = tuple(seconds(2**number) for number in range(16))
TOPIC_TIMEOUT_NS: Final = seconds(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsConfig(ServiceConfig):
    """Also, whom alarms tell: the region's SNS."""

    sns: str


class Logs(Service):
    """Log groups of all accounts in one region."""

    kind = "logs"
    service, source = "logs", "logs.amazonaws.com"
    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS
    codec: ClassVar[Codec] = state_codec(CHANGES)

    inline: ClassVar[frozenset[type[Any]]] = frozenset({ReadMetrics, PutAlarm})
    asks: ClassVar[tuple[str, ...]] = ("sns",)

    def new_state(self) -> State:
        """Return an empty state."""
        return LogsState()

    def start(self) -> None:
        """Read the journal, and tell what was not told yet."""
        super().start()
        assert isinstance(self.state, LogsState), "as new_state made it"
        self.post = Post(
            self,
            self.state.outbox,
            self._tell,
            RETRIES_NS,
            lambda change: self.journal.keep([change], self.state),
        )
        self.post.resume()

    def receive(self, request: Request) -> None:
        """Tell what metric filters have counted, or set an alarm."""
        assert isinstance(self.state, LogsState), "as new_state made it"
        body = request.body
        if isinstance(body, PutAlarm):
            alarm = Alarm(
                account=body.account,
                name=body.name,
                namespace=body.namespace,
                metric=body.metric,
                threshold=body.threshold,
                period_s=body.period_s,
                topic=body.topic,
            )
            self.state.apply(alarm)
            self.journal.keep([alarm], self.state, lambda: request.reply(AlarmPut()))
            return
        request.reply(
            LogMetrics(
                metrics=tuple(
                    LogMetric(
                        account=account,
                        namespace=namespace,
                        name=name,
                        dimensions=dimensions,
                        total=total,
                        samples=samples,
                    )
                    for (account, namespace, name, dimensions), (total, samples) in sorted(
                        self.state.metrics.items()
                    )
                )
            )
        )

    # Alarms.

    async def _keep(self, desk: Desk) -> None:
        for grown in [change for change in desk.changed if isinstance(change, MetricCounted)]:
            for alarm, level, rings in fed(desk.state, grown, desk.now_ns):
                desk.change(level)
                if rings:
                    desk.change(self._parcel(alarm, level, desk))
        await super()._keep(desk)
        self.post.take(desk.changed)

    def _parcel(self, alarm: Alarm, level: AlarmFed, desk: Desk) -> Parcel:
        region = self.config.region
        return Parcel(
            parcel_id=desk.rng("parcel").uuid(),
            to=alarm.topic,
            about=alarm_arn(region, alarm),
            account=alarm.account,
            body=notification(region, alarm, level, desk.now_ns),
        )

    def _tell(self, parcel: Parcel, then: Then) -> None:
        """Publish once that an alarm was raised."""
        assert isinstance(self.config, LogsConfig), "Logs knows SNS"
        call = ApiCall(
            service="sns",
            region=self.config.region,
            action="Publish",
            parameters={"TopicArn": parcel.to, "Message": parcel.body},
            principal=Principal(
                kind="AWSService",
                account=parcel.account,
                arn="",
                invoked_by=CLOUDWATCH,
                source_arn=parcel.about,
            ),
            source_ip=CLOUDWATCH,
            user_agent=CLOUDWATCH,
        )

        def answered(answer: Any) -> None:
            taken = isinstance(answer, ApiAnswer)
            then("" if taken else f"{type(answer).__name__}: {answer}")

        self.call(self.config.sns, call, answered, timeout_ns=TOPIC_TIMEOUT_NS)
