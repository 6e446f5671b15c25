"""What CloudTrail asks of other services on behalf of a trail, and how it waits after a failure.

What does not belong here: any one sink (sinks/).
Source: CloudTrail User Guide, "How AWS CloudTrail uses AWS KMS": records of 2024 name the service
as source address and user agent.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.calls import ApiCall, Principal
from regions.names import partition
from regions.s3.access import CLOUDTRAIL, cloudtrail
from regions.trail.deliveries import RETRY_MAX_NS, RETRY_NS

_ALLOW_LOGS: Final = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}'
)
#: The name of the session in which CloudTrail writes to a log group. Source: real records.
SESSION: Final = "CLOUDWATCH_LOGS_DELIVERY_SESSION"


def own_call(
    service: str,
    region: str,
    action: str,
    parameters: Mapping[str, Any],
    *,
    trail: str,
    principal: Principal | None = None,
) -> ApiCall:
    """Return a call by CloudTrail for one trail.

    Args:
      region: whose endpoint is asked.
      trail: its ARN.
      principal: by default the service itself, acting for the trail.
    """
    return ApiCall(
        service=service,
        region=region,
        action=action,
        parameters=dict(parameters),
        principal=principal or cloudtrail(trail.split(":")[4], trail),
        source_ip=CLOUDTRAIL,
        user_agent=CLOUDTRAIL,
    )


def role_session(role_arn: str, region: str) -> Principal:
    """Return a session of a role that nobody keeps: where a world has no IAM, roles may do all."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return Principal(
        kind="AssumedRole",
        account=account,
        arn=f"arn:{partition(region)}:sts::{account}:assumed-role/{name}/{SESSION}",
        principal_id=f"AROA{'CLOUDTRAIL'.ljust(17, 'X')}:{SESSION}",
        user_name=name,
        issuer_arn=role_arn,
        invoked_by=CLOUDTRAIL,
        policies=(_ALLOW_LOGS,),
    )


def pause_ns(failures: int) -> int:
    """Return how long to wait after so many failures in a row: doubling, within bounds."""
    return min(RETRY_NS << min(failures - 1, 10), RETRY_MAX_NS)
