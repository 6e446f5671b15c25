"""How one audit record reads as JSON: the true CloudTrail shape, keys in the service's own order.

edgeDeviceDetails, vpcEndpointId and vpcEndpointAccountId never occur: there is no edge device and
no VPC endpoint in the model.
What does not belong here: who called (identities.py), what an enriched event says beside its
record (enrichment.py), the file around the records (slots.py), or reading such JSON back
(activity.py).
Source: CloudTrail User Guide, "CloudTrail record contents"; the order of keys, eventVersion and
apiVersion as in files that the service delivered in July 2023.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from regions.calls import Connection
from regions.names import partition
from regions.trail.identities import begins_with_its_call, identity
from regions.trail.record import SERVICE_EVENT, AuditRecord, Resource, recipient, timestamp
from sim.units import NS_PER_SECOND

#: The version whose fields we write: none of those that later versions brought is ever there.
EVENT_VERSION: Final = "1.08"
#: Services whose records carry another one.
EVENT_VERSIONS: Final = {"cloudtrail.amazonaws.com": "1.09"}
#: apiVersion of the services that show one; AwsApiCall events alone do.
API_VERSIONS: Final = {"events.amazonaws.com": "2015-10-07", "logs.amazonaws.com": "20140328"}

#: Actions of KMS whose records show that they used nothing.
SHOWN_EMPTY: Final = ("GenerateRandom", "ListAliases")

#: The version of events that have an eventContext. Source: User Guide, record contents.
CONTEXT_VERSION: Final = "1.11"

#: Longest texts and parts, in characters of JSON. Source: User Guide, record contents.
TEXT_MAX: Final = 1024
PART_MAX: Final = 100 * 1024
ADDITIONAL_MAX: Final = 28 * 1024
EVENT_MAX: Final = 256 * 1024
#: What each member may have at most; in the order in which members of large events are cut.
#: Source: User Guide, "Field truncation order for maximum event size of 1 MB". No size is told
#: of eventContext: where its turn has come, it is left out.
MEMBER_MAX: Final[Mapping[str, int]] = {
    "requestID": TEXT_MAX,
    "additionalEventData": ADDITIONAL_MAX,
    "serviceEventDetails": PART_MAX,
    "userAgent": TEXT_MAX,
    "errorCode": TEXT_MAX,
    "eventContext": 0,
    "responseElements": PART_MAX,
    "requestParameters": PART_MAX,
    "errorMessage": TEXT_MAX,
}
#: An event beyond its limit loses these, one by one, until it fits; the order is chosen.
GIVEN_UP: Final = ("responseElements", "requestParameters", "serviceEventDetails")

#: What an event of the size Large may have in all, and its members until then: anything.
LARGE_EVENT_MAX: Final = 1024 * 1024
_UNCUT: Final[Mapping[str, int]] = dict.fromkeys(MEMBER_MAX, sys.maxsize)

#: What botocore with OpenSSL 3 and a regional endpoint agree on; chosen as the most common.
SDK_TLS_VERSION: Final = "TLSv1.3"
SDK_CIPHER_SUITE: Final = "TLS_AES_128_GCM_SHA256"

#: Distinct callers whose identity text is remembered, and connections; chosen.
IDENTITIES_REMEMBERED: Final = 4096
CONNECTIONS_REMEMBERED: Final = 1024

_dumps: Final[Callable[[Any], str]] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode
_quote: Final = encode_basestring


def endpoint_host(source: str, region: str) -> str:
    """Return the host name of a service's endpoint, such as ``kms.us-east-1.amazonaws.com``."""
    service = source.partition(".")[0]
    suffix = "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"
    return f"iam.{suffix}" if service == "iam" else f"{service}.{region}.{suffix}"


def _bounded(name: str, value: dict[str, Any] | None, limit: int) -> str:
    """Return a part as JSON; of one beyond its limit, the size alone, as real records do."""
    if value is None:
        return "null"
    text = _dumps(value)
    return text if len(text) <= limit else _omitted(name, len(text))


def _omitted(name: str, size: int) -> str:
    return f'{{"reason":"{name} too large","omitted":"true","originalSize":"{size}"}}'


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
        text = _identities[key] = _dumps(identity(p, record.event_type, _AT))
    return text.replace(_AT_TEXT, f'"{at}"') if begins_with_its_call(p) else text


def _resource_text(resource: Resource) -> str:
    account = f'"accountId":"{resource.account}",' if resource.account else ""
    return f'{{{account}"type":{_quote(resource.kind)},"ARN":{_quote(resource.arn)}}}'


@lru_cache(maxsize=CONNECTIONS_REMEMBERED)
def _default_tls(source: str, region: str) -> str:
    host = endpoint_host(source, region)
    return _tls(Connection(host=host, tls_version=SDK_TLS_VERSION, cipher_suite=SDK_CIPHER_SUITE))


