"""Which calls leave no management event, so that nobody may miss them in event history.

What does not belong here: any service. Source: CloudTrail User Guide, "Logging data events"; SNS,
CloudWatch Logs and EventBridge guides, "Logging API calls with CloudTrail".
"""

from typing import Final

#: (service, action) of data events of services whose other calls are all recorded.
_DATA_EVENTS: Final = frozenset(
    {("sns", "Publish"), ("logs", "PutLogEvents"), ("events", "PutEvents")}
)
#: Most of its calls are data events, and what S3 does for its own ends is its own affair.
_UNJUDGED: Final = frozenset({"s3"})


def is_recorded(service: str, action: str) -> bool:
    """Say whether event history must have a call that was answered."""
    return service not in _UNJUDGED and (service, action) not in _DATA_EVENTS
