"""How one audit record reads as JSON: the true CloudTrail shape, keys in the service's own order.

What does not belong here: the file around the records (slots.py), or reading such JSON back
(activity.py).
Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element";
the order of keys as in files that the service delivered in July 2023.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from regions.calls import Principal
from regions.trail.record import AuditRecord, Resource, recipient
from sim.units import NS_PER_SECOND

#: The version whose fields we write. Source: User Guide; files of July 2023 carry 1.08 and 1.09.
EVENT_VERSION: Final = "1.08"

#: Longest texts and parts, in characters of JSON. Source: User Guide, record contents.
TEXT_MAX: Final = 1024
PART_MAX: Final = 100 * 1024
ADDITIONAL_MAX: Final = 28 * 1024

#: Where an event is made by the service itself, its identity has no type. Source: User Guide.
SERVICE_EVENT: Final = "AwsServiceEvent"

#: Distinct callers whose identity text is remembered, and distinct seconds; chosen.
IDENTITIES_REMEMBERED: Final = 4096
SECONDS_REMEMBERED: Final = 1024

_dumps: Final[Callable[[Any], str]] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode
_quote: Final = encode_basestring


@lru_cache(maxsize=SECONDS_REMEMBERED)
def timestamp(second: int) -> str:
    """Return seconds since 1970 as ``2026-01-01T00:00:00Z``."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bounded(value: dict[str, Any] | None, limit: int) -> str:
    """Return a part as JSON; beyond its limit the service leaves the content out."""
    if value is None:
        return "null"
    text = _dumps(value)
    return text if len(text) <= limit else "null"


def _session(principal: Principal, at: str) -> dict[str, Any]:
    begun_ns = principal.session_ns
    context = _issuer(principal) if principal.issuer_arn else {}
    context["attributes"] = {
        # A session that nobody has asked for is made for its call, so it is as old as the call.
        "creationDate": timestamp(begun_ns // NS_PER_SECOND) if begun_ns else at,
        "mfaAuthenticated": "true" if principal.mfa_ns else "false",
    }
    if principal.source_identity:
        context["sourceIdentity"] = principal.source_identity
    return context


def _issuer(principal: Principal) -> dict[str, Any]:
    role = principal.issuer_arn.rpartition("/")[2]
    return {
        "sessionIssuer": {
            "type": "Role",
            "principalId": principal.principal_id.partition(":")[0],
            "arn": principal.issuer_arn,
            "accountId": principal.account,
            "userName": principal.user_name or role,
        },
        "webIdFederationData": {},
    }


def _identity(principal: Principal, event_type: str, at: str) -> dict[str, Any]:
    if event_type == SERVICE_EVENT:
        return {"accountId": principal.account, "invokedBy": principal.invoked_by}
    identity: dict[str, Any] = {"type": principal.kind}
    if principal.kind != "AWSService":
        identity["principalId"] = principal.principal_id
        identity["arn"] = principal.arn
        identity["accountId"] = principal.account
        if principal.access_key_id:
            identity["accessKeyId"] = principal.access_key_id
        if principal.user_name and principal.kind == "IAMUser":
            identity["userName"] = principal.user_name
        if principal.issuer_arn or principal.session_ns:
            identity["sessionContext"] = _session(principal, at)
    if principal.invoked_by:
        identity["invokedBy"] = principal.invoked_by
    return identity


_AT: Final = "\x00at\x00"
_AT_TEXT: Final = _quote(_AT)
_identities: Final[dict[tuple[str | int, ...], str]] = {}


def _identity_text(record: AuditRecord, at: str) -> str:
    """Return the identity's JSON; equal callers share one text, whatever their policies."""
    p = record.principal
    key = (
        record.event_type,
        p.kind,
        p.account,
        p.arn,
        p.principal_id,
        p.user_name,
        p.access_key_id,
        p.issuer_arn,
        p.invoked_by,
        p.session_ns,
        p.mfa_ns,
        p.source_identity,
    )
    text = _identities.get(key)
    if text is None:
        if len(_identities) >= IDENTITIES_REMEMBERED:
            _identities.clear()
        text = _identities[key] = _dumps(_identity(p, record.event_type, _AT))
    return text.replace(_AT_TEXT, f'"{at}"') if p.issuer_arn else text


def _resource_text(resource: Resource) -> str:
    return (
        f'{{"accountId":"{resource.account}","type":{_quote(resource.kind)},'
        f'"ARN":{_quote(resource.arn)}}}'
    )


def json_text(record: AuditRecord) -> str:
    """Return one record as the JSON object that stands in a delivered file.

    Recorded activity keeps the text it came with. Parts beyond their limit become null, texts
    are cut at 1 KB. The principal's policies are never shown.
    """
    if record.raw:
        return record.raw
    at = timestamp(record.time_ns // NS_PER_SECOND)
    head = (
        f'{{"eventVersion":"{EVENT_VERSION}","userIdentity":{_identity_text(record, at)},'
        f'"eventTime":"{at}","eventSource":{_quote(record.source)},'
        f'"eventName":{_quote(record.name)},"awsRegion":{_quote(record.region)},'
        f'"sourceIPAddress":{_quote(record.source_ip)},'
        f'"userAgent":{_quote(record.user_agent[:TEXT_MAX])}'
    )
    parts = [head]
    if record.error_code:
        parts.append(f',"errorCode":{_quote(record.error_code[:TEXT_MAX])}')
        if record.error_message:
            parts.append(f',"errorMessage":{_quote(record.error_message[:TEXT_MAX])}')
    parts.append(
        f',"requestParameters":{_bounded(record.request_parameters, PART_MAX)},'
        f'"responseElements":{_bounded(record.response_elements, PART_MAX)}'
    )
    if record.additional is not None:
        parts.append(f',"additionalEventData":{_bounded(record.additional, ADDITIONAL_MAX)}')
    if record.request_id:
        parts.append(f',"requestID":{_quote(record.request_id)}')
    read_only = "true" if record.read_only else "false"
    parts.append(f',"eventID":"{record.event_id}","readOnly":{read_only}')
    if record.resources:
        parts.append(f',"resources":[{",".join(map(_resource_text, record.resources))}]')
    management = "true" if record.category == "Management" else "false"
    parts.append(
        f',"eventType":"{record.event_type}","managementEvent":{management},'
        f'"recipientAccountId":"{recipient(record)}"'
    )
    if record.service_event is not None:
        parts.append(f',"serviceEventDetails":{_bounded(record.service_event, PART_MAX)}')
    parts.append(f',"eventCategory":"{record.category}"}}')
    return "".join(parts)


def to_json(record: AuditRecord) -> dict[str, Any]:
    """Return one record as the dictionary that stands in a delivered file."""
    shape: dict[str, Any] = json.loads(json_text(record))
    return shape
