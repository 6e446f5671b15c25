"""CreateTopic: a topic, or the ARN of the one that is there already.

Source: SNS API Reference, CreateTopic.
"""

import re
from typing import Any, Final

from regions.errors import UnsupportedOperationException
from regions.service.operation import Desk, Operation, Values, Wanted
from regions.sns.changes import Topic
from regions.sns.errors import InvalidParameterException
from regions.sns.places import topic_arn
from regions.sns.policies import check_policy, default_policy
from regions.sns.wants import refuse_attributes
from regions.trail.operation import refuse_unmodelled

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
ATTRIBUTES: Final = ("Policy", "DisplayName")
DISPLAY_NAME_MAX: Final = 100


def check_attributes(given: Values) -> None:
    """Refuse attributes of a topic that are malformed or not modelled.

    Raises:
      InvalidParameterException: a value breaks a rule.
      UnsupportedOperationException: one is not modelled.
    """
    refuse_attributes(given, ATTRIBUTES)
    if "Policy" in given:
        check_policy(given["Policy"])
    if len(given.get("DisplayName", "")) > DISPLAY_NAME_MAX:
        raise InvalidParameterException(
            "Invalid parameter: DisplayName Reason: must be less than or equal to 100 characters"
        )


def _arn(desk: Desk, parameters: Values) -> str:
    return topic_arn(desk.region, desk.account, parameters["Name"])


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "DataProtectionPolicy")
    name, given = parameters["Name"], parameters.get("Attributes", {})
    if name.endswith(".fifo") or given.get("FifoTopic") == "true":
        raise UnsupportedOperationException("FIFO topics are not modelled")
    if _NAME.fullmatch(name) is None:
        raise InvalidParameterException("Invalid parameter: Topic Name")
    check_attributes(given)
    arn = _arn(desk, parameters)
    topic: Topic | None = desk.state.topics.get(arn)
    if topic is None:
        desk.change(
            Topic(
                arn=arn,
                account=desk.account,
                policy=given.get("Policy") or default_policy(arn, desk.account),
                display_name=given.get("DisplayName", ""),
                tags={tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())},
            )
        )
    else:
        there = {"Policy": topic.policy, "DisplayName": topic.display_name}
        if any(there[attribute] != value for attribute, value in given.items()):
            raise InvalidParameterException(
                "Invalid parameter: Attributes Reason: Topic already exists with different"
                " attributes"
            )
    return {"TopicArn": arn}


def _wants(desk: Desk, parameters: Values) -> Wanted:
    return Wanted(
        action="SNS:CreateTopic",
        resource=_arn(desk, parameters),
        account=desk.account,
        request_tags={tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())},
    )


OPERATION = Operation(name="CreateTopic", perform=_perform, read_only=False, wants=_wants)
