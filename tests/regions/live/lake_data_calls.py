"""A call of every operation of CloudTrail's data service by boto3; named as boto3 names it."""

import json
import time

import pytest
from botocore.exceptions import ClientError
from stand import ACCOUNT, Stand

_OUTSIDE = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]


def _channel(at: Stand) -> str:
    """Return the ARN of a channel to a store that takes events in."""
    store = at.cloudtrail.create_event_data_store(
        Name=at.name("outside"), AdvancedEventSelectors=_OUTSIDE
    )["EventDataStoreArn"]
    deadline = time.monotonic() + 120
    while at.cloudtrail.get_event_data_store(EventDataStore=store)["Status"] != "ENABLED":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    made = at.cloudtrail.create_channel(
        Name=at.name("channel"), Source="Custom",
        Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}],
    )  # fmt: skip
    return str(made["ChannelArn"])


def put_audit_events(at: Stand) -> None:
    data = {
        "version": "1.0", "userIdentity": {"type": "Custom", "principalId": "joe"},
        "eventSource": "shop.example.com", "eventName": "Sold", "UID": "1",
        "eventTime": "2026-01-01T00:00:00Z", "recipientAccountId": ACCOUNT,
    }  # fmt: skip
    answer = at.client("cloudtrail-data").put_audit_events(
        channelArn=_channel(at), auditEvents=[{"id": "1", "eventData": json.dumps(data)}]
    )
    assert (answer["failed"], answer["successful"][0]["id"]) == ([], "1")
    with pytest.raises(ClientError, match=r"\(InvalidChannelARN\)"):
        at.client("cloudtrail-data").put_audit_events(
            channelArn="arn:x", externalId="me", auditEvents=[{"id": "1", "eventData": "{}"}]
        )


