"""People who have prepared for misuse: an event rule tells them, and they switch the key off.

When it begins, a responder makes a topic, subscribes to it, and has it told of misuse: by a rule on
the region's bus, or by an alarm on a metric filter of the trail's log group, which exists in the
trail's home region. An event tells which key it is about; after an alarm the responder looks the
events up. It disables the key with its own permissions, once. It needs ``services = true``.
What does not belong here: the misuse (leak.py), and how events reach a rule (regions/events).
Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"; CloudTrail User
Guide, "Creating CloudWatch alarms for CloudTrail events". Threshold and period are chosen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from regions.errors import ServiceError
from regions.logs.messages import PutAlarm
from regions.sns.messages import Deliver, Delivered
from scenarios.outlets import TRAIL_GROUP
from scenarios.postman import endpoint_of
from scenarios.workloads.leak import FOREIGN_ADDRESS
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.actor import Expired, Request
from sim.units import seconds
from sim.wire import Refusal

_TAKEN: Final = 200
#: What was refused or not answered is tried again after this; chosen.
_AGAIN_NS: Final = seconds(5)
_EVENTS: Final = "events.amazonaws.com"
_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_NAMESPACE: Final = "Misuse"
#: So much misuse in so long raises the alarm.
_THRESHOLD: Final = 3.0
_PERIOD_S: Final = 300
#: A rule in this state sees Decrypt, which is a read-only management event.
_STATE: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderSettings(CallerSettings):
    """What a responder waits for."""

    event: str = "Decrypt"  #: eventName
    address: str = FOREIGN_ADDRESS  #: sourceIPAddress of whom it is not expected
    by: Literal["rule", "alarm"] = "rule"  #: what tells the responder


class Responder(SdkClient):
    """People who let an event rule tell them of misuse, and disable the key."""

    Settings: ClassVar[type[Any] | None] = ResponderSettings
    label: ClassVar[str] = "responder"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({Deliver})
    asks: ClassVar[tuple[str, ...]] = ("router", "logs")

    def start(self) -> None:
        """Get ready."""
        self._done: set[str] = set()
        self.spawn(self._prepare)

    async def _until_done(self, service: str, action: str, **parameters: Any) -> dict[str, Any]:
        """Call until the service has done it."""
        while True:
            try:
                return await self.api(action, parameters, service=service)
            except (ServiceError, Unavailable):
                await self.sleep(_AGAIN_NS)

    async def _prepare(self) -> None:
        settings: ResponderSettings = self.config.settings
        name = self.name.rpartition("/")[2]
        made = await self._until_done("sns", "CreateTopic", Name=name)
        topic = made["TopicArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": [_EVENTS, _CLOUDWATCH]},
            "Action": "SNS:Publish",
            "Resource": topic,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        await self._until_done(
            "sns",
            "SetTopicAttributes",
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=policy,
        )
        where = {"Protocol": "http", "Endpoint": endpoint_of(self.name)}
        await self._until_done("sns", "Subscribe", TopicArn=topic, **where)
        if settings.by == "alarm":
            await self._set_alarm(name, topic, settings)
            return
        seen = {"eventName": [settings.event], "sourceIPAddress": [settings.address]}
        pattern = json.dumps({"source": ["aws.kms"], "detail": seen})
        await self._until_done("events", "PutRule", Name=name, EventPattern=pattern, State=_STATE)
        targets = ({"Id": "topic", "Arn": topic},)
        await self._until_done("events", "PutTargets", Rule=name, Targets=targets)

    async def _set_alarm(self, name: str, topic: str, settings: ResponderSettings) -> None:
        """Count misuse in the trail's log group, and have the topic told when there is much."""
        seen = f'$.eventName = "{settings.event}"'
        pattern = f'{{ ({seen}) && ($.sourceIPAddress = "{settings.address}") }}'
        metric = {"metricName": name, "metricNamespace": _NAMESPACE, "metricValue": "1"}
        await self._until_done(
            "logs",
            "PutMetricFilter",
            logGroupName=TRAIL_GROUP,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=(metric,),
        )
        alarm = PutAlarm(
            account=self.config.principal.account,
            name=name,
            namespace=_NAMESPACE,
            metric=name,
            threshold=_THRESHOLD,
            period_s=_PERIOD_S,
            topic=topic,
        )
        while True:
            try:
                await self.ask(f"{self.config.region}/logs", alarm)
            except (Refusal, Expired):
                await self.sleep(_AGAIN_NS)
            else:
                return

    def receive(self, request: Request) -> None:
        """Take a message, and act on it."""
        body: Mapping[str, Any] = json.loads(request.body.body)
        request.reply(Delivered(status=_TAKEN))
        if body["Type"] == "SubscriptionConfirmation":
            self.spawn(self._confirm, body["TopicArn"], body["Token"])
        elif body["Type"] == "Notification":
            message = json.loads(body["Message"])
            if "detail" in message:
                self.spawn(self._respond, message["detail"])
            else:
                self.spawn(self._investigate)

    async def _confirm(self, topic: str, token: str) -> None:
        await self._until_done("sns", "ConfirmSubscription", TopicArn=topic, Token=token)

    async def _investigate(self) -> None:
        """Find out in event history which keys an alarm is about."""
        settings: ResponderSettings = self.config.settings
        wanted = ({"AttributeKey": "EventName", "AttributeValue": settings.event},)
        found = await self._until_done("cloudtrail", "LookupEvents", LookupAttributes=wanted)
        for entry in found["Events"]:
            event = json.loads(entry["CloudTrailEvent"])
            if event["sourceIPAddress"] == settings.address:
                await self._respond(event)

    async def _respond(self, event: Mapping[str, Any]) -> None:
        """Disable the keys that an event is about."""
        for resource in event.get("resources", ()):
            key = resource["ARN"]
            if key not in self._done:
                self._done.add(key)
                await self._until_done("kms", "DisableKey", KeyId=key)
                self.note("response", action="DisableKey", key=key.rpartition("/")[2])
