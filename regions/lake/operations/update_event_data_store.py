"""UpdateEventDataStore: other settings of an event data store; what is not given stays.

Source: CloudTrail API Reference, UpdateEventDataStore; User Guide, "Update an event data store".
"""

from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterException
from regions.lake.changes import EventDataStore
from regions.lake.desk import LakeDesk, on_store
from regions.lake.errors import InvalidEventDataStoreCategoryException
from regions.lake.shapes import show_store
from regions.lake.store_rules import check_name, check_retention, read_selectors
from regions.lake.stores import FIXED, OF_CALLS, category_of, reselected
from regions.service.operation import Values
from regions.trail.operation import refuse_unmodelled


def _billing(store: EventDataStore, wanted: str) -> str:
    if wanted == FIXED and store.billing != FIXED:
        raise InvalidParameterException("BillingMode cannot be changed to FIXED_RETENTION_PRICING.")
    return wanted


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "OrganizationEnabled")
    store = desk.store(parameters["EventDataStore"])
    name = parameters.get("Name", store.name)
    if name != store.name:
        check_name(desk, name)
    billing = _billing(store, parameters.get("BillingMode", store.billing))
    changed = replace(
        store,
        name=name,
        updated_ns=desk.now_ns,
        multi_region=parameters.get("MultiRegionEnabled", store.multi_region),
        retention_days=check_retention(
            parameters.get("RetentionPeriod", store.retention_days), billing
        ),
        protected=parameters.get("TerminationProtectionEnabled", store.protected),
        billing=billing,
        kms_key_id=parameters.get("KmsKeyId", store.kms_key_id),
    )
    if parameters.get("AdvancedEventSelectors"):
        selectors = read_selectors(parameters["AdvancedEventSelectors"])
        changed = reselected(changed, selectors, desk.now_ns)
        before, after = category_of(store), category_of(changed)
        if before != after and not {before, after} <= OF_CALLS:
            raise InvalidEventDataStoreCategoryException(
                f"Event data store {store.name} is for events of category {before}."
            )
    desk.change(changed)
    return show_store(desk, changed) | {"FederationStatus": "DISABLED"}


OPERATION = on_store(
    "UpdateEventDataStore",
    _perform,
    key_of=lambda parameters: parameters.get("KmsKeyId", ""),
)
