"""What an enriched event says beside its record: eventContext, for event data stores alone.

Event history, trails, EventBridge and LookupEvents never have it. Tags are those that a resource
and a principal had when the call was made. Whose they are is told to their own account alone: of
a call between accounts the caller's event has no tags of the resource, and its owner's event has
neither condition keys nor tags of the caller (CloudTrail says that he might not see them; chosen).
Not modelled: the service-linked role AWSServiceRoleForCloudTrailEventContext, without which there
are no tags of resources, and their delay of some services after a change; buckets have no tags.
What does not belong here: which keys a store wants (lake/), and the other members (json_shape.py).
Source: CloudTrail User Guide, "Enrich CloudTrail events by adding resource tag keys and IAM global
condition keys", the queries there on eventContext.tagContext (resourceTags with arn and tags,
principalTags), and "CloudTrail record contents", eventContext. That one list of keys, TagContext,
is for resources and principals alike is chosen: two types of keys are all that there is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from regions.calls import ApiCall
from regions.policy.request import request_context
from regions.trail.record import DATA, MANAGEMENT, AuditRecord, Tags, recipient
from sim.units import NS_PER_SECOND

TAG_CONTEXT: Final = "TagContext"
REQUEST_CONTEXT: Final = "RequestContext"

#: The condition keys that can be had, as they are spelt. Source: User Guide, "Supported IAM
#: global condition keys for enriched events". Those of organisations never have a value here.
REQUEST_KEYS: Final = (
    "aws:FederatedProvider",
    "aws:TokenIssueTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:ViaAWSService",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:SourceAccount",
    "aws:SourceOrgID",
)

#: Services whose events tell condition keys, of those that are modelled; all tell tags.
#: Source: User Guide, "AWS services supporting IAM global condition keys".
_TELLING: Final = frozenset(
    f"{service}.amazonaws.com"
    for service in ("cloudtrail", "events", "kms", "logs", "monitoring", "secretsmanager", "sns")
)


def event_context(
    record: AuditRecord, wanted: Sequence[tuple[str, tuple[str, ...]]]
) -> dict[str, Any] | None:
    """Return the eventContext of an event; None of one that has none.

    Args:
      wanted: TagContext and RequestContext, each with the keys of that type.
    """
    if not wanted or record.raw or record.category not in (MANAGEMENT, DATA):
        return None
    keys = dict(wanted)
    if record.addendum:  # Of events that come late nothing is found out.
        return {"requestContext": {}, "tagContext": {}}
    return {
        "requestContext": _request(record, keys.get(REQUEST_CONTEXT, ())),
        "tagContext": _tags(record, keys.get(TAG_CONTEXT, ())),
    }


def _is_callers_own(record: AuditRecord) -> bool:
    return record.event_type == "AwsApiCall" and recipient(record) == record.principal.account


def _request(record: AuditRecord, keys: Sequence[str]) -> dict[str, Any]:
    """Return those condition keys of a call that are wanted and had a value."""
    if not keys or record.source not in _TELLING or not _is_callers_own(record):
        return {}
    call = ApiCall(
        service=record.source.partition(".")[0],
        region=record.region,
        action=record.name,
        parameters={},
        principal=record.principal,
        source_ip=record.source_ip,
        user_agent=record.user_agent,
        secure=record.connection is None or bool(record.connection.tls_version),
    )
    seen: dict[str, Any] = dict(request_context(call, record.time_ns))
    # Times read otherwise than in policies. Source: example values of the table of keys.
    at = datetime.fromtimestamp(record.time_ns // NS_PER_SECOND, UTC)
    seen["aws:currenttime"] = f"{at:%Y-%m-%d %H:%M:%S}"
    if record.principal.session_ns:
        seen["aws:tokenissuetime"] = str(record.principal.session_ns // NS_PER_SECOND)
    return {key: seen[key.lower()] for key in keys if key.lower() in seen}


def _tags(record: AuditRecord, keys: Sequence[str]) -> dict[str, Any]:
    """Return the tags of resources and principal that are wanted and there."""
    found: dict[str, Any] = {}
    resources = [
        {"arn": arn, "tags": chosen}
        for arn, tags in record.tagged
        if _is_near(arn, record) and (chosen := _chosen(tags, keys))
    ]
    if resources:
        found["resourceTags"] = resources
    principal = _chosen(record.principal.tags, keys) if _is_callers_own(record) else {}
    if principal:
        found["principalTags"] = principal
    return found


def _is_near(arn: str, record: AuditRecord) -> bool:
    """Say whether a resource is of the event's region, if of any, and of the account that is told.

    Source: User Guide, "Create an event data store for CloudTrail events": retrieval of tags is
    limited to the event's region.
    """
    _, _, _, region, account, _ = arn.split(":", 5)
    return region in ("", record.region) and account in ("", recipient(record))


def _chosen(tags: Tags, keys: Sequence[str]) -> Mapping[str, str]:
    there = dict(tags)
    return {key: there[key] for key in keys if key in there}
