"""Who else hears of a call: the accounts that own what it used, each by a copy of its record.

The caller's account gets the record as the service made it; the owner of a resource gets a copy
that says of the caller only which account he is of. The copies have one sharedEventID in common
and an eventID each, which derive from the first one's: so a record that comes twice is still known.
A call that was denied is nobody's business but the caller's.
What does not belong here: which trail wants a copy (trails.py), and making records (the services).
Source: CloudTrail User Guide, sharedEventID and recipientAccountId; AWS KMS Developer Guide,
"Logging AWS KMS API calls": cross-account calls are logged in both accounts, denied ones in the
caller's alone; IAM User Guide, "Logging IAM and AWS STS API calls" (identity of the copy).
"""

from hashlib import blake2b
from typing import Final

from regions.calls import Principal
from regions.trail.record import AWS_INTERNAL, AuditRecord, recipient
from sim.quick import changed

#: Calls that were denied. Source: as services record them.
DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def copies(record: AuditRecord) -> tuple[AuditRecord, ...]:
    """Return a record as each account receives it, the caller's first.

    Whoever calls with a service's own authority leaves a record with the service too, which is no
    account of the model: its record has a sharedEventID as well.
    """
    account = recipient(record)
    for resource in record.resources:
        if resource.account and resource.account != account:
            break
    else:
        if not _is_of_a_service(record):
            return (record,)
    if record.raw or record.shared_event_id or record.error_code in DENIED:
        return (record,)
    shared = derived(record.event_id, "shared")
    owners = dict.fromkeys(one.account for one in record.resources if one.account)
    return (
        changed(record, shared_event_id=shared),
        *(_copy(record, shared, owner) for owner in owners if owner != account),
    )


def _is_of_a_service(record: AuditRecord) -> bool:
    """Say whether a service called with its own authority, not the provider within itself."""
    caller = record.principal
    return caller.kind == "AWSService" and caller.invoked_by != AWS_INTERNAL


def _copy(record: AuditRecord, shared: str, owner: str) -> AuditRecord:
    caller = record.principal
    shown = Principal(
        kind="AWSAccount",
        account=caller.account,
        arn="",
        principal_id=caller.principal_id,
        invoked_by=caller.invoked_by,
    )
    if caller.kind == "AWSService":
        shown = caller
    return changed(
        record,
        event_id=derived(record.event_id, owner),
        shared_event_id=shared,
        principal=shown,
        recipient_account=owner,
    )


def derived(event_id: str, purpose: str) -> str:
    """Return the UUID that stands for one purpose beside an event's own."""
    seed = f"{event_id} {purpose}".encode()
    text = blake2b(seed, digest_size=16, person=b"event copy").hexdigest()
    variant = "89ab"[int(text[16], 16) % 4]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