@lru_cache(maxsize=CONNECTIONS_REMEMBERED)
def _tls(connection: Connection) -> str:
    """Return the tlsDetails, as far as there are any: of plain HTTP, the host alone."""
    details = {
        "tlsVersion": connection.tls_version,
        "cipherSuite": connection.cipher_suite,
        "clientProvidedHostHeader": connection.host,
    }
    seen = {name: value for name, value in details.items() if value}
    return f',"tlsDetails":{_dumps(seen)}' if seen else ""


def _connection_text(record: AuditRecord) -> str:
    """Return what a record shows of how its call came; nothing of calls between services."""
    connection = record.connection
    if connection is not None:
        console = ',"sessionCredentialFromConsole":"true"' if connection.console else ""
        return _tls(connection) + console
    if record.principal.invoked_by or record.event_type == SERVICE_EVENT:
        return ""
    return _default_tls(record.source, record.region)


def json_text(record: AuditRecord) -> str:
    """Return one record as the JSON object that stands in a delivered file.

    Recorded activity keeps the text it came with. Texts are cut at 1 KB; of parts beyond their
    limit the size is told in their place, and of further parts while the event is larger than
    256 KB. The principal's policies are never shown.
    """
    if record.raw:
        return record.raw
    text = _text(record, MEMBER_MAX)
    given_up = 0
    while len(text) > EVENT_MAX and given_up < len(GIVEN_UP):
        given_up += 1
        text = _text(record, {**MEMBER_MAX, **dict.fromkeys(GIVEN_UP[:given_up], 0)})
    return text


def large_json_text(record: AuditRecord, context: dict[str, Any] | None = None) -> str:
    """Return one record as an event data store for large events keeps it.

    Nothing is cut unless the event is larger than 1 MB; then one member after the other is cut to
    its own limit until the event fits. One that is still larger is kept as it is then: CloudTrail
    tells of an error, and not of what becomes of the event.

    Args:
      context: the eventContext; None: it has none.
    """
    if record.raw:
        return record.raw
    limits = dict(_UNCUT)
    text = _text(record, limits, context)
    for name, limit in MEMBER_MAX.items():
        if len(text) <= LARGE_EVENT_MAX:
            break
        limits[name] = limit
        text = _text(record, limits, context)
    return text


def _text(
    record: AuditRecord, limits: Mapping[str, int], context: dict[str, Any] | None = None
) -> str:
    at = timestamp(record.time_ns // NS_PER_SECOND)

    def part(name: str, value: dict[str, Any] | None) -> str:
        return f',"{name}":{_bounded(name, value, limits[name])}'

    version = EVENT_VERSIONS.get(record.source, EVENT_VERSION)
    head = (
        f'{{"eventVersion":"{version if context is None else CONTEXT_VERSION}",'
        f'"userIdentity":{_identity_text(record, at)},'
        f'"eventTime":"{at}","eventSource":{_quote(record.source)},'
        f'"eventName":{_quote(record.name)},"awsRegion":{_quote(record.region)},'
        f'"sourceIPAddress":{_quote(record.source_ip)},'
        f'"userAgent":{_quote(record.user_agent[: limits["userAgent"]])}'
    )
    parts = [head]
    if record.error_code:
        parts.append(f',"errorCode":{_quote(record.error_code[: limits["errorCode"]])}')
        if record.error_message:
            message = record.error_message[: limits["errorMessage"]]
            parts.append(f',"errorMessage":{_quote(message)}')
    parts.append(part("requestParameters", record.request_parameters))
    parts.append(part("responseElements", record.response_elements))
    if record.additional is not None:
        parts.append(part("additionalEventData", record.additional))
    if record.request_id:
        parts.append(f',"requestID":{_quote(record.request_id[: limits["requestID"]])}')
    read_only = "true" if record.read_only else "false"
    parts.append(f',"eventID":"{record.event_id}","readOnly":{read_only}')
    if record.resources or record.name in SHOWN_EMPTY:
        parts.append(f',"resources":[{",".join(map(_resource_text, record.resources))}]')
    parts.append(_kind_text(record))
    if record.service_event is not None:
        parts.append(part("serviceEventDetails", record.service_event))
    parts.append(f',"eventCategory":"{record.category}"')
    if record.addendum:
        parts.append(f',"addendum":{{"reason":"{record.addendum}"}}')
    parts.append(_connection_text(record))
    if context is not None:
        parts.append(part("eventContext", context))
    parts.append("}")
    return "".join(parts)


def _kind_text(record: AuditRecord) -> str:
    """Return the members that tell what kind of event it is, and for whom."""
    version = API_VERSIONS.get(record.source, "") if record.event_type != SERVICE_EVENT else ""
    version = f',"apiVersion":"{version}"' if version else ""
    management = "true" if record.category == "Management" else "false"
    shared = record.shared_event_id
    shared = f',"sharedEventID":"{shared}"' if shared else ""
    return (
        f',"eventType":"{record.event_type}"{version},"managementEvent":{management},'
        f'"recipientAccountId":"{recipient(record)}"{shared}'
    )


def to_json(record: AuditRecord) -> dict[str, Any]:
    """Return one record as the dictionary that stands in a delivered file."""
    shape: dict[str, Any] = json.loads(json_text(record))
    return shape
