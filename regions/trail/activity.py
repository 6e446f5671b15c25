"""Recorded activity: an event that another service once logged, taken in as it was.

The replay workload hands such records to the Trail actor of their region (``Publish``), so that
history and trails see them beside the records of our own calls.
What does not belong here: re-issuing a KMS call (the replay workload does that instead).
Source: CloudTrail User Guide, "CloudTrail record contents".
"""

import json
from collections.abc import Mapping
from typing import Any

from regions.calls import Principal
from regions.trail.record import AuditRecord, Resource, timestamp
from sim.units import NS_PER_SECOND


def _principal(identity: Mapping[str, Any], account: str) -> Principal:
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return Principal(
        kind=identity.get("type", "AWSService"),
        account=identity.get("accountId", account),
        arn=identity.get("arn", ""),
        principal_id=identity.get("principalId", ""),
        user_name=identity.get("userName", "") or issuer.get("userName", ""),
        access_key_id=identity.get("accessKeyId", ""),
        issuer_arn=issuer.get("arn", ""),
        invoked_by=identity.get("invokedBy", ""),
    )


def activity(event: Mapping[str, Any], *, time_ns: int) -> AuditRecord:
    """Return a logged event as a record that takes place now and keeps its own JSON.

    Args:
      event: one element of a file's ``Records``.
      time_ns: calendar nanoseconds of the simulated moment; ``eventTime`` is set to its second,
        every other field stays as it was, in its order.

    Raises:
      KeyError: a field that every event has is missing.
    """
    account = event.get("recipientAccountId") or event["userIdentity"].get("accountId", "")
    at = timestamp(time_ns // NS_PER_SECOND)
    raw = json.dumps({**event, "eventTime": at}, ensure_ascii=False, separators=(",", ":"))
    resources = tuple(
        Resource(
            arn=entry.get("ARN", ""),
            account=entry.get("accountId", account),
            kind=entry.get("type", ""),
        )
        for entry in event.get("resources") or ()
    )
    return AuditRecord(
        event_id=event["eventID"],
        request_id=event.get("requestID") or "",
        time_ns=time_ns,
        source=event["eventSource"],
        name=event["eventName"],
        region=event["awsRegion"],
        principal=_principal(event["userIdentity"], account),
        source_ip=event.get("sourceIPAddress") or "",
        user_agent=event.get("userAgent") or "",
        resources=resources,
        error_code=event.get("errorCode") or "",
        read_only=bool(event.get("readOnly", False)),
        event_type=event["eventType"],
        recipient_account=account,
        category=event.get("eventCategory", "Management"),
        raw=raw,
    )
