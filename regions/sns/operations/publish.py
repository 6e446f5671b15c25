"""Publish: a message goes to every confirmed subscription of a topic.

Once the caller has its answer the message is kept until each endpoint has taken it, or has refused
it often enough.
Source: SNS API Reference, Publish: sizes, Subject, MessageStructure.
"""

import json
from typing import Any, Final

from regions.service.operation import Desk, Values
from regions.service.texts import storable
from regions.sns.envelopes import notification
from regions.sns.errors import InvalidParameterException
from regions.sns.wants import find_topic, now_ms, on_topic, parcel
from regions.trail.operation import refuse_unmodelled

SIZE_MAX: Final = 262_144
SUBJECT_MAX: Final = 100


def _of_protocol(parameters: Values, protocol: str) -> str:
    """Return what a protocol's endpoints get."""
    message: str = parameters["Message"]
    structure = parameters.get("MessageStructure", "")
    if not structure:
        return message
    if structure != "json":
        raise InvalidParameterException("Invalid parameter: MessageStructure")
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidParameterException(
            "Invalid parameter: Message Structure - JSON message body failed to parse"
        )
    if not isinstance(found.get("default"), str):
        raise InvalidParameterException(
            "Invalid parameter: Message Structure - No default entry in JSON message body"
        )
    chosen = found.get(protocol, found["default"])
    return storable(chosen if isinstance(chosen, str) else found["default"])


def _attributes(given: Values) -> dict[str, Any]:
    """Return message attributes as envelopes show them."""
    shown = {}
    for name, attribute in given.items():
        kind = attribute["DataType"]
        if "StringValue" not in attribute:
            raise InvalidParameterException(
                f"Invalid parameter: MessageAttributes Reason: The message attribute '{name}' with"
                f" type '{kind}' must use field 'String'; 'Binary' is not modelled."
            )
        shown[name] = {"Type": kind, "Value": attribute["StringValue"]}
    return shown


def _check(parameters: Values) -> None:
    message, subject = parameters["Message"], parameters.get("Subject")
    if not message:
        raise InvalidParameterException("Invalid parameter: Empty message")
    size = len(message.encode()) + sum(
        len(name.encode()) + sum(len(str(value).encode()) for value in attribute.values())
        for name, attribute in parameters.get("MessageAttributes", {}).items()
    )
    if size > SIZE_MAX:
        raise InvalidParameterException("Invalid parameter: Message too long")
    if subject is not None and not (0 < len(subject) <= SUBJECT_MAX and subject.isprintable()):
        raise InvalidParameterException("Invalid parameter: Subject")


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "PhoneNumber", "MessageDeduplicationId", "MessageGroupId")
    arn = parameters.get("TopicArn") or parameters.get("TargetArn") or ""
    topic = find_topic(desk, arn)
    _check(parameters)
    message: dict[str, Any] = {"MessageId": desk.rng("message").uuid()}
    if "Subject" in parameters:
        message["Subject"] = parameters["Subject"]
    message["MessageAttributes"] = _attributes(parameters.get("MessageAttributes", {}))
    message["Message"] = _of_protocol(parameters, "http")  # The one protocol that there is.
    for subscription in desk.state.of_topic(topic.arn):
        if subscription.confirmed:
            headers, body = notification(subscription, message, now_ms(desk), desk.state.url)
            desk.change(parcel(desk, subscription, headers, body))
    return {"MessageId": message["MessageId"]}


OPERATION = on_topic("Publish", _perform, recorded=False)
