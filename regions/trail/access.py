"""Whether a caller may call CloudTrail: identity policies alone decide.

What does not belong here: the policies of buckets that trails deliver to (s3/).
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS
CloudTrail": a trail's own actions name it, the others have no resource.
"""

from typing import Final

from regions.calls import ApiCall
from regions.policy.evaluate import Access, authorize
from regions.policy.request import request_context
from regions.trail.trails import trail_arn

#: Parameters that name the trail that a call is about.
_NAMES: Final = ("Name", "TrailName", "ResourceId", "InsightSource")
#: Actions that name trails and are allowed on all or none.
_OF_ALL: Final = frozenset(
    {"DescribeTrails", "ListInsightsMetricData", "ListTrails", "LookupEvents"}
)


def authorize_call(call: ApiCall, region: str, calendar_ns: int) -> None:
    """Return if the caller may do this.

    Raises:
      AccessDeniedException: he may not, with the service's message.
    """
    for resource in call.parameters.get("ResourceIdList") or (named_trail(call, region),):
        authorize(
            Access(
                principal=call.principal,
                action=f"cloudtrail:{call.action}",
                resource=resource,
                account=call.principal.account,
                resource_policy=None,
                context=lambda: request_context(call, calendar_ns),
            )
        )


def named_trail(call: ApiCall, region: str) -> str:
    """Return the ARN of the trail that a call is about; ``*`` of one about none."""
    if call.action in _OF_ALL:
        return "*"
    for member in _NAMES:
        name = call.parameters.get(member)
        if name and isinstance(name, str):  # Whoever is refused for its shape asks, too.
            arn: str = name if name.startswith("arn:") else ""
            return arn or trail_arn(region, call.principal.account, name)
    return "*"
