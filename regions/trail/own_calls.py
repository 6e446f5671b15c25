"""The calls that CloudTrail itself makes, on behalf of a trail: who calls, and with what.

Also how long it waits after calls that failed.

What does not belong here: when it calls whom (checks.py, sinks/).
Source: CloudTrail User Guide, policies of buckets, topics and keys: the principal of the service,
with aws:SourceArn and aws:SourceAccount of the trail.
"""

from dataclasses import replace
from typing import Any, Final

from regions.calls import ApiCall, Principal
from regions.trail.deliveries import RETRY_MAX_NS, RETRY_NS
from regions.trail.trails import OWN_SOURCE

#: The name of the session in which CloudTrail writes to a log group. Source: real records.
LOGS_SESSION: Final = "CLOUDWATCH_LOGS_DELIVERY_SESSION"


def cloudtrail(account: str, trail: str) -> Principal:
    """Return CloudTrail as it acts for one trail.

    Args:
      account: the trail's.
      trail: its ARN.
    """
    return Principal(
        kind="AWSService", account=account, arn="", invoked_by=OWN_SOURCE, source_arn=trail
    )


def own_call(
    service: str, region: str, action: str, parameters: dict[str, Any], principal: Principal
) -> ApiCall:
    """Return a call that CloudTrail makes.

    Args:
      service: that is called, such as ``kms``.
      region: whose endpoint is called.
      action: such as ``GenerateDataKey``.
      parameters: as the service's model names them.
      principal: CloudTrail itself, or the session of a role that it has assumed.
    """
    return ApiCall(
        service=service,
        region=region,
        action=action,
        parameters=parameters,
        principal=principal,
        source_ip=OWN_SOURCE,
        user_agent=OWN_SOURCE,
    )


def in_session(role: Principal, begun_ns: int) -> Principal:
    """Return the session of a role that CloudTrail has assumed.

    Args:
      role: the session as IAM knows it, with its policies.
      begun_ns: calendar time of the session's beginning.
    """
    return replace(role, invoked_by=OWN_SOURCE, session_ns=begun_ns)


def pause_ns(failures: int) -> int:
    """Return how long to wait after so many failures in a row: doubling, within bounds."""
    return min(RETRY_NS << min(failures - 1, 10), RETRY_MAX_NS)
