"""People who have prepared for misuse: an event rule tells them, and they switch the key off.

When it begins, a responder makes a topic, subscribes to it, and puts a rule on the region's bus
whose target the topic is. Of each event that it then hears of, it disables the key that the event
is about, with its own permissions, once. It needs a topology with ``services = true``.
What does not belong here: the misuse (leak.py), and how events reach a rule (regions/events).
Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from regions.sns.messages import Deliver, Delivered
from scenarios.postman import endpoint_of
from scenarios.workloads.leak import FOREIGN_ADDRESS
from scenarios.workloads.sdk import CallerSettings, SdkClient, Unavailable
from sim.actor import Request
from sim.units import seconds

_TAKEN: Final = 200
#: What was refused or not answered is tried again after this; chosen.
_AGAIN_NS: Final = seconds(5)
_EVENTS: Final = "events.amazonaws.com"
#: A rule in this state sees Decrypt, which is a read-only management event.
_STATE: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderSettings(CallerSettings):
    """What a responder waits for."""

    event: str = "Decrypt"  #: eventName
    address: str = FOREIGN_ADDRESS  #: sourceIPAddress of whom it is not expected


class Responder(SdkClient):
    """People who let an event rule tell them of misuse, and disable the key."""

    Settings: ClassVar[type[Any] | None] = ResponderSettings
    label: ClassVar[str] = "responder"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({Deliver})

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
            "Principal": {"Service": _EVENTS},
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
        seen = {"eventName": [settings.event], "sourceIPAddress": [settings.address]}
        pattern = json.dumps({"source": ["aws.kms"], "detail": seen})
        await self._until_done("events", "PutRule", Name=name, EventPattern=pattern, State=_STATE)
        targets = ({"Id": "topic", "Arn": topic},)
        await self._until_done("events", "PutTargets", Rule=name, Targets=targets)

    def receive(self, request: Request) -> None:
        """Take a message, and act on it."""
        body: Mapping[str, Any] = json.loads(request.body.body)
        request.reply(Delivered(status=_TAKEN))
        if body["Type"] == "SubscriptionConfirmation":
            self.spawn(self._confirm, body["TopicArn"], body["Token"])
        elif body["Type"] == "Notification":
            self.spawn(self._respond, json.loads(body["Message"])["detail"])

    async def _confirm(self, topic: str, token: str) -> None:
        await self._until_done("sns", "ConfirmSubscription", TopicArn=topic, Token=token)

    async def _respond(self, event: Mapping[str, Any]) -> None:
        """Disable the keys that an event is about."""
        for resource in event.get("resources", ()):
            key = resource["ARN"]
            if key not in self._done:
                self._done.add(key)
                await self._until_done("kms", "DisableKey", KeyId=key)
                self.note("response", action="DisableKey", key=key.rpartition("/")[2])
