"""Topic policies: the one that every new topic has, and the check of those that callers bring.

What does not belong here: who may do what (policy/).
Source: SNS Developer Guide, "Default policy" as GetTopicAttributes returns it; the refusal of a
policy as observed.
"""

import json

from regions.policy.document import compile_resource_policy
from regions.policy.flaws import PolicyError
from regions.sns.errors import InvalidParameterException

_ACTIONS = (
    *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission"),
    *("DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"),
)


def default_policy(arn: str, account: str) -> str:
    """Return the policy of a topic that was created without one."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def check_policy(text: str) -> None:
    """Refuse what is no policy of a topic.

    Raises:
      InvalidParameterException: it is none.
    """
    try:
        compile_resource_policy(text)
    except PolicyError:
        raise InvalidParameterException("Invalid parameter: Policy Error: null") from None
