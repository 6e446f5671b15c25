"""One event from outside AWS: what it must have, and how it stands in an event data store.

What does not belong here: the call that brings it (operations/put_audit_events.py).
Source: CloudTrail User Guide, "CloudTrail Lake integrations event schema"; codes of refusals as
the Data API Reference lists them; texts are our own.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from regions.lake.changes import Channel
from regions.lake.desk import LakeDesk
from regions.lake.events import StoredEvent
from regions.lake.stores import channel_arn
from regions.trail.record import timestamp
from regions.trail.selectors import ACTIVITY
from sim.units import NS_PER_SECOND

#: Members that eventData must have, and their longest texts. Source: the schema.
REQUIRED: Final[Mapping[str, int]] = {
    "version": 256,
    "userIdentity": 0,
    "eventSource": 64,
    "eventName": 1024,
    "eventTime": 64,
    "UID": 255,
    "recipientAccountId": 12,
}
VERSION: Final = "1.0"


class Refused(Exception):
    """One event that is not taken, while others of its call may be."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def read_event(
    desk: LakeDesk, channel: Channel, given: Mapping[str, Any], event_id: str
) -> StoredEvent:
    """Return an event as it is stored.

    Raises:
      Refused: it has no data, lacks a member, has one that is too long, has another checksum, or
        is of an account that the channel does not belong to.
    """
    text = given["eventData"]
    checksum = base64.b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).decode()
    if given.get("eventDataChecksum", checksum) != checksum:
        raise Refused("InvalidChecksum", "eventDataChecksum is not that of eventData.")
    data = _data(text)
    if data["recipientAccountId"] != channel.account:
        raise Refused("InvalidRecipient", "recipientAccountId is not the channel's account.")
    if data["eventSource"].endswith(".amazonaws.com"):
        raise Refused("InvalidEventSource", "eventSource is one of an AWS service.")
    at = timestamp(desk.now_ns // NS_PER_SECOND)
    arn = channel_arn(desk.region, channel.account, channel.channel_id)
    event = {
        "eventVersion": VERSION,
        "eventCategory": ACTIVITY,
        "eventType": "ActivityLog",
        "eventID": event_id,
        "eventTime": at,
        "awsRegion": desk.region,
        "recipientAccountId": data["recipientAccountId"],
        "metadata": {"ingestionTime": at, "channelARN": arn},
        "eventData": data,
    }
    written = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return StoredEvent(event_id=event_id, time_ns=desk.now_ns, text=written)


def _data(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refused("InvalidData", "eventData is no JSON object.")
    for member, longest in REQUIRED.items():
        if member not in data:
            raise Refused("FieldNotFound", f"eventData has no {member}.")
        if longest and not isinstance(data[member], str):
            raise Refused("InvalidData", f"{member} is no text.")
        if longest and len(data[member]) > longest:
            raise Refused("FieldTooLong", f"{member} has more than {longest} characters.")
    identity = data["userIdentity"]
    if not isinstance(identity, dict) or not {"type", "principalId"} <= identity.keys():
        raise Refused("FieldNotFound", "userIdentity has no type or no principalId.")
    return data
