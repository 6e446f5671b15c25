"""How event data stores, selectors and channels read in answers.

What does not belong here: which values are acceptable beyond their shape (operations/).
Source: CloudTrail API Reference, EventDataStore, AdvancedEventSelector and Channel.
"""

from typing import Any

from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk, shown_tags
from regions.lake.stores import status
from regions.trail.selector_rules import shown_advanced
from regions.trail.selectors import AdvancedSelector
from sim.units import NS_PER_SECOND


def show_selectors(selectors: tuple[AdvancedSelector, ...]) -> list[dict[str, Any]]:
    """Return advanced event selectors as answers show them."""
    # Of a store each has a name member, empty or not.
    return [{"Name": each.name, **shown_advanced(each)} for each in selectors]


def show_store(desk: LakeDesk, store: EventDataStore, *, tags: bool = False) -> dict[str, Any]:
    """Return an event data store as Create-, Get-, Update- and RestoreEventDataStore answer."""
    body: dict[str, Any] = {
        "EventDataStoreArn": desk.arn_of(store),
        "Name": store.name,
        "Status": status(store, desk.now_ns),
        "AdvancedEventSelectors": show_selectors(store.selectors[-1].advanced),
        "MultiRegionEnabled": store.multi_region,
        "OrganizationEnabled": False,
        "RetentionPeriod": store.retention_days,
        "TerminationProtectionEnabled": store.protected,
        "CreatedTimestamp": seconds_of(store.created_ns),
        "UpdatedTimestamp": seconds_of(store.updated_ns or store.created_ns),
        "BillingMode": store.billing,
    }
    if store.kms_key_id:
        body["KmsKeyId"] = store.kms_key_id
    if tags:
        body["TagsList"] = shown_tags(store.tags)
    return body


def seconds_of(time_ns: int) -> float:
    """Return a calendar time as answers have it: seconds since 1970, to the millisecond."""
    return time_ns // 1_000_000 / (NS_PER_SECOND // 1_000_000)
