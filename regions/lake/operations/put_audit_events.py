"""PutAuditEvents: events from outside AWS, each taken or refused by itself.

Source: CloudTrail Data API Reference, PutAuditEvents.
"""

from dataclasses import replace
from typing import Any, Final

from regions.errors import ValidationException
from regions.lake.audit_events import Refused, read_event
from regions.lake.changes import Channel
from regions.lake.desk import LakeDesk, LakeOperation, wanted
from regions.lake.errors import (
    ChannelARNInvalidException,
    ChannelNotFound,
    ChannelNotFoundException,
    ChannelUnsupportedSchema,
    DuplicatedAuditEventId,
    InvalidChannelARN,
)
from regions.lake.events import StoredEvent
from regions.lake.stores import ENABLED, status
from regions.service.operation import Values, Wanted

#: Bytes of all events of one call. Source: User Guide.
BYTES_MAX: Final = 1_048_576


def _find(desk: LakeDesk, parameters: Values) -> Channel:
    try:
        return desk.channel(parameters["channelArn"])
    except ChannelARNInvalidException as error:
        raise InvalidChannelARN(error.message) from error
    except ChannelNotFoundException as error:
        raise ChannelNotFound(error.message) from error


def _wants(desk: LakeDesk, parameters: Values) -> Wanted:
    needed = wanted(desk, "PutAuditEvents", _find(desk, parameters))
    keys: dict[str, str | tuple[str, ...]] = {}
    if "externalId" in parameters:
        keys["cloudtrail:externalid"] = parameters["externalId"]
    return replace(needed, action="cloudtrail-data:PutAuditEvents", keys=keys)


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    channel, given = _find(desk, parameters), parameters["auditEvents"]
    ids = [each["id"] for each in given]
    if len(set(ids)) < len(ids):
        raise DuplicatedAuditEventId("Two audit events have the same id.")
    size = sum(len(each["eventData"].encode("utf-8", "replace")) for each in given)
    if size > BYTES_MAX:
        raise ValidationException(f"auditEvents have {size} bytes; expected at most {BYTES_MAX}")
    stores = [desk.state.stores[store] for store in channel.stores if store in desk.state.stores]
    open_stores = [store for store in stores if status(store, desk.now_ns) == ENABLED]
    if not open_stores:
        raise ChannelUnsupportedSchema("No event data store of the channel takes events in.")
    taken: list[StoredEvent] = []
    failed, successful = [], []
    for each in given:
        event_id = desk.rng("audit-event").uuid()
        channel = replace(channel, attempt_ns=desk.now_ns, attempt_id=event_id)
        try:
            taken.append(read_event(desk, channel, each, event_id))
        except Refused as error:
            channel = replace(channel, error_code=error.code)
            failed.append({"id": each["id"], "errorCode": error.code, "errorMessage": str(error)})
            continue
        channel = replace(channel, success_ns=desk.now_ns, success_id=event_id, error_code="")
        successful.append({"id": each["id"], "eventID": event_id})
    desk.change(channel)
    assert desk.files is not None, "a lake has files"
    for store in open_stores:
        desk.files.add(store.store_id, taken, desk.now_ns)
    return {"failed": failed, "successful": successful}


OPERATION = LakeOperation(
    name="PutAuditEvents", perform=_perform, read_only=False, wants=_wants, recorded=False
)
