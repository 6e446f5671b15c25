"""CreateEventDataStore: a store of events that takes them in from now on.

Source: CloudTrail API Reference, CreateEventDataStore; User Guide, "Create an event data store".
"""

from typing import Any

from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk, on_any, tags_of
from regions.lake.shapes import show_store
from regions.lake.store_rules import check_name, check_retention, check_room, read_selectors
from regions.lake.stores import (
    DEFAULT_SELECTOR,
    EXTENDABLE,
    FIXED,
    RETENTION_DEFAULT,
    RETENTION_FIXED,
    ingesting,
    reselected,
)
from regions.service.operation import Values
from regions.trail.operation import refuse_unmodelled


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "OrganizationEnabled")
    check_name(desk, parameters["Name"])
    check_room(desk)
    billing = parameters.get("BillingMode", EXTENDABLE)
    usual = RETENTION_FIXED if billing == FIXED else RETENTION_DEFAULT
    retention = check_retention(parameters.get("RetentionPeriod", usual), billing)
    given = parameters.get("AdvancedEventSelectors")
    selectors = (DEFAULT_SELECTOR,) if not given else read_selectors(given)
    store = EventDataStore(
        store_id=desk.rng("event-data-store").uuid(),
        account=desk.account,
        name=parameters["Name"],
        created_ns=desk.now_ns,
        multi_region=parameters.get("MultiRegionEnabled", True),
        retention_days=retention,
        protected=parameters.get("TerminationProtectionEnabled", True),
        billing=billing,
        kms_key_id=parameters.get("KmsKeyId", ""),
        tags=tags_of(parameters.get("TagsList", ())),
    )
    store = reselected(store, selectors, desk.now_ns)
    if parameters.get("StartIngestion", True):
        store = ingesting(store, desk.now_ns, on=True)
    desk.change(store)
    return show_store(desk, store, tags=True)


OPERATION = on_any(
    "CreateEventDataStore",
    _perform,
    tags="TagsList",
    key_of=lambda parameters: parameters.get("KmsKeyId", ""),
)
